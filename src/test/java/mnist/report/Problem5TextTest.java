package mnist.report;

import static mnist.report.Records.AE;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gives problem 5 other numbers than were measured, and reads what the report then says. */
class Problem5TextTest extends ChangedRecords {
    @Test
    void axesAreNamedByWhatTheyGoWith() {
        String first = "metrics/axes/correlations/";
        records.set(AE, first + "0/first", 0.1);
        records.set(AE, first + "1/first", -0.71);
        records.set(AE, first + "2/first", 0.4);
        records.set(AE, first + "3/first", 0.2);
        for (int i = 0; i < 4; i++) records.set(AE, first + i + "/second", 0.29);
        records.page()
                .says(
                        "the first coordinate correlates most strongly with the amount of ink (rank correlation −0.71)",
                        "the second coordinate correlates with none of the measured features (at most rank correlation 0.29)");
        records.set(AE, first + "2/second", -0.5);
        records.page()
                .says(
                        "the second coordinate correlates most strongly with the thickness of the strokes (rank correlation −0.50)");
        records.set(AE, first + "1/second", 0.6);
        records.page()
                .says(
                        "both coordinates correlate most strongly with the amount of ink (rank correlations −0.71 and 0.60).");
    }

    @Test
    void whatThePlaceTellsWithinTheDigitsIsConcludedFromTheMean() {
        String within = "metrics/axes/correlations/%d/explainedWithin";
        records.setSeeds(AE, within.formatted(0), 0.3, 0.5);
        records.setSeeds(AE, within.formatted(1), 0.5, 0.7);
        records.setSeeds(AE, within.formatted(2), 0.05, 0.13);
        records.setSeeds(AE, within.formatted(3), 0.1, 0.2);
        Page page = records.page();
        page.says(
                "Within the digits the place in the plane tells most of the amount of ink and the slant, but hardly of the thickness of the strokes.");
        String row = page.block("the amount of ink | ");
        assertTrue(row.contains("| 0.60 ± 0.14 |"), row);
    }

    @Test
    void aDigitInTwoGroupsIsDescribedWithItsSeeds() {
        records.page().lacks("lie in two groups");
        records.set(
                AE,
                "metrics/axes/groups",
                "{\"digit\": 2, \"smaller\": 0.35, \"separation\": 4.6, \"loops\": [0.07, 0.63]}");
        records.setTestLosses(AE, 0.04, 0.04);
        records.page()
                .says(
                        "One digit is written in several ways: in the plane shown the images of 2 lie in two groups, of 35 % and 65 % of them. In one of them 63 % of the images have a closed loop, in the other 7 %: two ways to write the digit, which the labels do not tell apart, lie apart. It is so split in 2 of 2 seeds.");
        records.set(AE, "replicates/0/metrics/axes/groups/digit", 3);
        records.set(AE, "metrics/axes/groups/loops", "[0.5, 0.63]");
        records.page()
                .says(
                        "\nIn the plane shown the images of 2 lie in two groups, of 35 % and 65 % of them. It is so split in 1 of 2 seeds.");
    }

    @Test
    void theLinearAutoencoderIsSaidToHaveArrivedOnlyWhereItHas() {
        records.set(AE, "metrics/linear/angles", "[1, 4.9]");
        records.page().says("The planes nearly coincide");
        records.set(AE, "metrics/linear/angles", "[1, 30]");
        records.page().says("Training has not converged yet");
    }

    @Test
    void theLinearAutoencoderIsDescribedOverTheSeeds() {
        records.setSeeds(AE, "metrics/linear/testLoss", 0.0557, 0.0559, 0.0561);
        records.set(AE, "metrics/linear/angles", "[1, 2]");
        records.set(AE, "replicates/0/metrics/linear/angles", "[2, 4]");
        records.set(AE, "replicates/1/metrics/linear/angles", "[3, 6]");
        records.page()
                .says(
                        "0.05590 ± 0.00020; the principal angles between the two planes are 2.0 ± 1.0° and 4.0 ± 2.0° over 3 seeds. Training has not converged yet."); // in the last seed
    }

    @Test
    void thePlaneIsSaidToBeUniqueOnlyWhereTheEigenvaluesSayIt() {
        records.set(AE, "metrics/linear/eigenvalues", "[5, 4, 3.2]");
        records.page()
                .says(
                        "\\(\\lambda_1 = 5.00\\), \\(\\lambda_2 = 4.00\\) and \\(\\lambda_3 = 3.20\\)",
                        " is 25 % above ",
                        "so that the plane of the first two components is unique");
        records.set(AE, "metrics/linear/eigenvalues", "[5, 4, 4]");
        records.page().says("not above", "so that the plane of the first two components is not unique");
    }

    @Test
    void captionsSayOfWhichSeedAPictureIsAndOfHowManyACurve() {
        records.setSeeds(AE, "metrics/testLoss", 0.04, 0.05);
        Page printed = records.page();
        printed.says(
                "Embedding of test images by the autoencoder (seed 1); its 10-NN accuracy is 75.1 %, that of all seeds 75.1 ± 0.0 %. Each digit's number stands at the median",
                "Losses of the autoencoder in training and on the test images; means over 2 seeds, in bands from the smallest to the largest. The test loss is lowest after the last epoch in 2 of 2 trainings.");
        printed.lacks("point at one");
        records.showOnScreen();
        Page shown = records.page();
        shown.says("The first 1,000 are shown; point at one to see the image and its reconstruction.");
        shown.lacks("stands at the median");
    }

    @ParameterizedTest
    @CsvSource({
        "0.5, 0, 'Images of the same digit lie near each other, but the classes touch and interlock.'",
        "0.499, 0, 'Some digits lie together, but most of the plane is shared, and the classes touch'",
        "0.2, 0, 'Some digits lie together, '",
        "0.199, 0, 'The digits are hardly separated, and the classes touch and interlock.'",
        "0.3, -0.051, are mixed.",
        "0.3, -0.05, touch and interlock.",
        "0.3, 0.1, are partly apart.",
        "0.3, 0.5, are clearly apart.",
        "0.7, 0, 'Images of the same digit lie near each other, but the classes touch and interlock.'"
    })
    void eachThresholdChangesTheWordsOnSeparation(double accuracy, double silhouette, String words) {
        records.set(AE, "metrics/embedding/nearestNeighbourAccuracy", accuracy);
        records.set(AE, "metrics/embedding/silhouette", silhouette);
        String said = records.page().block("The mean silhouette (Rousseeuw, 1987)");
        assertTrue(said.contains(words), said);
    }

    @Test
    void aSeparationIsThatOfTheMeans() {
        records.setNeighbours(AE, 0.1, 0.5);
        records.setSeeds(AE, "metrics/embedding/silhouette", 0.6, -0.2);
        records.page()
                .says("Some digits lie together, but most of the plane is shared, and the classes are partly apart.");
    }

    @Test
    void onlyANarrowCloudIsCalledSo() {
        records.set(AE, "metrics/embedding/axisRatio", 0.2);
        assertFalse(records.page().block("The mean silhouette (Rousseeuw").contains("The cloud shown"));
        records.set(AE, "metrics/embedding/axisRatio", 0.199);
        records.page()
                .says("The cloud shown is 5 times as long as wide: one direction carries little of the variance.");
        records.set(AE, "metrics/embedding/axisRatio", 0.001);
        records.page().says("over 1000 times as long as wide");
    }
}
