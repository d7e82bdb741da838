package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks at the memory of runs. */
class MemoryTest implements UsesLibTorch {
    @Test
    void aWholeRunLeavesNoNativeObjectBehind(@TempDir Path folder) {
        long[] left = new long[2];
        for (int i = 0; i < 2; i++) { // the first also loads what stays
            long before = Pointer.totalCount();
            for (String problem : List.of("prob4", "prob5", "prob6")) {
                assertEquals(
                        0,
                        CommandLineRun.onSample(
                                        problem, folder, "--epochs", "2", "--train-size", "256", "--test-size", "50")
                                .status());
            }
            left[i] = Pointer.totalCount() - before;
        }
        // Below 0 where garbage of other tests was collected meanwhile; one object a step would leave more than 30.
        assertTrue(left[1] <= 0, left[1] + " native objects are left");
    }

    /**
     * Fixes what the JVM itself takes, so that what grows is native: a heap that is there from the start, and no
     * compiler.
     */
    private static final List<String> JVM_FIXED =
            List.of("-Xint", "-Xms128m", "-Xmx128m", "-Xmn32m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");

    @Test
    @Tag("soak")
    void residentMemoryStaysFlatOverFiftyEpochs(@TempDir Path folder) throws Exception {
        for (String only : List.of("plain", "skip-noisy")) {
            List<Long> kilobytes = new ArrayList<>();
            try (ProcessRun run = ProcessRun.onSample(
                    JVM_FIXED, "prob6", folder, "--only", only, "--epochs", "50", "--batch-size", "2")) {
                for (int epoch = 1; epoch <= 50; epoch++) {
                    run.awaitOutput(String.format("epoch %2d/50", epoch));
                    kilobytes.add(residentKilobytes(run.pid()));
                }
                assertEquals(0, run.status(), run.output());
            }
            System.out.println(only + ", resident MB after each epoch: "
                    + kilobytes.stream().map(kb -> kb / 1024).toList());
            double growth =
                    (double) kilobytes.get(48) / kilobytes.get(1) - 1; // after the last one the models are saved
            assertTrue(growth < 0.01, only + " grew by " + 100 * growth + " %");
        }
    }

    static long residentKilobytes(long pid) throws Exception {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
