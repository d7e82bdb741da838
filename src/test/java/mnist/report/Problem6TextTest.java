package mnist.report;

import static mnist.report.Records.AE;
import static mnist.report.Records.NOISY;
import static mnist.report.Records.PLAIN;
import static mnist.report.Records.SKIP;
import static mnist.report.Records.SKIP_NOISY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import mnist.study.Ablations;
import org.junit.jupiter.api.Test;

/** Gives problem 6 other numbers than were measured, and reads what the report then says. */
class Problem6TextTest extends ChangedRecords {
    @Test
    void ofOneSeedNothingIsClaimed() {
        records.set(PLAIN, "metrics/testLoss", 0.04);
        records.set(SKIP, "metrics/testLoss", 0.002);
        Page page = records.page();
        page.says(
                "With skip connections the test error was lower by a factor of 20 (row 1),",
                "All results are of one seed.",
                "nothing is concluded");
        assertTrue(page.row(1).endsWith("× 0.050 | – | – | – | 1 of 1 |"), page.row(1));
        page.lacks(
                "smaller error",
                "do not help",
                "hardly uses the code",
                "the code matters",
                "means ± standard deviations");
    }

    @Test
    void ofTwoSeedsADifferenceIsClaimedWhereTheyAgreeClosely() {
        records.setTestLosses(PLAIN, 0.04, 0.0404);
        records.setTestLosses(SKIP, 0.002, 0.00202); // the same ratio: no deviation at all
        records.setTestLosses(NOISY, 0.04, 0.0404);
        records.setTestLosses(SKIP_NOISY, 0.002, 0.03);
        Page page = records.page();
        page.says(
                "Each variant was trained with 2 seeds",
                "With so few seeds they are wide.",
                "With skip connections the test error is lower by a factor of 20 (row 1)",
                "The smaller error measures how well",
                "with skip connections the test error is not shown to differ (row 7)");
        page.lacks("All results are of one seed", "follows the strokes");
        assertTrue(page.row(1).endsWith("| < 0.001 | < 0.001 | 2 of 2 |"), page.row(1));
    }

    @Test
    void skipConnectionsAreSaidToHelpWhereAllSeedsShowIt() {
        records.setTestLosses(PLAIN, 0.04, 0.042, 0.041);
        records.setTestLosses(SKIP, 0.002, 0.0021, 0.002);
        Page page = records.page();
        page.says(
                "The smaller error measures how well",
                "With skip connections the test error is lower by a factor of 20 (row 1),",
                "3 seeds",
                "p < 0.05");
        assertTrue(page.row(1).contains("| × 0.050 | 0.048 to 0.051 |"), page.row(1));
        assertTrue(page.row(1).endsWith("3 of 3 |"), page.row(1));
    }

    @Test
    void skipConnectionsAreSaidToHarmWhereAllSeedsShowIt() {
        records.setTestLosses(PLAIN, 0.04, 0.042, 0.041);
        records.setTestLosses(SKIP, 0.05, 0.0525, 0.0512);
        Page page = records.page();
        page.says("the test error is 25 % higher (row 1)", "The connections do not help here.");
        page.lacks("smaller error");
    }

    @Test
    void aDifferenceThatSeedsDisagreeOnIsNotClaimed() {
        records.setTestLosses(PLAIN, 0.04, 0.04, 0.04);
        records.setTestLosses(SKIP, 0.03, 0.05, 0.04);
        Page page = records.page();
        page.says("With skip connections the test error is not shown to differ (row 1)");
        assertTrue(page.row(1).contains("| × 0.979 | 0.518 to 1.849 |"), page.row(1));
        assertTrue(page.row(1).endsWith("| 1 of 3 |"), page.row(1));
        page.lacks("smaller error", "do not help");
    }

