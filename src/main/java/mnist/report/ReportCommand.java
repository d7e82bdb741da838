package mnist.report;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import libtorch.AtomicFile;
import libtorch.export.TorchScript;
import mnist.data.Mnist;
import mnist.figures.Figure;
import mnist.figures.Fonts;
import mnist.prob3.SigmoidNetwork;
import mnist.prob4.Prob4;
import mnist.prob4.Prob4Figures;
import mnist.prob5.Prob5;
import mnist.prob5.Prob5Figures;
import mnist.prob6.Prob6;
import mnist.prob6.Prob6Figures;
import mnist.prob6.Variant;
import mnist.run.DeviceOptions;
import mnist.run.MnistOptions;
import mnist.run.RunRecord;
import mnist.study.Ablations;
import mnist.study.RecordedMetrics;
import mnist.study.StudyFigures;
import mnist.system.Natives;
import mnist.system.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the exercise's report from what the problems left behind. */
@Command(name = "report", description = "Writes the whole exercise as one PDF, and as a page for the screen.")
public final class ReportCommand implements Callable<Integer> {
    /** What the report needs of each problem: records, the models that have an embedding, and figures. */
    private static final List<Needs> NEEDS = List.of(
            new Needs(
                    "prob4",
                    Prob4.networks().keySet(),
                    List.of(RunRecord.SUFFIX),
                    with(Prob4Figures.FILES, StudyFigures.RESPONSES)),
            new Needs(
                    "prob5",
                    Prob5.networks().keySet(),
                    List.of(RunRecord.SUFFIX, TorchScript.SUFFIX),
                    with(Prob5Figures.FILES, StudyFigures.LATENT_PLANE)),
            new Needs(
                    "prob6",
                    Prob6.networks().keySet(),
                    List.of(RunRecord.SUFFIX, TorchScript.SUFFIX),
                    with(Prob6Figures.FILES, StudyFigures.NOISE, StudyFigures.RESIDUALS)));

    private static List<String> with(List<String> figures, String... ofTheStudy) {
        return Stream.concat(figures.stream(), Stream.of(ofTheStudy)).toList();
    }

