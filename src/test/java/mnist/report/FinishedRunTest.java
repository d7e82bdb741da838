package mnist.report;

import static mnist.report.Records.AE;
import static mnist.report.Records.NOISY;
import static mnist.report.Records.PLAIN;
import static mnist.report.Records.SKIP;
import static mnist.report.Records.SKIP_NOISY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import mnist.system.UserError;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that no report can be made of are refused. */
class FinishedRunTest {
    private Records records;

    @BeforeEach
    void copyTheRecordedRuns(@TempDir Path folder) throws IOException {
        records = new Records(folder);
    }

    private static void assertSays(String text, String... parts) {
        for (String part : parts) assertTrue(text.contains(part), text);
    }

    private void assertNotComparable(String... parts) {
        ReportValues values = records.reportValues();
        assertSays(assertThrows(UserError.class, values::requireComparable).getMessage(), parts);
    }

    private void assertRefused(String... parts) {
        assertSays(assertThrows(UserError.class, records::reportValues).getMessage(), parts);
    }

    @Test
    void runsThatCannotBeComparedAreRefused() {
        records.reportValues().requireComparable();
        records.set(NOISY, "options/noise", 0.5);
        assertNotComparable("mnist-cae-skip-noisy was trained with other options", "make prob6");
        records.set(SKIP_NOISY, "options/noise", 0.5);
        records.reportValues().requireComparable();
        records.set(SKIP, "options/epochs", 3);
        assertNotComparable("mnist-cae-skip was trained with other options");
        records.set(AE, "dataset/sha256", "\"0\"");
        assertNotComparable("mnist_ae and mnist_cnn were trained on different data");
    }

    @Test
    void aRecordWithoutAMetricIsRefused() {
        records.set(PLAIN, "metrics", "{\"testLoss\": 1}");
        assertRefused("mnist_cae.json lack inputLoss");
    }

    @Test
    void aRecordOfBeforeSomethingWasMeasuredIsRefused() {
        records.set(NOISY, "metrics/measurements/axes/correlations", "[]");
        assertRefused("mnist_cae_noisy.json lack the correlations with slant");
        records.set(NOISY, "metrics/measurements/axes", "{\"correlations\": [], \"rankSilhouette\": 0}");
        assertRefused("mnist_cae_noisy.json lack measurements.axes.rankNeighbourAccuracy");
        records.set(
                AE,
                "metrics/linear",
                "{\"epochs\": 20, \"lr\": 1, \"testLoss\": 1, \"pcaTestLoss\": 1, \"angles\": []}");
        assertRefused("mnist_ae.json lack linear.eigenvalues");
    }

    @Test
    void aPageOfWhichAValueIsMissingIsNotWritten() {
        Map<String, Object> values = records.values();
        values.remove("points");
        assertSays(
                assertThrows(IllegalStateException.class, () -> Template.filled(values, false))
                        .getMessage(),
                "points",
                "macros.ftlh");
    }

    @Test
    void aNumberOfEachSeedIsFoundByItsPathInTheRecord() {
        records.setSeeds(AE, "metrics/linear/angles", 0, 0);
        records.set(AE, "metrics/linear/angles", "[1, 2]");
        records.set(AE, "replicates/0/metrics/linear/angles", "[3, 4]");
        records.setSeeds(AE, "epochs/last/trainLoss", 0.5, 0.25);
        FinishedRun<?> run = records.reportValues().ae();
        assertArrayEquals(
                new double[] {2, 4}, run.number("metrics.linear.angles.1").values());
        assertArrayEquals(
                new double[] {0.5, 0.25}, run.number("epochs.last.trainLoss").values());
        assertSays(
                assertThrows(IllegalArgumentException.class, () -> run.number("metrics.loss"))
                        .getMessage(),
                "the record has no metrics.loss");
    }
}