    @Test
    void theEmbeddingIsSaidToSufferFromSkipConnectionsOnlyWhereItIsShown() {
        records.setNeighbours(PLAIN, 0.649, 0.606, 0.625, 0.614);
        records.setNeighbours(SKIP, 0.350, 0.306, 0.313, 0.310); // 29.9, 30.0, 31.2 and 30.4 points less
        records.setTestLosses(SKIP, 0.002, 0.002, 0.002, 0.002);
        records.setSeeds(SKIP, "metrics/measurements/shuffledCodesLoss", 0.00201, 0.00201, 0.00201, 0.00201);
        Page worse = records.page();
        worse.says(
                "the loss hardly depends on the code",
                "the 10-NN accuracy of the embedding is 30.4 points lower (row 3)");
        assertTrue(worse.row(3).contains("| −30.4 points |"), worse.row(3));
        records.setSeeds(SKIP, "metrics/measurements/shuffledCodesLoss", 0.003, 0.003, 0.003, 0.003);
        records.page().lacks("the loss hardly depends on the code");
        records.setNeighbours(SKIP, 0.950, 0.906, 0.925, 0.914);
        records.page().says("separate the digits better", "the 10-NN accuracy of the embedding is 30.0 points higher");
        records.setNeighbours(SKIP, 0.95, 0.3, 0.92, 0.3);
        Page unclear = records.page();
        unclear.says("the 10-NN accuracy of the embedding is not shown to differ");
        unclear.lacks("the loss hardly depends on the code", "separate the digits better");
    }

    @Test
    void noiseIsNotSaidToLowerTheAccuracyWhereSeedsDoNotShowIt() {
        records.giveVariantsSeeds(4);
        records.setNeighbours(PLAIN, 0.649, 0.606, 0.625, 0.514);
        records.setNeighbours(NOISY, 0.469, 0.621, 0.562, 0.561);
        records.setNeighbours(SKIP, 0.35, 0.35, 0.35, 0.35);
        records.setNeighbours(SKIP_NOISY, 0.25, 0.26, 0.24, 0.25);
        records.page() // 4.5 ± 16.1 points of accuracy
                .says(
                        "the 10-NN accuracy without skip connections is not shown to differ from that without noise (row 27); with them it is 10.0 points lower (row 28).");
    }

    @Test
    void theDecoderIsSaidToIgnoreItsCodeOnlyWhereShufflingChangesNothing() {
        String shuffled = "metrics/measurements/shuffledCodesLoss";
        records.setTestLosses(PLAIN, 0.0450, 0.0452, 0.0451);
        records.setSeeds(PLAIN, shuffled, 0.0844, 0.085, 0.0846);
        records.setTestLosses(SKIP, 0.00193, 0.00191, 0.00195);
        records.setSeeds(SKIP, shuffled, 0.00196, 0.00194, 0.00197);
        records.page() // at most 2 % according to the interval
                .says(
                        "the error without skip connections is 88 % higher than that with its own (row 5); with them it is not shown to differ (row 6: × 1.014,",
                        "With skip connections the decoder hardly uses the code.",
                        "what the connections pass on, and hardly uses the code");
        records.setSeeds(SKIP, shuffled, 0.003, 0.0031, 0.003);
        Page used = records.page();
        used.says("The code matters with skip connections, too.");
        used.lacks("hardly uses the code");
        records.setSeeds(SKIP, shuffled, 0.0022, 0.0022, 0.0022);
        records.page().says("With skip connections the decoder uses the code only a little.");
        records.setSeeds(SKIP, shuffled, 0.003, 0.0011, 0.003);
        records.page().says("Whether the code matters with skip connections is not shown");
    }

