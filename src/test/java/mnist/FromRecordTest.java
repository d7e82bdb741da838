package mnist;

import static mnist.ResumeTest.assertSameResults;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repeats runs from nothing but their records. */
@Tag("long")
class FromRecordTest implements UsesLibTorch {
    @Test
    void aRecordSufficesToRepeatARunToTheBitInAnotherProcess(@TempDir Path first, @TempDir Path second)
            throws Exception {
        Map<String, String> models = new LinkedHashMap<>();
        models.put(
                "prob4 --epochs 1 --momentum 0.3 --batch-size 32 --train-size 160 --test-size 50 --threads 1",
                "mnist_cnn");
        models.put("prob5 --epochs 2 --lr 0.002 --seed 5 --train-size 256 --test-size 50", "mnist_ae");
        models.put(
                "prob6 --only skip-noisy --noise 0.1 --epochs 2 --train-size 256 --test-size 50",
                "mnist-cae-skip-noisy");
        List<List<String>> repeated = new ArrayList<>();
        models.forEach((command, model) -> {
            String[] words = command.split(" ", 2);
            CommandLineRun run = CommandLineRun.onSample(words[0], first, words[1].split(" "));
            assertEquals(0, run.status(), run.err());
            String record = first.resolve("saved").resolve(model + ".json").toString();
            repeated.add(List.of(words[0], "--from-record", record));
        });
        try (ProcessRun run = ProcessRun.severalOnSample(second, repeated)) {
            assertEquals(0, run.status(), run.output());
        }
        assertSameResults(first, second, models.values().toArray(String[]::new));
    }

    @Test
    void variantsAfterItReplaceThoseOfTheRecord(@TempDir Path folder) {
        CommandLineRun first = CommandLineRun.onSample(
                "prob6", folder, "--only plain --epochs 1 --train-size 64 --test-size 50".split(" "));
        assertEquals(0, first.status(), first.err());
        String record = folder.resolve("saved/mnist_cae.json").toString();
        CommandLineRun run =
                CommandLineRun.onSample("prob6", folder.resolve("again"), "--from-record", record, "--only", "skip");
        assertEquals(0, run.status(), run.err());
        assertEquals(CommandLineRun.filesOf("mnist-cae-skip"), CommandLineRun.names(folder.resolve("again/saved")));
    }

    @Test
    void optionsAfterItOverrideTheRecord(@TempDir Path folder) throws IOException {
        assertEquals(
                0,
                CommandLineRun.onSample(
                                "prob6",
                                folder,
                                "--only plain --epochs 1 --seed 7 --train-size 64 --test-size 50".split(" "))
                        .status());
        String record = folder.resolve("saved/mnist_cae.json").toString();
        CommandLineRun run = CommandLineRun.onSample("prob6", folder, "--from-record", record, "--epochs", "2");
        assertEquals(0, run.status(), run.err());
        assertTrue(run.out().contains("epoch  2/2"), run.out());
        assertEquals(
                7,
                CommandLineRun.record(folder, "mnist_cae")
                        .getAsJsonObject("options")
                        .get("seed")
                        .getAsInt());
    }
}
