package mnist.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mnist.CommandLineRun;
import mnist.ResumeTest;
import mnist.UsesLibTorch;
import mnist.prob5.Autoencoder;
import mnist.prob6.ConvAutoencoder;
import mnist.system.Machine;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.graphics.PDXObject;
import org.apache.pdfbox.pdmodel.graphics.form.PDFormXObject;
import org.apache.pdfbox.pdmodel.graphics.image.PDImageXObject;
import org.apache.pdfbox.rendering.ImageType;
import org.apache.pdfbox.rendering.PDFRenderer;
import org.apache.pdfbox.text.PDFTextStripper;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trains everything shortly in one session and writes its report; and reads that as its readers will: as a PDF, and in a browser. */
class ReportTest implements UsesLibTorch {
    private static final int FIGURES = 23;
    private static final int TABLES = 11; // without those of ablations

    private static final String[] SMALL =
            "--epochs 1 --seeds 3,4 --threads 1 --train-size 128 --test-size 50".split(" ");

    @TempDir
    static Path results;

    private static CommandLineRun all;

    @BeforeAll
    static void runEverything() {
        all = all(results, and(SMALL, "--name", "doej"));
        assertEquals(0, all.status(), all.err());
        CommandLineRun report = report(results, "--name", "riddletm");
        assertEquals(0, report.status(), report.err());
    }

    private static String[] and(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }

    private static CommandLineRun all(Path folder, String... options) {
        return CommandLineRun.onSample("all", folder, and(options, "--report-dir", folder + "/report"));
    }

    private static CommandLineRun report(Path folder, String... options) {
        return CommandLineRun.onSample("report", folder, and(options, "--report-dir", folder + "/report"));
    }

    private static void copyResults(Path folder) throws IOException {
        for (String part : List.of("saved", "figures")) {
            Files.createDirectories(folder.resolve(part));
            try (Stream<Path> files = Files.list(results.resolve(part))) {
                for (Path file : files.toList())
                    Files.copy(file, folder.resolve(part).resolve(file.getFileName()));
            }
        }
    }

    private static Path pdf() {
        return results.resolve("report/452_riddletm_assignment2.pdf");
    }

    private static String html() throws IOException {
        return Files.readString(results.resolve("report/index.html"));
    }

    @Test
    void thePdfHasTextToSelectItsTitleItsLanguageBookmarksAndEveryFigure() throws IOException {
        try (PDDocument document = Loader.loadPDF(pdf().toFile())) {
            assertEquals(
                    "Exercise II, riddletm", document.getDocumentInformation().getTitle());
            assertEquals("en", document.getDocumentCatalog().getLanguage());
            assertNotNull(document.getDocumentCatalog().getDocumentOutline());
            String text = new PDFTextStripper().getText(document).replace('\u00a0', ' ');
            for (int problem = 1; problem <= 6; problem++) assertTrue(text.contains("Problem " + problem + ":"), text);
            assertTrue(text.contains("1 / " + document.getNumberOfPages()), text); // page numbers
            assertTrue(
                    text.contains("Figure " + FIGURES + ".") && !text.contains("Figure " + (FIGURES + 1) + "."), text);
            double accuracy = CommandLineRun.record(results, "mnist_cnn")
                    .getAsJsonObject("metrics")
                    .get("accuracy")
                    .getAsDouble();
            String line = text.replaceAll("\\s+", " ");
            assertTrue(line.contains("of the 50 test images are classified correctly"), text);
            assertTrue(line.contains("With seed 3, whose errors"), text);
            assertTrue(line.contains(String.format("the accuracy is %.2f %%", 100 * accuracy)), text);

            Set<Object> images = new HashSet<>();
            List<Integer> formulas = new ArrayList<>();
            for (PDPage page : document.getPages()) {
                for (COSName name : page.getResources().getXObjectNames()) {
                    PDXObject object = page.getResources().getXObject(name);
                    if (object instanceof PDImageXObject) images.add(object.getCOSObject());
                    if (object instanceof PDFormXObject form)
                        formulas.add(form.getContentStream().toByteArray().length);
                }
                for (COSName font : page.getResources().getFontNames())
                    assertTrue(page.getResources().getFont(font).isEmbedded(), font.getName());
            }
            assertEquals(FIGURES, images.size());
            assertEquals(html().split("<svg ", -1).length - 1, formulas.size());
            for (int length : formulas) assertTrue(length > 100, "a formula of " + length + " bytes of outlines");
        }
    }

