package mnist.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import mnist.check.Report.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @Test
    void aCheckThatThrowsHasFailedAndTheOthersAreWritten(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("GPU.md");
        Report report = new Report(file, "cuda");
        report.add("versions", () -> Result.measured("%d", 2));
        report.add("ranks", () -> Result.skipped("there is one GPU"));
        assertTrue(report.isOk());
        report.add("losses", () -> {
            throw new IllegalStateException("CUDA error\nframe");
        });
        assertFalse(report.isOk());
        String table = Files.readString(file);
        assertTrue(table.endsWith("""
                        | versions | measured | 2 |
                        | ranks | skipped | there is one GPU |
                        | losses | FAILED | CUDA error |
                        """), table);
        assertFalse(table.contains("stood in"), table);
    }

    @Test
    void lossesMayDriftButMustStartTheSame() {
        double[] cpu = {2, 1, 0.5};
        assertEquals(
                "relative difference of the losses: first step 5.0e-06 (at most 1e-5), "
                        + "first 3 steps 1.0e-03 (at most 1e-2)",
                Training.compare(cpu, new double[] {2.00001, 1.001, 0.5}).text());
        assertEquals(
                "ok", Training.compare(cpu, new double[] {2.00001, 1.001, 0.5}).outcome());
        assertEquals(
                "FAILED", Training.compare(cpu, new double[] {2.0001, 1, 0.5}).outcome());
        assertEquals("FAILED", Training.compare(cpu, new double[] {2, 1, 0.51}).outcome());
        assertEquals(
                "FAILED",
                Training.compare(cpu, new double[] {2, Double.NaN, 0.5}).outcome());
    }

    @Test
    void theFirstEpochDoesNotCountForSpeed() {
        assertEquals(2, Training.medianAfterTheFirst(new double[] {9, 1, 3, 2}));
    }
}
