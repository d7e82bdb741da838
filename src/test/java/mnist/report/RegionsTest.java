package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import mnist.report.Regions.Region;
import org.junit.jupiter.api.Test;

class RegionsTest {
    @Test
    void theDigitsWithRegionsOfTheirOwnAreNamedWithTheirPlaces() {
        float[][] points = new float[60][];
        long[] labels = new long[60];
        for (int i = 0; i < 60; i++) {
            labels[i] =
                    i % 3; // the 2s lie far away on a line of their own, to the upper right; the 0s and 1s alternate
            points[i] = labels[i] == 2 ? new float[] {1000, 1000 + i} : new float[] {i, 0};
        }
        Regions regions = Regions.of(points, labels);
        assertEquals(3, regions.digits().size());
        assertEquals("2 (100 %)", regions.digits().get(0).toString());
        assertEquals("upper right", regions.digits().get(0).place());
        assertTrue(
                regions.least().matches("[01] \\(4[0-9] %\\)"),
                regions.least()); // of ten neighbours a point sees four or five of its kind
        assertEquals(
                "In the plane shown, most neighbours are of the same digit for 2 (100 %, upper right), by share and place of the median; the others lie over each other.",
                regions.words());
    }

    @Test
    void placesAreThoseOfTheMediansAmongAllPoints() {
        float[][] points = new float[90][];
        long[] labels = new long[90];
        for (int i = 0; i < 90; i++) { // three columns; the first is the lowest, the others at the same height
            labels[i] = i / 30;
            points[i] = new float[] {labels[i], labels[i] == 0 ? i - 100 : i % 30};
        }
        assertEquals(
                List.of("lower left", "in the middle", "on the right"),
                Regions.of(points, labels).digits().stream()
                        .sorted((a, b) -> a.digit() - b.digit())
                        .map(Region::place)
                        .toList());
    }

    @Test
    void whereNoDigitHasARegionOfItsOwnTheNearestToItIsNamed() {
        Regions regions = new Regions(List.of(new Region(6, 0.49, "in the middle"), new Region(1, 0.3, "at the top")));
        assertEquals(
                "In the plane shown no digit has a region of its own; the nearest to it is 6 (49 %, in the middle).",
                regions.words());
        assertEquals("6 (49 %), 1 (30 %)", regions.best());
        assertEquals("1 (30 %)", regions.least());
    }
}