    @Test
    void everyModelIsSavedAsItsProblemSavesItAndTheReportIsWritten(@TempDir Path alone) throws Exception {
        assertTrue(Files.size(results.resolve("report/452_doej_assignment2.pdf")) > 100_000);
        assertEquals(
                CommandLineRun.filesOf(
                        "mnist_cnn",
                        "mnist_ae",
                        "mnist_cae",
                        "mnist-cae-skip",
                        "mnist_cae_noisy",
                        "mnist-cae-skip-noisy"),
                CommandLineRun.names(results.resolve("saved")));
        for (String part : List.of("CNN", "linear AE", "skip-noisy", "report", "in all")) {
            assertTrue(all.out().lines().anyMatch(line -> line.matches(part + " +\\d+\\.\\d s")), part);
        }
        CommandLineRun prob5 = CommandLineRun.onSample("prob5", alone, SMALL);
        assertEquals(0, prob5.status(), prob5.err());
        ResumeTest.assertSameResults(alone, results, "mnist_ae");
        String problem =
                CommandLineRun.record(results, "mnist_ae").get("problem").getAsString();
        assertEquals("prob5", problem);
    }

    @Test
    void whatOnlyOneProblemHasOrNeedsTheMachineForItselfIsWrongUsageOfAll(@TempDir Path folder) {
        for (String option : List.of("--noise=0.1", "--ranks=2", "--live", "--epochs=0", "--name=a/b")) {
            CommandLineRun run = all(folder, option);
            assertEquals(2, run.status(), option);
            assertEquals(1, run.err().lines().count(), run.err());
        }
    }

    @Test
    void itNamesTheMachineThatComputedTheRuns() throws IOException {
        assertTrue(html().contains("libtorch from Java on " + Machine.processor()));
    }

    @Test
    void pagesAreFilled() throws IOException {
        try (PDDocument document = Loader.loadPDF(pdf().toFile())) {
            PDFRenderer renderer = new PDFRenderer(document);
            for (int page = 0; page < document.getNumberOfPages() - 1; page++) {
                BufferedImage image = renderer.renderImageWithDPI(page, 25.4f, ImageType.GRAY); // a pixel a millimetre
                int last = 297 - 24; // below is the page's number
                while (isWhite(image, last)) last--;
                assertTrue(last > 22 + 0.75 * (297 - 22 - 24), "page " + (page + 1) + " ends at " + last + " mm");
            }
        }
    }

    private static boolean isWhite(BufferedImage image, int y) {
        return IntStream.range(0, image.getWidth()).allMatch(x -> (image.getRGB(x, y) & 0xff) > 200);
    }

    @Test
    void thePageNeedsNothingButItself() throws IOException {
        String html = html();
        assertFalse(Pattern.compile("(src|href)=\"(?!data:|#)").matcher(html).find());
        assertFalse(html.contains("url(") || html.contains("@import"));
        assertFalse(html.contains("\\(") || html.contains("<#") || html.contains("<@"), "what the template left over");
        assertTrue(html.contains("<svg aria-label="));
        assertTrue(html.length() < 10_000_000);
    }