    @Test
    void trainingLossesAreComparedAsTheyFell() {
        records.giveVariantsSeeds(3);
        records.setSeeds(PLAIN, "epochs/last/trainLoss", 0.02, 0.021, 0.0205);
        records.setSeeds(PLAIN, "epochs/last/testLoss", 0.01, 0.01, 0.01);
        records.setSeeds(SKIP, "epochs/last/trainLoss", 0.016, 0.016, 0.016);
        records.setSeeds(SKIP, "epochs/last/testLoss", 0.02, 0.02, 0.0201);
        records.setSeeds(SKIP, "epochs/0/trainLoss", 0.019, 0.0199, 0.0195);
        Page page = records.page();
        page.says(
                "The training loss of skip in its first epoch is 5 % lower than that of plain in its last (row 4).",
                " the largest of the seeds is 1.00 times the smallest for skip and 1.05 times for plain.", // 21 / 20
                "the training loss of the last epoch is 22 % lower (row 2)");
        page.lacks("more epochs");
        records.setSeeds(SKIP, "epochs/last/testLoss", 0.001, 0.001, 0.001);
        records.page().says("the networks would probably gain from more epochs");
        records.setSeeds(PLAIN, "epochs/4/trainLoss", 0.041, 0.041, 0.041);
        records.setSeeds(SKIP, "epochs/4/trainLoss", 0.015, 0.015, 0.015);
        records.page() // 0.0205 / 0.041 and 0.016 / 0.015
                .says("From epoch 5 to epoch 10 the mean loss of plain falls by 50 %, that of skip rises by 7 %.");
        records.setSeeds(SKIP, "epochs/0/trainLoss", 0.019, 0.025, 0.019);
        records.page().says("first epoch is not shown to differ from that of plain in its last");
    }

    @Test
    void theDenoiserIsWeighedAgainstFiltersThatNeedNoTraining() {
        records.giveVariantsSeeds(3);
        String some = "metrics/measurements/noise/3/testLoss"; // at σ = 0.3
        String filters = "metrics/measurements/filters/";
        for (String model : List.of(NOISY, SKIP_NOISY)) {
            records.setSeeds(model, filters + "clippedLoss", 0.0466, 0.0466, 0.0466);
            records.setSeeds(model, filters + "blurLoss", 0.016, 0.016, 0.016);
            records.setSeeds(model, filters + "medianLoss", 0.018, 0.018, 0.018);
        }
        records.setSeeds(NOISY, some, 0.049, 0.0495, 0.0491);
        records.setSeeds(SKIP_NOISY, some, 0.0074, 0.0075, 0.0074);
        records.page()
                .says(
                        "the error of noisy is 6 % higher than that of clipping (row ",
                        "On average the Gaussian blur is the best of the filters",
                        "that of skip-noisy is lower by a factor of 2.2 than that of the filter",
                        "worse than clipping");
        records.setSeeds(NOISY, some, 0.039, 0.0395, 0.0391);
        for (String model : List.of(NOISY, SKIP_NOISY)) records.setSeeds(model, filters + "blurLoss", 0.02, 0.02, 0.02);
        Page better = records.page();
        better.says(
                "16 % lower than that of clipping",
                "On average the median is the best of the filters", "noisy / median");
        better.lacks("worse than clipping");
    }

    @Test
    void theNoisyVariantsAreComparedOverTheSeeds() {
        records.giveVariantsSeeds(3);
        records.setTestLosses(NOISY, 0.045, 0.0452, 0.0451);
        records.setTestLosses(SKIP_NOISY, 0.009, 0.0091, 0.009);
        records.page()
                .says(
                        "follows the strokes",
                        "On noisy images, with skip connections the test error is lower by a factor of 5.0 (row 7), the training loss of the last epoch is");
        records.setTestLosses(PLAIN, 0.045, 0.0452, 0.0451);
        records.setTestLosses(SKIP, 0.009, 0.0091, 0.009);
        for (String model : List.of(PLAIN, NOISY)) records.setNeighbours(model, 0.6, 0.61, 0.605);
        for (String model : List.of(SKIP, SKIP_NOISY)) records.setNeighbours(model, 0.4, 0.408, 0.405);
        records.page()
                .says(
                        "With noise, skip connections act in the same direction as without it: the test error is lower by",
                        "with skip connections the embedding separates the digits less (row 9)");
        records.setTestLosses(SKIP_NOISY, 0.09, 0.091, 0.09);
        records.setNeighbours(SKIP_NOISY, 0.8, 0.808, 0.805);
        records.page()
                .says(
                        "On noisy images, with skip connections the test error is higher by a factor of 2.0",
                        "pass on noise",
                        "with skip connections the embedding separates the digits better (row 9)");
        records.setTestLosses(SKIP_NOISY, 0.09, 0.02, 0.045);
        Page unclear = records.page();
        unclear.says("the test error is not shown to differ (row 7)");
        unclear.lacks("follows the strokes", "pass on noise");
    }

