package mnist.report;

import static mnist.report.Records.CNN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Gives problem 4 other numbers than were measured, and reads what the report then says. */
class Problem4TextTest extends ChangedRecords {
    private void setConfusions(String... seeds) {
        if (seeds.length > 1) records.setSeeds(CNN, "metrics/testLoss", new double[seeds.length]);
        records.set(CNN, "metrics/confusion", seeds[0]);
        for (int i = 1; i < seeds.length; i++)
            records.set(CNN, "replicates/" + (i - 1) + "/metrics/confusion", seeds[i]);
    }

    @Test
    void outputSizesAreThoseOfTheExercise() {
        records.page() // by hand
                .says(
                        "(a) | convolution | 4 | 1 | 1 | 49 × 49 |",
                        "(b) | convolution | 8 | 5 | 0 | 9 × 9 |",
                        "(c) | max pooling | 10 | 2 | 2 | 23 × 23 |",
                        "(d) | max pooling | 2 | 1 | 0 | 49 × 49 |");
    }

    @Test
    void theSettingsOfTheProvidedCodeAreSaidToBeThoseOnlyWhereTheyAre() {
        records.page().says("batches of 64, as in the provided code.");
        records.set(CNN, "options/momentum", 0.9);
        records.page().lacks("as in the provided code");
    }

    @Test
    void confusionsAreCountedAndCalledWhatTheyAre() {
        setConfusions("[[90, 10], [1, 99]]");
        records.page()
                .says(
                        "is of 0s taken for 1s, 10 times; if all 2 confusions were alike, each would happen 5.5 times.",
                        "0→1 is shown to happen more often than its reverse", // p = 24 of 2048
                        " It concerns one 0 in 10.",
                        "Errors gather in 1 (10 other images are taken for it, 1 of its own for others; p = 0.023 after Bonferroni for 2 digits)",
                        "of one training",
                        "the recall is highest for 1 (99.0 %) and lowest for 0 (90.0 %) and 1 (99.0 %)",
                        "exact two-sided sign test");
        setConfusions("[[995, 5], [4, 996]]");
        records.page()
                .says(
                        "None of those in the table is shown to",
                        "No digit is shown to receive more",
                        "the largest excess is that of 1 (5 other images",
                        "Yet even this one concerns only one 0 in 200.");
        setConfusions("[[90, 0], [0, 99]]");
        Page none = records.page();
        none.says("There are no confusions at all.");
        none.lacks("The most frequent confusion");
    }

    @Test
    void confusionsOfSeveralSeedsAreComparedSeedSample() {
        // 0→1 less 1→0 is 7, 8, 9: mean 8, deviation 1, and p = 1 - t/√(2 + t²) = 0.0052 with t = 8√3; the one pair
        setConfusions("[[92, 8], [1, 99]]", "[[90, 10], [2, 98]]", "[[90, 10], [1, 99]]");
        Page often = records.page();
        often.says(
                "0→1 is shown to happen more often than its reverse",
                "in 3 of 3 seeds",
                "0 | 1 | 9.3 ± 1.2 | 9.3 % | 1.3 ± 0.6 | 0.005 | – |",
                "Student's t, paired by seed");
        often.lacks("All of this is of one training");
        // 1, 8, 15: mean 8, deviation 7, p = 0.19
        setConfusions("[[98, 2], [1, 99]]", "[[90, 10], [2, 98]]", "[[84, 16], [1, 99]]");
        records.page().says("None of those in the table is shown to");
    }

    @Test
    void aConfusionThatOneSeedTurnsAroundIsNotOneSided() {
        String most = "[[80, 20], [0, 100]]";
        setConfusions(most, most);
        records.page()
                .says(
                        "in the mean over the seeds, is of 0s taken for 1s, 20.0 ± 0.0 times;",
                        "one 0 in 5, and comes first in 2 of 2 seeds.",
                        "In the matrix shown the most frequent confusions are 0→1 (20: –)",
                        "0→1 is shown to happen more often");
    }

    @Test
    void aConfusionIsFirstInTheSeedsWhereNoneIsMoreFrequent() {
        String most = "[[80, 20], [0, 100]]";
        setConfusions(most, most, "[[99, 1], [2, 98]]");
        records.page().says("and comes first in 2 of 3 seeds.", "None of those in the table");
    }

    @Test
    void fourAndNineAreMentionedOnlyWhereTheyAreRarelyConfused() {
        int[][] counts = new int[10][10];
        for (int i = 0; i < 10; i++) counts[i][i] = 90;
        for (int i = 0; i < 5; i++) counts[i][9 - i] = 10;
        counts[4][9] = 3;
        setConfusions(Arrays.deepToString(counts));
        records.page()
                .says(
                        "not among the most frequent: 4→9 happens 3 times, 9→4 0",
                        "In both directions together, the most confused are 0 and 9 (10), 1 and 8 (10) and 2 and 7 (10).");
        counts[4][9] = 30;
        setConfusions(Arrays.deepToString(counts));
        records.page().lacks("not among the most frequent");
    }

    @Test
    void filtersAreCitedByWhatTheyRespondTo() {
        records.page()
                .says(
                        "In 2 of the 40 filters an even rise in one direction explains more than 25 % of the variance of the weights: these are called edge detectors",
                        "The clearest of those shown, with the side of the edge that has the ink, are 1 (50 %, on the right), 2 (30 %, above).");
        for (int filter = 0; filter < 2; filter++) records.set(CNN, "metrics/edges/" + filter + "/share", 0.1);
        records.page().lacks("The clearest");
    }

    @Test
    void captionsSayWhetherTheTestLossRoseAgain() {
        records.page()
                .says(
                        "Losses of the classifier in training and on the test images. The test loss is lowest after the last epoch.");
        records.set(CNN, "epochs/last/testLoss", 9);
        records.page().says("The test loss was lower in an earlier epoch than in the last.");
    }

    @Test
    void anAccuracyOfSeveralSeedsIsGivenWithThatOfTheMatrixShown() {
        records.setSeeds(CNN, "metrics/accuracy", 0.98, 0.99);
        String said = records.page().block("of the 10,000 test images are classified correctly");
        assertTrue(
                said.startsWith(
                        "98.50 ± 0.71 % of the 10,000 test images are classified correctly. With seed 1, whose errors"),
                said);
        assertEquals(1, said.split("Wilson", -1).length - 1);
    }
}