    @Test
    void everyFigureAndTableHasACaptionWithItsNumberAndIsReferredTo() throws IOException {
        String html = html();
        List<String> ids = Pattern.compile("<(?:figure|table)\\b([^>]*)>")
                .matcher(html)
                .results()
                .map(match -> match.group(1).replaceAll(".*\\bid=\"([^\"]+)\".*", "$1"))
                .toList();
        assertEquals(FIGURES + TABLES, ids.size());
        for (String id : ids) assertTrue(html.contains("<a href=\"#" + id + "\">"), id + " is referred to");
        assertEquals(FIGURES, html.split("<figcaption><b>Figure ", -1).length - 1);
        assertEquals(TABLES, html.split("<caption><b>Table ", -1).length - 1);
    }

    @Test
    void theNetworksHaveAsManyParametersAsTheReportSays() throws IOException {
        assertTrue(html().contains(String.format("(%,d parameters)", parameters(new Autoencoder()))));
        assertTrue(html().contains(String.format("(%,d parameters)", parameters(new ConvAutoencoder(false)))));
    }

    private static long parameters(Module network) {
        TensorVector tensors = network.parameters();
        long count = 0;
        for (long i = 0; i < tensors.size(); i++) count += tensors.get(i).numel();
        return count;
    }

    @Test
    void aFigureOfAnotherRunThanTheRecordIsRefused(@TempDir Path folder) throws IOException {
        copyResults(folder);
        assertEquals(
                0,
                CommandLineRun.onSample("prob6", folder, and(SMALL, "--only", "plain"))
                        .status());
        assertEquals(
                "error: " + folder.resolve("figures/prob6-losses.png") + " is of another run than "
                        + folder.resolve("saved/mnist_cae.json") + "; run make prob6\n",
                report(folder, "--name", "x").err());
        assertEquals(List.of(), CommandLineRun.names(folder.resolve("report")));
    }

    @Test
    void whatIsMissingIsNamedWithTheCommandThatMakesIt(@TempDir Path folder) throws IOException {
        CommandLineRun nothing = report(folder, "--name", "x");
        assertEquals(1, nothing.status());
        assertEquals(
                "error: " + folder.resolve("saved/mnist_cnn.json")
                        + " and 32 more files are missing; run make prob4 and make prob5 and make prob6\n",
                nothing.err());

        copyResults(folder);
        Files.delete(folder.resolve("figures/prob5-pca.png"));
        assertEquals(
                "error: " + folder.resolve("figures/prob5-pca.png") + " is missing; run make prob5\n",
                report(folder, "--name", "x").err());
        assertFalse(Files.exists(folder.resolve("report")));
    }

    @Test
    void aModelOfAnotherRunThanItsRecordIsRefused(@TempDir Path folder) throws IOException {
        copyResults(folder);
        Path record = folder.resolve("saved/mnist_ae.json");
        Files.writeString(record, Files.readString(record).replaceFirst("\"testLoss\": [0-9.]+", "\"testLoss\": 0.5"));
        CommandLineRun run = report(folder, "--name", "x");
        assertEquals(1, run.status());
        assertTrue(
                run.err().contains("mnist_ae.pt and mnist_ae.json are of different runs; train the model anew"),
                run.err());
    }

    @Test
    void aNameThatIsNoneIsWrongUsage() {
        for (String[] options : List.of(new String[0], new String[] {"--name", "../x"}, new String[] {"--name", ""})) {
            CommandLineRun run = report(results, options);
            assertEquals(2, run.status(), run.err());
            assertTrue(
                    run.err().startsWith("error: ")
                            && run.err().contains("--name")
                            && run.err().lines().count() == 1,
                    run.err());
        }
    }

