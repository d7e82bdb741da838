package mnist.run;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.Versions;
import libtorch.distributed.Rank;
import libtorch.training.DivergedException;
import libtorch.training.StoppedException;
import mnist.system.UserError;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** Runs a program's command line, and reports an error as one line and an exit status. */
public final class Launcher {
    private Launcher() {}

    /** The option that every command has. */
    private static final class Debug {
        @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
        private boolean debug;
    }

    /** Runs a command line, and ends the process with its exit status; for main methods. */
    public static void main(Function<String[], CommandLine> program, String... arguments) {
        useUtf8();
        int status = run(program, arguments);
        if (System.out.checkError()) {
            System.err.println("error: not everything could be printed; see where standard output goes");
            status = Math.max(status, 1);
        }
        System.exit(status);
    }

    /**
     * Prints in UTF-8 if the locale's charset is ASCII, which lacks δ and ×. JDK 19 and later have the charset of
     * standard output in a property; earlier ones use the default charset.
     */
    private static void useUtf8() {
        String charset =
                System.getProperty("stdout.encoding", Charset.defaultCharset().name());
        if (Charset.forName(charset).newEncoder().canEncode('\u03b4')) return;
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
    }

    /**
     * Runs a command line.
     *
     * @param program creates the commands that the arguments name
     * @return the exit status: 0 done, 1 failed, 2 wrong usage, 128 and the number of a signal that stopped it
     */
    public static int run(Function<String[], CommandLine> program, String... arguments) {
        Locale.setDefault(Locale.ROOT); // decimal points in all locales
        LibTorch.onNotice(System.err::println);
        boolean live = List.of(arguments).contains("--live");
        if (!live) System.setProperty("java.awt.headless", "true"); // figures go to files: no display is needed
        String rank = Rank.prefix(System.getenv());
        try {
            Versions.current(); // picocli calls it before it can report an error
        } catch (LibTorchException e) {
            System.err.println("error: " + rank + e.getMessage());
            return 1;
        }
        CommandLine line = program.apply(arguments);
        Debug debug = new Debug();
        line.addMixin("debug", debug);
        PrintWriter err = line.getErr();
        line.setOverwrittenOptionsAllowed(true); // so that what follows --from-record overrides it
        line.setParameterExceptionHandler((e, args) -> {
            if (e.getCause() instanceof LibTorchException error) { // in a file that an option names
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
            if (debug.debug) e.printStackTrace(err);
            if (e instanceof StoppedException stopped) {
                if (Rank.prints(System.getenv()))
                    err.println("stopped " + stopped.where() + "; the same command with --resume goes on from there");
                return stopped.reason();
            }
            if (e instanceof DivergedException && !Rank.prints(System.getenv())) return 1; // rank 0 prints it
            err.println("error: " + rank
                    + (e instanceof LibTorchException known
                            ? UserError.advised(known).getMessage()
                            : LibTorch.firstLine(e) + "; run it again with --debug for the details"));
            return 1;
        });
        try {
            return line.execute(arguments);
        } catch (Error e) { // of a library or the JVM, such as a class that cannot be initialized or a broken display
            if (debug.debug) e.printStackTrace(err);
            boolean small = e instanceof OutOfMemoryError || e instanceof StackOverflowError;
            err.println("error: " + rank
                    + (small
                            ? "the Java heap or a stack is too small (" + LibTorch.firstLine(e)
                                    + "); name a smaller file, or raise -Xmx in native-config"
                            : e.getClass().getSimpleName() + ": " + LibTorch.firstLine(e)
                                    + "; see what doctor says, or run it again with --debug for the details"));
            return 1;
        }
    }

    /** Returns the versions of this project, of libtorch and of Java. */
    public static final class Version implements IVersionProvider {
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
