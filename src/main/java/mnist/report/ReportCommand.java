package mnist.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import libtorch.AtomicFile;
import libtorch.LibTorch;
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
import mnist.run.DeviceOptions;
import mnist.run.MnistOptions;
import mnist.run.RunRecord;
import mnist.study.Ablations;
import mnist.study.ProblemStudy;
import mnist.system.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the exercise's report from the records, models and figures of the problems. */
@Command(name = "report", description = "Writes the whole exercise as one PDF, and as a page for the screen.")
public final class ReportCommand implements Callable<Integer> {
    /** The files that the report needs of each problem: records, models with an embedding, and figures. */
    private static final List<Needs> NEEDS = List.of(
            new Needs("prob4", Prob4.networks().keySet(), false, Prob4Figures.FILES),
            new Needs("prob5", Prob5.networks().keySet(), true, Prob5Figures.FILES),
            new Needs("prob6", Prob6.networks().keySet(), true, Prob6Figures.FILES));

    private record Needs(String problem, Set<String> models, boolean embeds, List<String> own) {
        Stream<String> figures() {
            return Stream.concat(own.stream(), ProblemStudy.FILES.stream().filter(file -> file.startsWith(problem)));
        }

        Stream<String> saved() {
            List<String> suffixes = embeds ? List.of(RunRecord.SUFFIX, TorchScript.SUFFIX) : List.of(RunRecord.SUFFIX);
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

    /** Refuses invalid values, as wrong usage. */
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
        ReportValues reportValues = ReportValues.read(savedDir);
        reportValues.requireComparable();
        SigmoidNetwork sigmoid = SigmoidNetwork.read(network);
        LibTorch.load(options.threads);
        Explorer explorer = explorer(reportValues);
        Map<String, Picture> pictures = figures();

        Map<String, Object> values = reportValues.values(explorer.shown());
        Descent descent = new Descent();
        pictures.put("descent", Picture.of(descent.figure().png()));
        Backpropagation prob3 = Backpropagation.of(sigmoid);
        pictures.put("network", Picture.of(prob3.figure().png()));
        Ablations.Results.read(savedDir)
                .filter(results ->
                        results.dataset().isSameAs(reportValues.cnn().record().dataset()))
                .ifPresent(ablations -> {
                    pictures.put("widths", Picture.of(ablations.figure().png()));
                    values.put("ablations", ablations);
                });
        values.putAll(Map.of("name", name, "descent", descent, "prob3", prob3, "pictures", pictures));
        values.putAll(Map.of("points", explorer.points(), "embeddings", explorer.json()));

        Path pdf = reportDir.resolve("452_" + name + "_assignment2.pdf");
        Path html = reportDir.resolve("index.html");
        String printed = Template.filled(values, false);
        String shown = Template.filled(values, true);
        try (Formulas formulas = new Formulas()) {
            AtomicFile.write(pdf, temporary -> Pdf.write(printed, formulas, temporary));
            System.out.println("written: " + pdf);
            AtomicFile.write(html, temporary -> Files.writeString(temporary, formulas.forScreen(shown)));
            System.out.println("written: " + html);
        }
        System.out.println("Problem 3.3 is computed for the numbers of " + network + ": " + sigmoid.origin());
        return 0;
    }

    /** Refuses to start if a file is missing, and names the command that makes it. */
    private void requireAll() {
        List<Path> missing = new ArrayList<>();
        List<String> commands = new ArrayList<>();
        for (Needs needs : NEEDS) {
            List<Path> files = Stream.concat(
                            needs.saved().map(savedDir::resolve),
                            needs.figures().map(figuresDir::resolve))
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

    /**
     * A figure for the template.
     *
     * @param address its data URL
     * @param width in percent of the page's
     */
    public record Picture(String address, long width) {
        static Picture of(byte[] png) {
            return new Picture(Explorer.address(png), Math.round(100 * Figure.share(png)));
        }
    }

    /** Returns the problems' figures by name; they must be of the runs that were read. */
    private Map<String, Picture> figures() {
        Map<String, Picture> pictures = new HashMap<>();
        for (Needs needs : NEEDS) {
            for (String file : needs.figures().toList()) {
                Path figure = figuresDir.resolve(file);
                RunRecord.requireSameRuns(figure, savedDir, "run make " + needs.problem);
                try {
                    pictures.put(file.replace(".png", ""), Picture.of(Files.readAllBytes(figure)));
                } catch (IOException e) {
                    throw AtomicFile.cannotRead(figure, "check the folder's permissions", e);
                }
            }
        }
        return pictures;
    }

    private Explorer explorer(ReportValues reportValues) {
        try (PointerScope scope = new PointerScope()) {
            Device device = LibTorch.device(options.device);
            Mnist data = mnist.loadTest(device);
            if (!data.identity().isSameAs(reportValues.cnn().record().dataset()))
                throw new UserError(
                        "the models were not trained on the data in " + mnist.dataDir,
                        "name the folder of theirs with --data-dir");
            return Explorer.of(data.test(), device, savedDir, reportValues.runs());
        }
    }
}