    /** What a browser does with the page: moves a pointer over each embedding, and looks at what appears. */
    private static final String VISITOR = """
            <script>
            function inkOf(canvas) {
              const pixels = canvas.getContext("2d").getImageData(0, 0, 28, 28).data;
              let sum = 0;
              for (let i = 0; i < pixels.length; i += 4) sum += pixels[i + 3] - pixels[i];
              return sum;
            }
            addEventListener("load", async () => {
              const image = document.createElement("canvas"); // number 47 is the eighth of the second row
              image.getContext("2d").drawImage(originals, 7 * 28, 28, 28, 28, 0, 0, 28, 28);
              const seen = [];
              for (const figure of document.querySelectorAll(".explorer")) {
                const plot = figure.querySelector("canvas"), box = plot.getBoundingClientRect(), model = page.models[figure.dataset.model];
                const ends = [0, 1].map(axis => model.points.map(point => point[axis]).sort((a, b) => a - b)).map(values => [values[0], values[values.length - 1]]);
                const places = model.points.map(point => [52 + (point[0] - ends[0][0]) / (ends[0][1] - ends[0][0]) * (box.width - 68),
                    box.height - 42 - (point[1] - ends[1][0]) / (ends[1][1] - ends[1][0]) * (box.height - 58)]);
                const [x, y] = places[47];
                const distances = places.map(place => Math.hypot(place[0] - x, place[1] - y));
                await new Promise(done => setTimeout(done, 200));
                plot.dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + x, clientY: box.top + y, bubbles: true}));
                const card = figure.querySelector(".seen");
                const ink = [...card.querySelectorAll("canvas")].map(inkOf);
                const shown = !card.hidden;
                plot.dispatchEvent(new PointerEvent("pointerleave"));
                const none = getComputedStyle(card).display;
                seen.push({none, model: figure.dataset.model, shown, hidden: card.hidden, away: distances[card.dataset.index] ?? 999, text: card.innerText, ink});
              }
              const report = document.createElement("pre");
              report.id = "visit";
              report.textContent = JSON.stringify({seen, ink: inkOf(image), figures: document.images.length, broken: [...document.images].filter(image => !image.naturalWidth).length});
              document.body.append(report);
            });
            </script>
            </body>
            """;

    @Test
    void inABrowserAnyPointShowsItsDigitAndReconstruction(@TempDir Path folder) throws Exception {
        String browser = Stream.of("chromium", "chromium-browser", "google-chrome")
                .filter(ReportTest::isInstalled)
                .findFirst()
                .orElse(null);
        assumeTrue(browser != null, "there is no Chromium");
        Path visited = folder.resolve("visited.html");
        Files.writeString(visited, html().replace("</body>", VISITOR));
        Path dom = folder.resolve("dom.html");
        Process process = new ProcessBuilder(
                        browser,
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--window-size=1000,900",
                        "--virtual-time-budget=20000",
                        "--timeout=60000",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--dump-dom",
                        visited.toUri().toString())
                .redirectOutput(dom.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertTrue(process.waitFor(5, TimeUnit.MINUTES));
        Matcher visit =
                Pattern.compile("<pre id=\"visit\">(.*?)</pre>", Pattern.DOTALL).matcher(Files.readString(dom));
        assertTrue(visit.find(), "the page's scripts did not finish");
        JsonObject report = JsonParser.parseString(visit.group(1)).getAsJsonObject();
        assertEquals(FIGURES - 5, report.get("figures").getAsInt()); // five are drawn by the script
        assertEquals(0, report.get("broken").getAsInt());
        JsonArray seen = report.getAsJsonArray("seen");
        assertEquals(5, seen.size());
        for (JsonElement element : seen) {
            JsonObject point = element.getAsJsonObject();
            boolean noisy = point.get("model").getAsString().contains("noisy");
            assertTrue(point.get("shown").getAsBoolean() && point.get("hidden").getAsBoolean(), point.toString());
            assertEquals("none", point.get("none").getAsString()); // no empty box is left
            assertTrue(point.get("away").getAsDouble() < 1, point.toString()); // pixels
            assertEquals(noisy ? 3 : 2, point.getAsJsonArray("ink").size());
            assertEquals(
                    report.get("ink").getAsInt(),
                    point.getAsJsonArray("ink").get(0).getAsInt());
            for (JsonElement ink : point.getAsJsonArray("ink")) assertTrue(ink.getAsInt() > 1000, point.toString());
            assertEquals(noisy, point.get("text").getAsString().contains("corrupted"));
        }
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