    @Test
    void noiseIsSaidToCostMoreWhereSeedsShowIt() {
        records.giveVariantsSeeds(3);
        for (String loss : List.of("epochs/last/trainLoss", "metrics/testLoss")) {
            records.setSeeds(PLAIN, loss, 0.045, 0.0451, 0.0452);
            records.setSeeds(NOISY, loss, 0.045, 0.0452, 0.0451);
            records.setSeeds(SKIP, loss, 0.002, 0.00201, 0.002);
            records.setSeeds(SKIP_NOISY, loss, 0.008, 0.008, 0.00801);
        }
        records.page()
                .says(
                        "with them it is higher by a factor of 4.0 (row 18)",
                        "raises the test error by a factor that is 4.0 times as large as without them (row 16), and the training loss by one that is 4.0 times as large (row 19).");
        records.setSeeds(SKIP_NOISY, "epochs/last/trainLoss", 0.002, 0.00201, 0.002);
        records.page().lacks("times as large as without them");
    }

    /** Gives a variant the same in each of three seeds. */
    private void setAll(String model, double test, double train, double shuffled, double accuracy, double... levels) {
        records.setTestLosses(model, test, test, test);
        records.setSeeds(model, "epochs/last/trainLoss", train, train, train);
        records.setSeeds(model, "metrics/measurements/shuffledCodesLoss", shuffled, shuffled, shuffled);
        records.setNeighbours(model, accuracy, accuracy, accuracy);
        for (int level = 0; level < levels.length; level++) {
            double loss = levels[level];
            records.setSeeds(model, "metrics/measurements/noise/" + level + "/testLoss", loss, loss, loss);
        }
    }

