package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
class CheckGpuTest {
    @TempDir
    private Path folder;

    @Test
    void withTheCpuInTheGpusPlaceEveryCheckIsDoneAndNothingDiffers() throws Exception {
        Path report = folder.resolve("GPU.md");
        try (ProcessRun run = ProcessRun.of(
                List.of(),
                "check-gpu",
                "--device",
                "cpu",
                "--data-dir",
                UsesLibTorch.SAMPLE.toString(),
                "--unverified-data",
                "--test-size",
                "50",
                "--python",
                "/nowhere/python3",
                "--report",
                report.toString())) {
            assertEquals(0, run.status(), run.output());
        }
        String table = Files.readString(report);
        assertTrue(table.contains("The CPU stood in for the GPU"), table);
        assertFalse(table.contains("FAILED"), table);
        assertEquals(
                6,
                Pattern.compile("CPU and GPU \\| ok \\| .* first step 0\\.0e\\+00 .*, first 4 steps 0\\.0e\\+00 ")
                        .matcher(table)
                        .results()
                        .count(),
                table);
        assertTrue(
                table.contains("| resumed run | ok | weights: repeated run the same bits, resumed run the same"),
                table);
        assertTrue(
                Pattern.compile("\\| two ranks \\| ok \\| Gloo; ")
                        .matcher(table)
                        .find(),
                table);
        assertTrue(table.contains("| opened on the CPU in Java | ok | 12 files; "), table);
        assertTrue(
                table.contains("| opened on the CPU in Python | skipped | /nowhere/python3 has no PyTorch |"), table);
        assertTrue(Pattern.compile("\\| mnist_cae, images/s \\| measured \\| Java on the CPU [0-9,]+")
                .matcher(table)
                .find());
    }
}
