package mnist;

import mnist.play.PlayCommand;
import mnist.prob3.Prob3;
import mnist.prob4.Prob4;
import mnist.prob5.Prob5;
import mnist.prob6.Prob6;
import mnist.report.ReportCommand;
import mnist.run.Launcher;
import mnist.study.Ablations;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The commands of the exercise. */
@Command(
        name = "mnist-libtorch",
        subcommands = {
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
            CheckGpuCommand.class
        },
        description = "PyTorch from Java: a course's MNIST exercise.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Launcher.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    public static void main(String[] arguments) {
        Launcher.main(new Main(), arguments);
    }

    /** Runs a command line and returns the exit status. */
    static int run(String... arguments) {
        return Launcher.run(new Main(), arguments);
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