    @Test
    void everyComparisonIsOfWhatItNames() {
        setAll(PLAIN, 0.1, 0.2, 0.3, 0.6, 0.01, 0.02, 0.03, 0.4);
        setAll(SKIP, 0.02, 0.05, 0.021, 0.5, 0.008, 0.01, 0.02, 0.16);
        setAll(NOISY, 0.15, 0.5, 0.6, 0.3, 0.025, 0.02, 0.02, 0.1);
        setAll(SKIP_NOISY, 0.09, 0.35, 0.135, 0.1, 0.024, 0.024, 0.03, 0.02);
        records.setSeeds(SKIP, "epochs/0/trainLoss", 0.08, 0.08, 0.08);
        records.setSeeds(NOISY, "metrics/inputLoss", 0.6, 0.6, 0.6);
        records.setSeeds(SKIP_NOISY, "metrics/inputLoss", 0.9, 0.9, 0.9);
        String filters = "metrics/measurements/filters/";
        records.setSeeds(NOISY, filters + "clippedLoss", 0.05, 0.05, 0.05);
        records.setSeeds(NOISY, filters + "blurLoss", 0.25, 0.25, 0.25);
        records.setSeeds(NOISY, filters + "medianLoss", 0.5, 0.5, 0.5);
        records.setSeeds(SKIP_NOISY, filters + "blurLoss", 0.08, 0.08, 0.08);
        Page page = records.page();
        List<String> rows = List.of( // by hand
                "test MSE: skip / plain | × 0.200 |",
                "training loss, last epoch: skip / plain | × 0.250 |",
                "10-NN accuracy: skip − plain | −10.0 points |",
                "training loss: skip, first epoch / plain, last epoch | × 0.400 |",
                "test MSE of plain: shuffled / own codes | × 3.00 |",
                "test MSE of skip: shuffled / own codes | × 1.050 |",
                "test MSE: skip-noisy / noisy | × 0.60 |",
                "training loss, last epoch: skip-noisy / noisy | × 0.70 |",
                "10-NN accuracy: skip-noisy − noisy | −20.0 points |",
                "test MSE of noisy: shuffled / own codes | × 4.00 |",
                "test MSE of skip-noisy: shuffled / own codes | × 1.50 |",
                "test MSE: noisy / its input | × 0.250 |",
                "test MSE: skip-noisy / its input | × 0.100 |",
                "test MSE: noisy / plain | × 1.50 |",
                "test MSE: skip-noisy / skip | × 4.50 |",
                "quotient of the two ratios above | × 3.00 |",
                "training loss, last epoch: noisy / plain | × 2.50 |",
                "training loss, last epoch: skip-noisy / skip | × 7.00 |",
                "quotient of the two ratios above | × 2.80 |",
                "MSE on input with σ = 0.3: noisy / plain | × 0.250 |",
                "MSE on input with σ = 0.3: skip-noisy / skip | × 0.125 |",
                "MSE on clean input: noisy / plain | × 2.50 |",
                "MSE on clean input: skip-noisy / skip | × 3.00 |",
                "Table 10: noisy / clipping | × 2.00 |",
                "Table 10: noisy / Gaussian blur | × 0.400 |",
                "Table 10: skip-noisy / Gaussian blur | × 0.250 |",
                "10-NN accuracy: noisy − plain | −30.0 points |",
                "10-NN accuracy: skip-noisy − skip | −40.0 points |");
        for (int i = 0; i < rows.size(); i++) {
            String row = page.row(i + 1);
            assertTrue(row.startsWith((i + 1) + " | " + rows.get(i)), row);
        }
        page.says(
                "With skip connections the test error is lower by a factor of 5.0 (row 1), the training loss of the last epoch is lower by a factor of 4.0 (row 2) and the 10-NN accuracy of the embedding is 10.0 points lower (row 3).",
                "The training loss of skip in its first epoch is lower by a factor of 2.5 than that of plain in its last (row 4).",
                "the error without skip connections is higher by a factor of 3.0 than that with its own (row 5); with them it is 5 % higher (row 6).",
                "act in the same direction as without it: the test error is 40 % lower (row 7), the training loss of the last epoch is 30 % lower (row 8) and the 10-NN accuracy of the embedding is 20.0 points lower (row 9).",
                "the error without skip connections is higher by a factor of 4.0 than that with its own (row 10); with them it is 50 % higher (row 11).",
                "The error of the reconstruction without skip connections is lower by a factor of 4.0 than that of the input (row 12); with them it is lower by a factor of 10 (row 13).",
                "the test error without skip connections is 50 % higher than that without noise (row 14); with them it is higher by a factor of 4.5 (row 15).",
                "The training loss of the last epoch without skip connections is higher by a factor of 2.5 (row 17); with them it is higher by a factor of 7.0 (row 18).",
                "3.0 times as large as without them (row 16), and the training loss by one that is 2.8 times as large (row 19).",
                "the error on noisy images without skip connections is lower by a factor of 4.0 than that after training without noise (row 20); with them it is lower by a factor of 8.0 (row 21).",
                "On clean images, the error without skip connections is higher by a factor of 2.5 (row 22); with them it is higher by a factor of 3.0 (row 23).",
                "the error of noisy is higher by a factor of 2.0 than that of clipping (row 24).",
                "The error of noisy is lower by a factor of 2.5 than that of this filter (row 25); that of skip-noisy is lower by a factor of 4.0 than that of the filter (row 26).",
                "the 10-NN accuracy without skip connections is 30.0 points lower than that without noise (row 27); with them it is 40.0 points lower (row 28).",
                "plain | 0.2000 ± 0.0000 | 0.1000 ± 0.0000 | 0 | 60.0 ± 0.0 % |",
                "skip-noisy | 0.0900 ± 0.0000 | 0.1350 ± 0.0000 |");
    }

