package mnist;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import libtorch.LibTorch;
import mnist.report.ReportCommand;
import mnist.run.MnistProblem;
import mnist.run.Session;
import mnist.run.Training;
import mnist.run.TrainingOptions;
import mnist.study.ProblemStudy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Trains the networks of all problems in one session, so that no core is idle at the end of a problem. */
@Command(
        name = "all",
        description = "Trains the networks of problems 4, 5 and 6 at the same time, and writes the report.",
        footer = "Other options are passed on to prob4, prob5 and prob6, as --epochs and --seeds; see prob4 --help.")
final class AllCommand implements Callable<Integer> {
    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Last name and initials, for the report (default: ${DEFAULT-VALUE}).")
    private String name = "riddletm";

    @Option(
            names = "--report-dir",
            paramLabel = "DIR",
            description = "Where the report goes (default: ${DEFAULT-VALUE}).")
    private Path reportDir = Path.of("report");

    @Unmatched
    private List<String> passedOn = new ArrayList<>();

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        long start = System.nanoTime();
        List<MnistProblem> problems = Stream.of("prob4", "prob5", "prob6")
                .map(problem -> (MnistProblem) parsed(problem, passedOn, /*ignoreUnknown*/ false))
                .toList();
        problems.forEach(MnistProblem::validate);
        TrainingOptions options = problems.get(0).options;
        requireTogether(options);
        ReportCommand report = report();
        report.validate();

        List<Training<?>> trainings;
        long trained;
        MnistProblem first = problems.get(0);
        try (Session session = new Session(options, LibTorch.Pool.OPENMP, first.mnist.loader(), new ProblemStudy())) {
            List<Runnable> results =
                    problems.stream().map(problem -> problem.add(session)).toList();
            session.run();
            trained = System.nanoTime();
            results.forEach(Runnable::run);
            session.draw(options.figuresDir);
            trainings = session.trainings();
        }
        long drawn = System.nanoTime();
        System.out.println();
        report.call();
        long end = System.nanoTime();

        System.out.println();
        trainings.forEach(training -> print(training.title(), training.seconds()));
        print("all networks at the same time", (trained - start) / 1e9);
        print("tables and figures", (drawn - trained) / 1e9);
        print("report", (end - drawn) / 1e9);
        print("in all", (end - start) / 1e9);
        return 0;
    }

    private static void print(String part, double seconds) {
        System.out.printf("%-30s %6.1f s%n", part, seconds);
    }

    private void requireTogether(TrainingOptions options) {
        boolean alone = options.ranks != null || options.live || options.fromRecord != null || options.summary;
        if (!alone && options.traceDir == null) return;
        throw new ParameterException(
                command.commandLine(),
                "--ranks, --live, --from-record, --summary and --trace-dir are for one problem at a time");
    }

    /** Returns the report command with the same folders, data and device; it has none of the other options. */
    private ReportCommand report() {
        List<String> options = new ArrayList<>(passedOn);
        options.addAll(List.of("--name", name, "--report-dir", reportDir.toString()));
        return (ReportCommand) parsed("report", options, /*ignoreUnknown*/ true);
    }

    /**
     * Parses the options of another command.
     *
     * @param ignoreUnknown whether to ignore options that the command does not have
     */
    private static Object parsed(String command, List<String> options, boolean ignoreUnknown) {
        List<String> arguments = new ArrayList<>(options);
        arguments.add(0, command);
        return Main.commandLine(command)
                .setUnmatchedArgumentsAllowed(ignoreUnknown)
                .parseArgs(arguments.toArray(String[]::new))
                .subcommand()
                .commandSpec()
                .userObject();
    }
}
