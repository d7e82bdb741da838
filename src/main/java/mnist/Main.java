package mnist;

import java.util.List;
import mnist.play.PlayCommand;
import mnist.prob3.Prob3;
import mnist.prob4.Prob4;
import mnist.prob5.Prob5;
import mnist.prob6.Prob6;
import mnist.report.ReportCommand;
import mnist.run.Launcher;
import mnist.run.MnistProblem;
import mnist.run.TrainCommand;
import mnist.study.Ablations;
import mnist.study.ProblemStudy;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;

/** The commands of the exercise. */
@Command(
        name = "mnist-libtorch",
        description = "PyTorch from Java: a course's MNIST exercise.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Launcher.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    private static final List<Class<?>> COMMANDS = List.of(
            Prob3.class,
            Prob4.class,
            Prob5.class,
            Prob6.class,
            Ablations.class,
            AllCommand.class,
            EvalCommand.class,
            RunCommand.class,
            TrainCommand.class,
            ParityCommand.class,
            ReportCommand.class,
            PlayCommand.class,
            DataCommand.class,
            DoctorCommand.class,
            CheckGpuCommand.class);

    public static void main(String[] arguments) {
        Launcher.main(Main::commandLine, arguments);
    }

    /** Runs a command line and returns the exit status. */
    static int run(String... arguments) {
        return Launcher.run(Main::commandLine, arguments);
    }

    /**
     * Returns the program with the commands that the arguments name. Of the others it has only names and descriptions,
     * because reading the options of all commands by reflection is slow.
     */
    static CommandLine commandLine(String... arguments) {
        CommandLine program = new CommandLine(new Main());
        for (Class<?> type : COMMANDS) {
            Command command = type.getAnnotation(Command.class);
            if (List.of(arguments).contains(command.name())) {
                program.addSubcommand(type);
                Object added = program.getSubcommands().get(command.name()).getCommand();
                if (added instanceof MnistProblem problem) problem.study = new ProblemStudy();
            } else {
                CommandSpec summary = CommandSpec.wrapWithoutInspection(type).name(command.name());
                summary.usageMessage().description(command.description());
                program.addSubcommand(summary);
            }
        }
        return program;
    }

    @Override
    public void run() {
        commandLine().usage(System.out);
    }
}