    @Test
    void figuresAreOfTheVariantThatTheirCaptionsName() {
        Page page = records.page();
        List<String> variants = List.of("plain", "skip", "noisy", "skip-noisy");
        List<String> described = List.of(
                "without skip connections",
                "with skip connections",
                "without skip connections, on noisy images",
                "with skip connections, on noisy images");
        for (int i = 0; i < variants.size(); i++) {
            String reconstructions = page.caption("prob6-" + variants.get(i) + "-reconstructions");
            assertTrue(reconstructions.contains("reconstructions " + described.get(i) + ":"), reconstructions);
            String embedding = page.caption("prob6-" + variants.get(i) + "-embedding");
            assertTrue(embedding.contains("test images " + described.get(i) + ";"), embedding);
        }
    }

    private static Ablations.Ablated ablated(String name, int width, double... losses) {
        List<Ablations.Result> seeds = new ArrayList<>();
        for (double loss : losses) seeds.add(new Ablations.Result(seeds.size() + 1, loss, loss, loss, 0.5));
        return new Ablations.Ablated(
                name,
                width,
                name.equals("skip-pool1") || name.equals("skip-both"),
                name.equals("skip-pool2") || name.equals("skip-both"),
                seeds);
    }

    @Test
    void retrainedNetworksAreComparedWhereThereAreAny() {
        Page without = records.page();
        without.says("was not measured here; make ablations does so");
        without.lacks("One connection alone");
        records.retrain(
                ablated("width-2", 2, 0.04, 0.041, 0.042),
                ablated("width-4", 4, 0.02, 0.0205, 0.021),
                ablated("width-8", 8, 0.01, 0.04, 0.02),
                ablated("skip-pool1", 2, 0.002, 0.002, 0.002),
                ablated("skip-pool2", 2, 0.01, 0.01, 0.01),
                ablated("skip-both", 2, 0.002, 0.001, 0.003));
        Page page = records.page();
        page.says(
                "from 2 to 4 numbers, the test error is lower by a factor of 2.0 (95 % interval 2.0 to 2.0)",
                "from 4 to 8, it is not shown to differ (× ",
                "With pool1 alone the error is lower by a factor of 20 than without connections (95 % interval 19 to 22)",
                "with pool2 alone it is lower by a factor of 4.1 than without connections (95 %",
                "The error with pool1 alone is lower by a factor of 5.0 than that with pool2 alone (95 % interval 5.0 to 5.0)",
                "for 10 epochs with a learning rate of 0.001, batches of 128 and 3 seeds each.",
                "over 3 seeds, in a band",
                "With 8 numbers instead of 2 it is not shown to differ (× ");
        page.lacks("was not measured here", "due to the bottleneck", "differ widely");
        records.retrain(
                ablated("width-2", 2, 0.04, 0.041, 0.042),
                ablated("width-4", 4, 0.02, 0.0205, 0.021),
                ablated("skip-pool1", 2, 0.001, 0.001, 0.01),
                ablated("skip-pool2", 2, 0.01, 0.01, 0.01),
                ablated("skip-both", 2, 0.002, 0.001, 0.003));
        records.page()
                .says(
                        "due to the bottleneck of two numbers",
                        "With pool1 alone the seeds differ widely: 0.00100, 0.00100, 0.01000.");
    }

    @Test
    void reconstructionsOfAnotherDigitAreCounted() {
        records.page()
                .says(
                        "Of the reconstructions of skip 8.0 % are recognized as another digit, of those of plain 45.0 %, and of the originals 7.0 % (Table 6).",
                        "Of the reconstructions of skip-noisy 8.5 % are recognized as another digit, of those of noisy 62.0 %, and");
    }

    @Test
    void theInputIsSaidToBeCloserWhereItIs() {
        double[] errors = {0.047, 0.0475, 0.048, 0.049, 0.05, 0.052}; // at σ = 0, 0.1, 0.2, 0.3, 0.4 and √0.3
        for (int i = 0; i < errors.length; i++)
            for (String model : List.of(PLAIN, NOISY))
                records.set(model, "metrics/measurements/noise/" + i + "/testLoss", errors[i]);
        records.page()
                .says(
                        "The error of noisy hardly depends on σ (0.0470 to 0.0520 on average). Up to σ = 0.2 the input itself is on average closer to the clean image than the reconstructions of either network without skip connections.");
        records.set(PLAIN, "metrics/measurements/noise/2/testLoss", 0.03);
        records.set(NOISY, "metrics/measurements/noise/5/testLoss", 0.09);
        Page page = records.page();
        page.says("Up to σ = 0.1 the input itself");
        page.lacks("hardly depends on σ");
    }