    private record Needs(String problem, Set<String> models, List<String> suffixes, List<String> figures) {
        Stream<String> saved() {
            return models.stream().flatMap(model -> suffixes.stream().map(suffix -> model + suffix));
        }
    }

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "Last name and initials, as in riddletm.")
    private String name;

    @Option(
            names = "--saved-dir",
            paramLabel = "DIR",
            description = "Where models and records are (default: ${DEFAULT-VALUE}).")
    private Path savedDir = Path.of("saved");

    @Option(names = "--figures-dir", paramLabel = "DIR", description = "Where figures are (default: ${DEFAULT-VALUE}).")
    private Path figuresDir = Path.of("figures");

    @Option(
            names = "--report-dir",
            paramLabel = "DIR",
            description = "Where the report goes (default: ${DEFAULT-VALUE}).")
    private Path reportDir = Path.of("report");

    @Option(
            names = "--network",
            paramLabel = "FILE",
            description = "Numbers of problem 3.3 (default: ${DEFAULT-VALUE}).")
    private Path network = Path.of("docs/prob3.properties");

    @Mixin
    private final DeviceOptions options = new DeviceOptions();

    @Mixin
    private final MnistOptions mnist = new MnistOptions();

    /** Refuses values that no report can use, as wrong usage. */
    public void validate() {
        options.validate();
        mnist.validate();
        options.require(
                name.matches("[A-Za-z0-9_-]{1,60}"),
                "--name",
                "'" + name + "'",
                "letters and digits only, as in riddletm");
    }

    @Override
    public Integer call() {
        validate();
        requireAll();
        Fonts.check();
        AtomicFile.requireWritable(reportDir);
        ReportValues reportValues = new ReportValues(
                FinishedRun.read(savedDir, Prob4.MODEL, RecordedMetrics.OfClassifier.class),
                FinishedRun.read(savedDir, Prob5.MODEL, RecordedMetrics.OfAutoencoder.class),
                prob6(Variant.PLAIN),
                prob6(Variant.SKIP),
                prob6(Variant.NOISY),
                prob6(Variant.SKIP_NOISY));
        reportValues.requireComparable();
        SigmoidNetwork sigmoid = SigmoidNetwork.read(network);
        Natives.load(options.threads);
        Explorer explorer = explorer(reportValues);
        requireFiguresOfTheseRuns();

        Path pdf = reportDir.resolve("452_" + name + "_assignment2.pdf");
        String printed = page(
                reportValues,
                explorer,
                sigmoid,
                false,
                "",
                file -> file.toAbsolutePath().toUri().toString());
        try (Formulas formulas = new Formulas()) {
            AtomicFile.write(pdf, temporary -> Pdf.write(printed, formulas, temporary));
            System.out.println("written: " + pdf);

            Path html = reportDir.resolve("index.html");
            String script = "<script type=\"application/json\" id=\"embeddings\">" + explorer.json()
                    + "</script>\n<script>\n" + resource("explorer.js") + "</script>";
            String shown = formulas.forScreen(page(
                    reportValues, explorer, sigmoid, true, script, file -> Explorer.address(Files.readAllBytes(file))));
            AtomicFile.write(html, temporary -> Files.writeString(temporary, shown));
            System.out.println("written: " + html);
        }
        System.out.println("Problem 3.3 is computed for the numbers of " + network + ": " + sigmoid.origin());
        return 0;
    }

    private FinishedRun<RecordedMetrics.OfVariant> prob6(Variant variant) {
        return FinishedRun.read(savedDir, variant.model, RecordedMetrics.OfVariant.class);
    }

    /** Finds out whether anything is missing, and which command makes it. */
    private void requireAll() {
        List<Path> missing = new ArrayList<>();
        List<String> commands = new ArrayList<>();
        for (Needs needs : NEEDS) {
            List<Path> files = Stream.concat(
                            needs.saved().map(savedDir::resolve),
                            needs.figures.stream().map(figuresDir::resolve))
                    .filter(file -> !Files.isRegularFile(file))
                    .toList();
            if (!files.isEmpty()) commands.add("make " + needs.problem);
            missing.addAll(files);
        }
        if (missing.isEmpty()) return;
        String others = missing.size() == 1
                ? " is missing"
                : String.format(" and %d more files are missing", missing.size() - 1);
        throw new UserError(missing.get(0) + others, "run " + String.join(" and ", commands));
    }

    private void requireFiguresOfTheseRuns() {
        for (Needs needs : NEEDS) {
            for (String figure : needs.figures) {
                RunRecord.requireSameRuns(figuresDir.resolve(figure), savedDir, "run make " + needs.problem);
            }
        }
    }

    /** Where a page finds a figure. */
    private interface Address {
        String of(Path figure) throws IOException;
    }

    private String page(
            ReportValues reportValues,
            Explorer explorer,
            SigmoidNetwork sigmoid,
            boolean screen,
            String script,
            Address address) {
        Optional<Ablations.Results> ablations = Ablations.Results.read(savedDir)
                .filter(results ->
                        results.dataset().equals(reportValues.cnn().record().dataset()));
        Map<String, Object> values = new HashMap<>(reportValues.values(
                (file, caption) -> {
                    Path figure = figuresDir.resolve(file);
                    try {
                        String id = file.replace(".png", "");
                        return figure(id, address.of(figure), Figure.share(Files.readAllBytes(figure)), caption);
                    } catch (IOException e) {
                        throw AtomicFile.cannotRead(figure, "check the folder's permissions", e);
                    }
                },
                explorer.shown()));
        values.put("points", String.format("%,d", explorer.points()));
        values.put(
                "ablations", VariantValues.ablations(ablations, (figure, caption) -> drawn("widths", figure, caption)));
        values.putAll(Map.of(
                "name",
                name,
                "descent",
                DescentValues.values((figure, caption) -> drawn("descent", figure, caption)),
                "prob3",
                BackpropagationValues.values(sigmoid, (figure, caption) -> drawn("network", figure, caption)),
                "screen",
                screen,
                "style",
                resource("report.css"),
                "script",
                script));
        String page = Mustache.compiler()
                .withLoader(part -> reader(part + ".html"))
                .compile(reader("report.html"))
                .execute(values);
        // A number and its signs stay on one line.
        return Numbering.apply(page)
                .replaceAll("(\\d) %", "$1\u00a0%")
                .replaceAll("(\\d) × (?=\\d)", "$1\u00a0×\u00a0")
                .replaceAll("× (?=\\d)", "×\u00a0")
                .replace(" ± ", "\u00a0±\u00a0")
                .replaceAll("\\bp (&#x3D;|&lt;) (\\d[.\\d]*)", "<span class=\"number\"><i>p</i>\u00a0$1\u00a0$2</span>")
                .replaceAll("\\b\\d/\\d(?= \\(\\d)", "<span class=\"number\">$0</span>")
                .replaceAll("−\\d[.\\d]*(\u00a0±\u00a0[.\\d]+)?", "<span class=\"number\">$0</span>");
    }

    private static Map<String, Object> figure(String id, String source, double share, String caption) {
        return Map.of(
                "id",
                id,
                "source",
                source,
                "width",
                Math.round(100 * share),
                "alt",
                caption.replaceAll("[\\\\{}]|<[^>]*>", ""),
                "caption",
                caption);
    }

    private static Map<String, Object> drawn(String id, Figure figure, String caption) {
        return figure(id, Explorer.address(figure.png()), figure.width() / 1000.0, caption);
    }

    private Explorer explorer(ReportValues reportValues) {
        try (PointerScope scope = new PointerScope()) {
            Device device = Natives.device(options.device);
            Mnist data = mnist.loadTest(device);
            if (!data.identity().equals(reportValues.cnn().record().dataset())) {
                throw new UserError(
                        "the models were not trained on the data in " + mnist.dataDir,
                        "name the folder of theirs with --data-dir");
            }
            return Explorer.of(data.test(), device, savedDir, reportValues.cnn(), reportValues.autoencoders());
        }
    }

    private static Reader reader(String resource) {
        InputStream in = ReportCommand.class.getResourceAsStream(resource);
        return new InputStreamReader(in, StandardCharsets.UTF_8);
    }

    private static String resource(String name) {
        try (InputStream in = ReportCommand.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
