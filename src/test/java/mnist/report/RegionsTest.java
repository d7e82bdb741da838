package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import mnist.report.ShownNetwork.Region;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegionsTest {
    private static Records records;

    @BeforeAll
    static void copyTheRecordedRuns(@TempDir Path folder) throws IOException {
        records = new Records(folder);
    }

    private static Page page(List<Region> regions) {
        ShownNetwork other = Records.SHOWN.get(Records.AE);
        return records.page(new ShownNetwork(regions, other.truth(), other.found(), other.ofOriginals()));
    }

    @Test
    void theDigitsWithRegionsOfTheirOwnAreNamedWithTheirPlaces() {
        float[][] points = new float[60][];
        long[] labels = new long[60];
        for (int i = 0; i < 60; i++) {
            labels[i] =
                    i % 3; // the 2s lie far away on a line of their own, to the upper right; the 0s and 1s alternate
            points[i] = labels[i] == 2 ? new float[] {1000, 1000 + i} : new float[] {i, 0};
        }
        List<Region> regions = ShownNetwork.regions(points, labels);
        assertEquals(3, regions.size());
        assertEquals(new Region(2, 1, 1, 1), regions.get(0));
        Region least = regions.get(2); // of ten neighbours a point sees four or five of its kind
        assertTrue(least.digit() < 2 && least.own() >= 0.4 && least.own() < 0.5, least.toString());
        page(regions)
                .says(
                        "In the plane shown, most neighbours are of the same digit for 2 (100 %, upper right), with the share of such neighbours and the place of the digit's median; the others lie over each other.");
    }

    @Test
    void placesAreThoseOfTheMediansAmongAllPoints() {
        float[][] points = new float[90][];
        long[] labels = new long[90];
        for (int i = 0; i < 90; i++) { // three columns; the first is the lowest, the others at the same height
            labels[i] = i / 30;
            points[i] = new float[] {labels[i], labels[i] == 0 ? i - 100 : i % 30};
        }
        List<Region> regions = ShownNetwork.regions(points, labels);
        assertEquals(
                List.of(List.of(-1, -1), List.of(0, 0), List.of(1, 0)),
                regions.stream()
                        .sorted(Comparator.comparingInt(Region::digit))
                        .map(region -> List.of(region.horizontal(), region.vertical()))
                        .toList());
        String said = page(regions).block("most neighbours are of the same digit");
        for (String place :
                List.of("0 \\(\\d+ %, lower left\\)", "1 \\(\\d+ %, in the middle\\)", "2 \\(\\d+ %, on the right\\)"))
            assertTrue(said.matches(".*" + place + ".*"), said);
        assertTrue(said.endsWith("with the share of such neighbours and the place of the digit's median."), said);
    }

    @Test
    void whereNoDigitHasARegionOfItsOwnTheNearestToItIsNamed() {
        Page page = page(List.of(new Region(6, 0.49, 0, 0), new Region(1, 0.3, 0, 1)));
        page.says(
                "In the plane shown no digit has a region of its own; the nearest to it is 6 (49 %, in the middle).",
                "| 6 (49 %), 1 (30 %) | 1 (30 %) |");
    }
}