    @Test
    void theLevelFromWhichTrainingWithNoiseIsBetterIsNamed() {
        for (int level = 0; level < 6; level++) {
            records.set(SKIP, "metrics/measurements/noise/" + level + "/testLoss", 0.01 * level);
            records.set(SKIP_NOISY, "metrics/measurements/noise/" + level + "/testLoss", 0.015);
        }
        records.page().says("On average skip-noisy is better than skip from σ = 0.2 on.");
        for (int level = 0; level < 6; level++)
            records.set(SKIP_NOISY, "metrics/measurements/noise/" + level + "/testLoss", 0.1);
        records.page().says("On average skip is better than skip-noisy at every level of noise that was measured.");
    }

    @Test
    void aSeedThatIsNotTypicalIsWarnedOf() {
        records.giveVariantsSeeds(5);
        records.setNeighbours(PLAIN, 0.65, 0.60, 0.60, 0.60, 0.60);
        records.setNeighbours(NOISY, 0.45, 0.61, 0.59, 0.60, 0.61);
        records.page() // the interval of −20, 1, −1, 0 and 1 points is −15.1 to 7.5
                .says(
                        "The difference of −20.0 points between noisy and plain of seed 1, which the figures show, is not typical of the seeds.");
        records.setNeighbours(NOISY, 0.65, 0.61, 0.59, 0.60, 0.61);
        records.page().lacks("not typical");
    }

    @Test
    void outliersAreBlamedForASilhouetteOnlyWhereRanksSayItToo() {
        records.giveVariantsSeeds(3);
        records.setNeighbours(AE, 0.75, 0.76, 0.755);
        records.setNeighbours(PLAIN, 0.62, 0.63, 0.61);
        records.setSeeds(AE, "metrics/embedding/silhouette", 0.01, 0.02, 0.01);
        records.setSeeds(PLAIN, "metrics/embedding/silhouette", 0.10, 0.11, 0.10);
        records.setSeeds(AE, "metrics/axes/rankSilhouette", 0.15, 0.16, 0.15);
        records.setSeeds(PLAIN, "metrics/measurements/axes/rankSilhouette", 0.1, 0.1, 0.1);
        records.page().says("points higher", "0.090 lower", "which a few far points stretch");
        records.setSeeds(AE, "metrics/axes/rankSilhouette", 0.05, 0.06, 0.05);
        records.page().says("outliers are not the reason");
        records.setNeighbours(AE, 0.4, 0.9, 0.6);
        Page unclear = records.page();
        unclear.says("The accuracy of the autoencoder of 5.4 is not shown to differ from that of plain (");
        unclear.lacks("outliers are", "stretch, and");
    }

    @Test
    void theWorstImagesAreComparedWithTheMean() {
        records.set(SKIP, "metrics/testLoss", 0.002);
        records.set(
                SKIP,
                "metrics/measurements/errors",
                "{\"median\": 0.0018, \"largest\": [{\"image\": 3, \"error\": 0.01}, {\"image\": 1, \"error\": 0.005}]}");
        String caption = records.page().block("reconstructions with skip connections:");
        assertTrue(caption.contains("random ones (drawn with seed 0)"), caption);
        assertTrue(
                caption.contains(
                        "0.0050 to 0.0100 per pixel, 2.5 to 5.0 times the mean 0.0020 over all test images; the median is 0.0018"),
                caption);
    }

    @Test
    void noiseThatIsFoundAgainInAReconstructionIsMeasured() {
        records.setSeeds(SKIP_NOISY, "metrics/testLoss", 0.01, 0.01);
        records.setSeeds(SKIP_NOISY, "metrics/inputLoss", 0.09, 0.09);
        // 0.1 less twice the covariance
        records.setSeeds(SKIP_NOISY, "metrics/measurements/lossToInput", 0.082, 0.0784);
        records.page().says(" and 11.00 ± 1.41 % for skip-noisy");
    }

