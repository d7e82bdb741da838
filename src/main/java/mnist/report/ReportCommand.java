package mnist.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import mnist.data.Mnist;
import mnist.figures.Figure;
import mnist.figures.Fonts;
import mnist.formats.TorchScript;
import mnist.prob3.SigmoidNetwork;
import mnist.prob4.Prob4;
import mnist.prob4.Prob4Figures;
import mnist.prob5.Prob5;
import mnist.prob5.Prob5Figures;
import mnist.prob6.Ablations;
import mnist.prob6.Prob6;
import mnist.prob6.Prob6Figures;
import mnist.prob6.Variant;
import mnist.run.DeviceOptions;
import mnist.run.MnistOptions;
import mnist.run.RunRecord;
import mnist.runtime.AtomicFile;
import mnist.runtime.LibTorch;
import mnist.runtime.UserError;
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
            new Needs("prob4", Prob4.networks().keySet(), List.of(RunRecord.SUFFIX), Prob4Figures.FILES),
            new Needs(
                    "prob5",
                    Prob5.networks().keySet(),
                    List.of(RunRecord.SUFFIX, TorchScript.SUFFIX),
                    Prob5Figures.FILES),
            new Needs(
                    "prob6",
                    Prob6.networks().keySet(),
                    List.of(RunRecord.SUFFIX, TorchScript.SUFFIX),
                    Prob6Figures.FILES));

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
                FinishedRun.read(savedDir, Prob4.MODEL, Prob4.Metrics.class),
                FinishedRun.read(savedDir, Prob5.MODEL, Prob5.Metrics.class),
                prob6(Variant.PLAIN),
                prob6(Variant.SKIP),
                prob6(Variant.NOISY),
                prob6(Variant.SKIP_NOISY));
        reportValues.requireComparable();
        SigmoidNetwork sigmoid = SigmoidNetwork.read(network);
        LibTorch.load(options.threads);
        Explorer explorer = explorer(reportValues);
        requireFiguresOfTheseRuns();

        Map<String, Object> values = reportValues.values(explorer.shown());
        Map<String, Figure> drawn = new HashMap<>();
        Descent descent = new Descent();
        drawn.put("descent", descent.figure());
        values.put("descent", descent);
        Backpropagation prob3 = Backpropagation.of(sigmoid);
        drawn.put("network", prob3.figure());
        values.put("prob3", prob3);
        Ablations.Results.read(savedDir)
                .filter(results ->
                        results.dataset().equals(reportValues.cnn().record().dataset()))
                .map(AblationValues::new)
                .ifPresent(ablations -> {
                    drawn.put("widths", ablations.figure());
                    values.put("ablations", ablations);
                });
        values.putAll(Map.of("name", name, "points", explorer.points(), "style", resource("report.css")));

        Path pdf = reportDir.resolve("452_" + name + "_assignment2.pdf");
        Path html = reportDir.resolve("index.html");
        String script = "<script type=\"application/json\" id=\"embeddings\">" + explorer.json()
                + "</script>\n<script>\n" + resource("explorer.js") + "</script>";
        String printed =
                page(values, drawn, "", file -> file.toAbsolutePath().toUri().toString());
        String shown = page(values, drawn, script, file -> Explorer.address(Files.readAllBytes(file)));
        try (Formulas formulas = new Formulas()) {
            AtomicFile.write(pdf, temporary -> Pdf.write(printed, formulas, temporary));
            System.out.println("written: " + pdf);
            AtomicFile.write(html, temporary -> Files.writeString(temporary, formulas.forScreen(shown)));
            System.out.println("written: " + html);
        }
        System.out.println("Problem 3.3 is computed for the numbers of " + network + ": " + sigmoid.origin());
        return 0;
    }

    private FinishedRun<Prob6.Metrics> prob6(Variant variant) {
        return FinishedRun.read(savedDir, variant.model, Prob6.Metrics.class);
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

    /**
     * A figure as the template shows it.
     *
     * @param width in percent of the page's
     */
    public record Picture(String source, long width) {
        private static Picture drawn(Figure figure) {
            return new Picture(Explorer.address(figure.png()), Math.round(figure.width() / 10.0));
        }
    }

    private Picture picture(String file, Address address) {
        Path figure = figuresDir.resolve(file);
        try {
            return new Picture(address.of(figure), Math.round(100 * Figure.share(Files.readAllBytes(figure))));
        } catch (IOException e) {
            throw AtomicFile.cannotRead(figure, "check the folder's permissions", e);
        }
    }

    /** Returns the figures by their names: the files of the problems, and those drawn for the report. */
    private Map<String, Picture> pictures(Map<String, Figure> drawn, Address address) {
        Map<String, Picture> pictures = new HashMap<>();
        drawn.forEach((name, figure) -> pictures.put(name, Picture.drawn(figure)));
        for (Needs needs : NEEDS)
            for (String file : needs.figures) pictures.put(file.replace(".png", ""), picture(file, address));
        return pictures;
    }

    private String page(Map<String, Object> values, Map<String, Figure> drawn, String script, Address address) {
        Map<String, Object> all = new HashMap<>(values);
        all.put("pictures", pictures(drawn, address));
        all.put("screen", !script.isEmpty());
        all.put("script", script);
        return Template.filled(all);
    }

    private Explorer explorer(ReportValues reportValues) {
        try (PointerScope scope = new PointerScope()) {
            Device device = LibTorch.device(options.device);
            Mnist data = mnist.loadTest(device);
            if (!data.identity().equals(reportValues.cnn().record().dataset())) {
                throw new UserError(
                        "the models were not trained on the data in " + mnist.dataDir,
                        "name the folder of theirs with --data-dir");
            }
            return Explorer.of(data.test(), device, savedDir, reportValues.cnn(), reportValues.autoencoders());
        }
    }

    private static String resource(String name) {
        try (InputStream in = ReportCommand.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
