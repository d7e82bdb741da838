package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts where the natives are not unpacked yet: 400 MB each time. */
@Tag("soak")
class FirstStartTest {
    @Test
    void threeFirstStartsAtOnceDoNotDisturbEachOther(@TempDir Path cache, @TempDir Path results) throws Exception {
        List<ProcessRun> runs = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                runs.add(ProcessRun.onSample(
                        cachedIn(cache), "prob6", results.resolve("run" + i), "--only", "plain", "--epochs", "1"));
            }
            for (ProcessRun run : runs) assertEquals(0, run.status(), run.output());
        } finally {
            runs.forEach(ProcessRun::close);
        }
    }

    @Test
    void aKilledFirstStartDoesNotHinderTheNext(@TempDir Path cache, @TempDir Path results) throws Exception {
        Random random = new Random(1);
        int killedEarly = 0;
        for (int i = 0; i < 10; i++) {
            Path own = Files.createDirectory(cache.resolve("cache" + i));
            try (ProcessRun first =
                    ProcessRun.onSample(cachedIn(own), "prob6", results, "--only", "plain", "--epochs", "1")) {
                Thread.sleep(300 + random.nextLong(1500));
                first.signal("KILL");
                if (first.status() != 0 && !first.output().contains("images; cpu")) killedEarly++;
            }
            try (ProcessRun second =
                    ProcessRun.onSample(cachedIn(own), "prob6", results, "--only", "plain", "--epochs", "1")) {
                assertEquals(0, second.status(), second.output());
            }
            try (var files = Files.walk(own)) { // make room for the next
                files.filter(Files::isRegularFile).forEach(file -> file.toFile().delete());
            }
        }
        assertTrue(killedEarly >= 5, "only " + killedEarly + " of 10 were killed while unpacking");
        System.out.println(killedEarly + " first starts killed while unpacking");
    }

    private static List<String> cachedIn(Path folder) {
        return List.of("-Dorg.bytedeco.javacpp.cachedir=" + folder);
    }
}