    @Test
    void whatNoiseAddsToTheErrorIsSplitOnlyWhereItAdds() {
        records.set(SKIP_NOISY, "metrics/measurements/noise/0/testLoss", 0.003); // at σ = 0
        records.set(SKIP_NOISY, "metrics/measurements/noise/3/testLoss", 0.0075); // at σ = 0.3
        records.page().says("of the 0.0045 by which it is larger on noisy than on clean images");
        records.set(SKIP_NOISY, "metrics/measurements/noise/3/testLoss", 0.002);
        records.page().lacks("by which it is larger on noisy");
    }

    @Test
    void theTableOfNoiseGoesOnFromThatOfSkipConnections() {
        Page page = records.page();
        assertTrue(page.row(11).contains("test MSE of skip-noisy: shuffled / own codes"), page.row(11));
        assertTrue(page.row(12).startsWith("12 | test MSE: noisy / its input | × "), page.row(12));
        page.says("Rows up to 11 are those of Table 7, the others those of Table 8.");
        for (String paragraph : List.of(
                "The error of the reconstruction",
                "What noise costs.",
                "Training and testing with and without noise",
                "Other ways to remove noise",
                "With noise in training and test, the 10-NN accuracy")) {
            String block = page.block(paragraph);
            assertTrue(block.contains("(row "), block);
        }
    }

    @Test
    void pairsThatTwoEmbeddingsConfuseAreNamedOnceAndWhatIsNewAfterwards() {
        String overlaps =
                "[{\"first\": %d, \"second\": %d, \"share\": 0.4}, {\"first\": %d, \"second\": %d, \"share\": 0.25}]";
        records.set(AE, "metrics/embedding/overlaps", overlaps.formatted(4, 9, 3, 5));
        records.set(PLAIN, "metrics/embedding/overlaps", overlaps.formatted(3, 5, 5, 8));
        records.set(SKIP, "metrics/embedding/overlaps", overlaps.formatted(5, 8, 0, 1));
        records.set(NOISY, "metrics/embedding/overlaps", overlaps.formatted(0, 1, 3, 5));
        Page page = records.page();
        page.says(
                "In the embedding shown, the most confused pairs are 4/9 (40 %: a stem below a cup, which the 9 closes), 3/5 (25 %: a lower bow, open to the left).",
                "As in 5.4, 3/5 is among the most confused pairs: two numbers do not hold the strokes that tell such digits apart.",
                "New among the most confused pairs of plain: 5/8 (a lower bow, which the 8 closes).",
                "New among the most confused pairs of skip: 0/1.");
        page.lacks("confused pairs of noisy");
        records.set(PLAIN, "metrics/embedding/overlaps", overlaps.formatted(4, 9, 3, 5));
        records.page().says("As in 5.4, 4/9 and 3/5 are among the most confused pairs");
        records.set(PLAIN, "metrics/embedding/overlaps", "[]");
        records.page().lacks("As in 5.4,");
    }

    @Test
    void networksOfDifferentSeedsAreNotCompared() {
        records.giveVariantsSeeds(2);
        records.set(SKIP, "options/seed", 7);
        records.set(SKIP, "replicates/0/seed", 8);
        Page page = records.page();
        page.says("the test error is not compared, as no seed is common to both");
        assertTrue(page.row(1).contains("test MSE of plain: shuffled / own codes"), page.row(1)); // not in the table
        assertFalse(page.html().contains("NaN"));
    }

    @Test
    void everyOutcomeIsWrittenWithoutLeavingAnythingOfTheTemplate() {
        records.giveVariantsSeeds(3);
        String html = records.page().html();
        for (String left : List.of("${", "<#", "<@", "\\ref", "NaN", "�")) assertFalse(html.contains(left), left);
        assertEquals(1, html.split("</html>", -1).length - 1);
    }
}
