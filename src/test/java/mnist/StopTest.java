package mnist;

import static mnist.ResumeTest.assertSameResults;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stops and kills runs, and resumes them. */
@Tag("long")
class StopTest implements UsesLibTorch {
    /** 100 steps an epoch. */
    private static final String[] OPTIONS =
            "--epochs 3 --batch-size 2 --train-size 200 --test-size 50 --threads 1".split(" ");

    private static final String[] BOTH = {"--only", "plain,skip-noisy"};
    private static final String[] MODELS = {"mnist_cae", "mnist-cae-skip-noisy"};
    private static final String GOES_ON = "; the same command with --resume goes on from there\n";

    /** More than it takes to save a checkpoint, less than an epoch. */
    static final Duration SOME_STEPS = Duration.ofMillis(100);

    @TempDir
    static Path whole;

    private static long wholeMillis;

    @BeforeAll
    static void trainWithoutAStop() {
        Duration start = ProcessRun.cpuTime(ProcessHandle.current().info());
        assertEquals(0, CommandLineRun.onSample("prob6", whole, and(BOTH)).status());
        wholeMillis =
                ProcessRun.cpuTime(ProcessHandle.current().info()).minus(start).toMillis();
    }

    private static String[] and(String[] variants, String... more) {
        List<String> all = new ArrayList<>(List.of(OPTIONS));
        all.addAll(List.of(variants));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /**
     * Returns whether this process ignores a signal, as shells make background jobs ignore Ctrl-C; the processes it
     * starts then do so too.
     */
    static boolean ignores(int signal) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("SigIgn:"))
                return (Long.parseUnsignedLong(line.substring(7).strip(), 16) & (1L << (signal - 1))) != 0;
        }
        return true;
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143, plain skip-noisy", "INT, 130, plain", "HUP, 129, plain"})
    void aSignalEndsTheRunAfterTheStepAndItGoesOnFromThereToTheSameBits(
            String signal, int status, String variants, @TempDir Path parts) throws Exception {
        assumeFalse(ignores(status - 128));
        String[] options = {"--only", variants.replace(' ', ','), "--jobs", "1"};
        boolean two = variants.contains("skip-noisy");
        String last = two ? "skip-noisy" : "plain";
        try (ProcessRun run = ProcessRun.onSample("prob6", parts, and(options))) {
            run.awaitOutput(last + "  epoch  1/3"); // of two, in the middle of the second network
            run.awaitCpuTime(SOME_STEPS);
            run.signal(signal);
            assertEquals(status, run.status(), run.output());
            Matcher where = Pattern.compile(
                            "stopped " + (two ? last + " " : "") + "after step (\\d+) of epoch [23]" + GOES_ON)
                    .matcher(run.output());
            assertTrue(where.find(), run.output());
            assertTrue(Integer.parseInt(where.group(1)) < 100);
        }
        CommandLineRun resumed = CommandLineRun.onSample("prob6", parts, and(options, "--resume"));
        assertEquals(0, resumed.status(), resumed.err());
        assertTrue(resumed.out().contains(last + "  resuming after step "), resumed.out());
        assertSameResults(whole, parts, two ? MODELS : new String[] {"mnist_cae"});
    }

    @Test
    void aSignalStopsAllNetworksInTrainingEachWithItsCheckpointAndBeginsNoOther(
            @TempDir Path whole, @TempDir Path parts) throws Exception {
        assumeFalse(ignores(15));
        String[] options =
                "--seeds 5,6 --only plain,noisy --epochs 2 --batch-size 2 --train-size 150 --test-size 50".split(" ");
        String[] three = Stream.concat(Stream.of(options), Stream.of("--jobs", "3", "--threads", "1"))
                .toArray(String[]::new);
        try (ProcessRun run = ProcessRun.onSample("prob6", parts, three)) {
            run.awaitOutput("  epoch  1/2"); // of plain with seed 6, plain with seed 5 or noisy with seed 6
            run.signal("TERM");
            assertEquals(143, run.status(), run.output());
            String state = "after (step \\d+ of epoch \\d|epoch \\d), ";
            Pattern message = Pattern.compile("stopped plain seed 6 " + state + "plain seed 5 " + state
                    + "noisy seed 6 " + state + "one network before it began" + GOES_ON);
            assertTrue(message.matcher(run.output()).find(), run.output());
        }
        for (String name : List.of("mnist_cae", "mnist_cae-seed6", "mnist_cae_noisy-seed6")) {
            assertTrue(Files.exists(parts.resolve("saved/" + name + ".checkpoint")), name);
        }
        assertFalse(Files.exists(parts.resolve("saved/mnist_cae_noisy.checkpoint")));
        String[] resume = Stream.concat(Stream.of(three), Stream.of("--resume")).toArray(String[]::new);
        CommandLineRun resumed = CommandLineRun.onSample("prob6", parts, resume);
        assertEquals(0, resumed.status(), resumed.err());
        assertTrue(resumed.out().contains("noisy seed 5  nothing to resume"), resumed.out());
        assertEquals(0, CommandLineRun.onSample("prob6", whole, three).status());
        assertSameResults(whole, parts, "mnist_cae", "mnist_cae_noisy");
    }

    @Test
    void killedRunsLeaveNothingHalfWrittenAndGoOn(@TempDir Path parts) throws Exception {
        assertKillsAreSurvived(3, parts);
    }

    @Test
    @Tag("soak")
    void fiftyKilledRunsLeaveNothingHalfWrittenAndGoOn(@TempDir Path parts) throws Exception {
        assertKillsAreSurvived(50, parts);
    }

    /** Kills runs at random moments after their start; each goes on where the last one was, and may finish. */
    private static void assertKillsAreSurvived(int kills, Path parts) throws Exception {
        java.util.Random random = new java.util.Random(1);
        int finished = 0;
        for (int killed = 0; killed < kills; ) {
            try (ProcessRun run = ProcessRun.onSample("prob6", parts, and(BOTH, "--resume"))) {
                run.awaitOutput(" test images\n"); // training begins
                run.awaitCpuTime(Duration.ofMillis(random.nextLong(wholeMillis * 2 / 3)));
                run.signal("KILL");
                if (run.status() != 0) {
                    assertEquals(137, run.status());
                    assertFalse(run.output().contains("error: "), run.output());
                    killed++;
                } else { // it was faster
                    finished++;
                    assertSameResults(whole, parts, MODELS);
                    try (var files = Files.list(parts.resolve("saved"))) { // so that the next has to begin
                        for (Path file : files.toList()) Files.delete(file);
                    }
                }
            }
            assertNothingIsHalfWritten(parts.resolve("saved"));
        }
        System.out.printf("survived %d kills, %d runs finished%n", kills, finished);
        CommandLineRun last = CommandLineRun.onSample("prob6", parts, and(BOTH, "--resume"));
        assertEquals(0, last.status(), last.err());
        assertSameResults(whole, parts, MODELS);
        try (var files = Files.list(parts.resolve("saved"))) {
            assertEquals(
                    List.of(),
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".tmp"))
                            .toList());
        }
    }

    /** Opens what was saved, as a user would. */
    private static void assertNothingIsHalfWritten(Path saved) throws Exception {
        if (!Files.exists(saved)) return;
        for (String model : MODELS) {
            for (String ending : List.of(".pt", ".safetensors")) {
                Path file = saved.resolve(model + ending);
                if (!Files.exists(file)) continue;
                CommandLineRun eval = CommandLineRun.of("eval", file, "--data-dir", SAMPLE, "--unverified-data");
                assertEquals(0, eval.status(), eval.err());
            }
            Path record = saved.resolve(model + ".json");
            if (Files.exists(record))
                assertEquals(
                        3,
                        CommandLineRun.record(saved.getParent(), model)
                                .getAsJsonArray("epochs")
                                .size());
        }
    }
}
