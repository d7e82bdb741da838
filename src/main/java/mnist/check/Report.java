package mnist.check;

import com.google.errorprone.annotations.FormatMethod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.function.Supplier;
import libtorch.AtomicFile;
import libtorch.LibTorch;

/** A table of checks. Each row is printed and written at once, so that rows are kept if a later check crashes. */
public final class Report {
    private static final String FAILED = "FAILED";

    private final Path file;
    private final StringBuilder table = new StringBuilder();
    private boolean ok = true;

    /**
     * The result of a check.
     *
     * @param outcome ok; FAILED; measured, if there is no reference value; skipped, if this machine lacks a requirement
     */
    public record Result(String outcome, String text) {
        @FormatMethod
        public static Result of(boolean ok, String format, Object... arguments) {
            return new Result(ok ? "ok" : FAILED, String.format(format, arguments));
        }

        @FormatMethod
        public static Result measured(String format, Object... arguments) {
            return new Result("measured", String.format(format, arguments));
        }

        public static Result skipped(String reason) {
            return new Result("skipped", reason);
        }
    }

    /**
     * @param file the table is written to this file
     * @param device heading of the GPU's column: cuda or cpu
     */
    public Report(Path file, String device) {
        this.file = file;
        table.append("# What a GPU machine showed\n\n`make check-gpu` wrote this on ")
                .append(LocalDate.now(ZoneId.systemDefault()))
                .append(".");
        if (device.equals("cpu")) table.append(" **The CPU stood in for the GPU: this says nothing about a GPU.**");
        table.append("\n\n| check | | result |\n| --- | --- | --- |\n");
    }

    /** Runs a check and adds its row; a check that throws has failed. */
    public void add(String check, Supplier<Result> body) {
        Result result;
        try {
            result = body.get();
        } catch (RuntimeException | LinkageError e) {
            result = new Result(FAILED, LibTorch.firstLine(e));
        }
        if (result.outcome.equals(FAILED)) ok = false;
        System.out.printf("%-9s %-30s %s%n", result.outcome, check, result.text);
        table.append(String.format("| %s | %s | %s |%n", check, result.outcome, result.text.replace("|", "\\|")));
        AtomicFile.write(file, temporary -> Files.writeString(temporary, table));
    }

    /** Returns whether no check has failed. */
    public boolean isOk() {
        return ok;
    }
}
