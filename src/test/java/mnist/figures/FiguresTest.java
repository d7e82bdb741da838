package mnist.figures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import mnist.evaluation.Reconstructions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FiguresTest {
    @BeforeAll
    static void headless() {
        Fonts.check();
    }

    private static Set<Integer> colours(BufferedImage image) {
        Set<Integer> colours = new HashSet<>();
        for (int y = 0; y < image.getHeight(); y++)
            for (int x = 0; x < image.getWidth(); x++) colours.add(image.getRGB(x, y) & 0xffffff);
        return colours;
    }

    private static Plots.Losses curve(String name, double[] train, double[] test) {
        return new Plots.Losses(name, List.of(train), List.of(test));
    }

    @Test
    void inkIsDarkPaperIsWhiteAndValuesBeyondAreCutOff() {
        assertEquals(Color.WHITE, ImageGrid.grey(0));
        assertEquals(Color.BLACK, ImageGrid.grey(1));
        assertEquals(new Color(204, 204, 204), ImageGrid.grey(0.2)); // 255 - 51
        assertEquals(Color.WHITE, ImageGrid.grey(-3));
        assertEquals(Color.BLACK, ImageGrid.grey(7));
    }

    @Test
    void weightsAreWhiteAtZeroBlueBelowAndRedAbove() {
        assertEquals(Color.WHITE, ImageGrid.diverging(0));
        assertTrue(ImageGrid.diverging(-1).getBlue() > ImageGrid.diverging(-1).getRed());
        assertTrue(ImageGrid.diverging(1).getRed() > ImageGrid.diverging(1).getBlue());
        assertEquals(ImageGrid.diverging(-1), ImageGrid.diverging(-2));
    }

    @Test
    void theFirstRowIsOnTopAndTheFirstColumnLeft() {
        float[] ink = new float[784];
        Arrays.fill(ink, 1);
        float[] paper = new float[784];
        Figure figure = ImageGrid.of(
                "title",
                List.of("a", "b"),
                List.of(
                        new ImageGrid.Row("one", new float[][] {ink, paper}),
                        new ImageGrid.Row("two", new float[][] {paper, paper})));
        BufferedImage image = figure.draw();
        long[] quarters = new long[4];
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                if ((image.getRGB(x, y) & 0xffffff) == 0)
                    quarters[2 * (2 * y / image.getHeight()) + 2 * x / image.getWidth()]++;
            }
        }
        // the picture is about its quarter; what is black elsewhere is its lower edge, and text
        for (int i = 1; i < 4; i++) assertTrue(quarters[0] > 5 * quarters[i], Arrays.toString(quarters));
    }

    @Test
    void groupsOfImagesStandBelowOneAnother() {
        float[] ink = new float[784];
        Arrays.fill(ink, 1);
        float[][] dark = {ink, ink};
        float[][] light = new float[2][784];
        long[] labels = {4, 9};
        Figure figure = ImageGrid.groups(
                "title",
                List.of(
                        new ImageGrid.Group("first", labels, new Reconstructions(light, light, light)),
                        new ImageGrid.Group("random", labels, new Reconstructions(light, light, light)),
                        new ImageGrid.Group("largest error", labels, new Reconstructions(light, light, dark))));
        BufferedImage image = figure.draw();
        long above = 0;
        long below = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                if ((image.getRGB(x, y) & 0xffffff) != 0) continue;
                if (y > image.getHeight() * 5 / 6) below++;
                else above++;
            }
        }
        assertTrue(below > 8000 && above < below / 4, above + " and " + below); // 2 images of 50×50 units, less gaps
        assertEquals(76 + 2 * 34 + 6 * 50, figure.height());
    }

    @Test
    void figuresAreWideEnoughToPrint() {
        assertEquals(
                1600,
                Plots.losses("title", "loss", List.of(curve("a", new double[] {1, 0.5}, new double[] {1, 0.6})))
                        .draw()
                        .getWidth());
    }

    @Test
    void everyClassHasAColourOfItsOwnInTheEmbedding() {
        float[][] points = new float[10][];
        long[] labels = new long[10];
        for (int i = 0; i < 10; i++) {
            points[i] = new float[] {i, i};
            labels[i] = i;
        }
        Set<Integer> found = colours(EmbeddingPlot.of("title", points, labels).draw());
        for (int i = 0; i < 10; i++)
            assertTrue(found.contains(Palette.colour(i).getRGB() & 0xffffff), "the colour of " + i + " is missing");
    }

    @Test
    void namesThatWouldCoverOneAnotherArePushedApart() {
        double[][] places = {{0, 0}, {0, 0}, {0.01, 0}, {5, 5}};
        EmbeddingPlot.spread(places, 0.05);
        for (int a = 0; a < 4; a++) {
            for (int b = 0; b < a; b++)
                assertTrue(
                        Math.hypot(places[a][0] - places[b][0], places[a][1] - places[b][1]) >= 0.05, a + " and " + b);
        }
        assertEquals(5, places[3][0]);
    }

    @Test
    void lossCurvesKeepTheColoursOfThePalette() {
        Set<Integer> found = colours(Plots.losses(
                        "title",
                        "loss",
                        List.of(
                                curve("a", new double[] {1, 0.5}, new double[] {1, 0.6}),
                                curve("b", new double[] {2, 0.5}, new double[] {1, 0.9})))
                .draw());
        assertTrue(found.contains(Palette.colour(0).getRGB() & 0xffffff));
        assertTrue(found.contains(Palette.colour(1).getRGB() & 0xffffff));
    }

    @Test
    void aPlotOfSeveralModelsShowsTrainingAndTestBesideEachOther() {
        Plots.Losses curve = curve("a", new double[] {1, 0.5}, new double[] {1, 0.6});
        Plots.Losses other = curve("b", new double[] {1, 0.5}, new double[] {1, 0.6});
        assertEquals(1000, Plots.losses("title", "loss", List.of(curve, other)).width());
        assertEquals(
                Plots.losses("title", "loss", List.of(curve)).height(),
                Plots.losses("title", "loss", List.of(curve, other)).height());
    }

    @Test
    void textOfAFigureIsAtLeastSevenPointsInPrint() {
        double pointsPerUnit = 166 / 25.4 * 72 / 1000; // a page's text is 166 mm wide
        for (java.awt.Font font : List.of(Fonts.TITLE, Fonts.TEXT, Fonts.SMALL))
            assertTrue(font.getSize() * pointsPerUnit >= 7, font.toString());
    }

    @Test
    void aFigureIsShownInProportionToItsWidth() {
        Figure half = Plots.stepLosses("twins", new double[] {1, 2}, new double[] {1, 2});
        assertEquals(0.5, Figure.share(half.png()));
        assertEquals(1, Figure.share(Figure.sheet(2, List.of(half, half)).png()));
    }

    @Test
    void ticksBelowZeroHaveATrueMinus() {
        org.jfree.chart.axis.NumberTickUnit unit = (org.jfree.chart.axis.NumberTickUnit)
                Figure.axis("x").getStandardTickUnits().getCeilingTickUnit(0.4);
        assertEquals("−0.5", unit.valueToString(-0.5));
    }

    @Test
    void betweenFiltersIsNoColourOfAWeight() {
        float[] weights = {-1, 0, 0.5f, 1};
        Figure figure = ImageGrid.diverging(
                "title", "unit", List.of("1"), List.of(new ImageGrid.Row("1", new float[][] {weights})));
        assertTrue(colours(figure.draw()).contains(0x999999));
    }

    @Test
    void weightsBiasesAndTargetsOfANetworkHaveTheColoursOfTheExercise() {
        Figure figure = new NetworkDiagram(
                        new double[] {1},
                        new double[] {0},
                        List.<double[][]>of(new double[][] {{-0.5}}),
                        List.<double[]>of(new double[] {0.25}),
                        List.of("o"))
                .figure();
        assertTrue(colours(figure.draw()).containsAll(Set.of(0xb2182b, 0xb35900, 0x2166ac)));
    }

    @Test
    void severalSeedsAreDrawnAsTheirMeanInABand() {
        List<double[]> seeds = List.of(new double[] {1, 1}, new double[] {3, 5});
        double[] mean = Chart.mean(seeds);
        assertEquals(List.of(2.0, 3.0), Arrays.stream(mean).boxed().toList());
        Plots.Losses both = new Plots.Losses("a", seeds, seeds);
        long banded = coloured(Plots.losses("title", "loss", List.of(both)).draw());
        long bare = coloured(
                Plots.losses("title", "loss", List.of(curve("a", mean, mean))).draw());
        assertTrue(banded > bare + 50_000, banded + " and " + bare);
    }

    @Test
    void aLossOfZeroDoesNotStretchALogarithmicAxis() {
        Plots.Line line = new Plots.Line("a", List.of(new double[] {0, 1}, new double[] {0, 2}));
        Plots.Line other = new Plots.Line("b", List.of(new double[] {1, 1}, new double[] {1.5, 2}));
        Figure figure = Plots.lines("title", "x", "y", new double[] {0, 1}, List.of(line, other));
        assertTrue(coloured(figure.draw()) > 50_000); // the band of the second is not crushed
    }

    @Test
    void pointsAreLabelledWithMeanAndDeviation() {
        Plots.Line line = new Plots.Line(
                "a", List.of(new double[] {0.04, 0.01}, new double[] {0.05, 0.01}, new double[] {0.06, 0.01}));
        assertEquals("0.0500 ± 0.0100", Chart.label(line.runs(), 0));
        assertEquals("0.0100 ± 0.0000", Chart.label(line.runs(), 1));
        assertEquals("0.0400", Chart.label(List.of(new double[] {0.04}), 0));
        Figure figure = Plots.labelled("title", "x", "y", List.of("2", "4"), line);
        assertEquals(1000, figure.width());
        assertTrue(coloured(figure.draw()) > 10_000); // the band between 0.04 and 0.06
    }

    private static long coloured(BufferedImage image) {
        long count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                Color colour = new Color(image.getRGB(x, y));
                if (Math.abs(colour.getRed() - colour.getBlue()) > 10) count++;
            }
        }
        return count;
    }

    @Test
    void anOutlierDoesNotCrushTheOthersIntoAPoint() {
        float[][] points = new float[1000][];
        long[] labels = new long[1000];
        for (int i = 0; i < 1000; i++) points[i] = new float[] {i % 30, i / 30f};
        long without = coloured(EmbeddingPlot.of("title", points, labels).draw());
        points[500] = new float[] {1e6f, 1e6f};
        long with = coloured(EmbeddingPlot.of("title", points, labels).draw());
        assertTrue(with > 0.7 * without, with + " and " + without);
    }

    @Test
    void coloursStayApartInGreyOrByTheirMark() {
        for (int a = 0; a < 10; a++) {
            for (int b = a + 1; b < 10; b++) {
                boolean sameMark = a % 5 == b % 5;
                assertTrue(
                        !sameMark || Math.abs(luminance(Palette.colour(a)) - luminance(Palette.colour(b))) > 15,
                        a + " and " + b);
            }
        }
    }

    private static double luminance(Color c) {
        return 0.2126 * c.getRed() + 0.7152 * c.getGreen() + 0.0722 * c.getBlue();
    }

    @Test
    void textsTravelInAPng(@TempDir Path folder) {
        Path file = folder.resolve("figure.png");
        Figure figure = Plots.stepLosses("twins", new double[] {1, 2}, new double[] {1, 2});
        figure.save(file, Map.of("run mnist_cae", "ab12", "run mnist_cae_noisy", "cd34"));
        assertEquals(Map.of("run mnist_cae", "ab12", "run mnist_cae_noisy", "cd34"), Figure.texts(file));
        figure.save(file, Map.of());
        assertEquals(Map.of(), Figure.texts(file));
    }
}
