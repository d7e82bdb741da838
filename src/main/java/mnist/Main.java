package mnist;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import mnist.distributed.Rank;
import mnist.prob3.Prob3;
import mnist.prob4.Prob4;
import mnist.prob5.Prob5;
import mnist.prob6.Prob6;
import mnist.report.ReportCommand;
import mnist.runtime.LibTorch;
import mnist.runtime.UserError;
import mnist.runtime.Versions;
import mnist.training.StoppedException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command line: parses, runs a problem, and turns what goes wrong into one line and an exit status. */
@Command(
        name = "mnist-libtorch",
        subcommands = {
            Prob3.class,
            Prob4.class,
            Prob5.class,
            Prob6.class,
            EvalCommand.class,
            ParityCommand.class,
            ReportCommand.class,
            DataCommand.class,
            DoctorCommand.class,
            CheckGpuCommand.class
        },
        description = "PyTorch from Java: a course's MNIST exercise.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean debug;

    public static void main(String[] arguments) {
        useUtf8();
        int status = run(arguments);
        if (System.out.checkError()) {
            System.err.println("error: not everything could be printed; see where standard output goes");
            status = Math.max(status, 1);
        }
        System.exit(status);
    }

    /** Prints in UTF-8 where the locale's charset has nothing but ASCII, and so no δ and no ×. */
    private static void useUtf8() {
        if (Charset.defaultCharset().newEncoder().canEncode('\u03b4')) return;
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
    }

    /** Runs a command line and returns the exit status: 0 done, 1 failed, 2 wrong usage, 128 and the number of a signal that stopped it. */
    static int run(String... arguments) {
        Locale.setDefault(Locale.ROOT); // numbers have a point everywhere
        Main main = new Main();
        String rank = Rank.prefix(System.getenv());
        CommandLine line = new CommandLine(main);
        PrintWriter err = line.getErr();
        line.setOverwrittenOptionsAllowed(true); // so that what follows --from-record overrides it
        line.setParameterExceptionHandler((e, args) -> {
            if (e.getCause() instanceof UserError error) { // of a file that an option names
                err.println("error: " + rank + error.getMessage());
                return 1;
            }
            String command = e.getCommandLine().getCommandSpec().qualifiedName();
            err.println("error: " + rank + LibTorch.firstLine(e) + "; see " + command + " --help");
            return 2;
        });
        line.setExecutionExceptionHandler((e, commandLine, result) -> {
            if (e instanceof ParameterException wrong)
                return commandLine.getParameterExceptionHandler().handleParseException(wrong, arguments);
            if (main.debug) e.printStackTrace(err);
            if (e instanceof StoppedException stopped) {
                if (Rank.talks(System.getenv())) err.println(e.getMessage());
                return stopped.exitStatus();
            }
            err.println("error: " + rank + LibTorch.firstLine(e)
                    + (e instanceof UserError ? "" : "; run it again with --debug for the details"));
            return 1;
        });
        return line.execute(arguments);
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            Versions versions = Versions.current();
            return new String[] {
                "mnist-libtorch " + versions.project() + " (libtorch " + versions.libtorch() + ", Java "
                        + versions.java() + ")"
            };
        }
    }
}
