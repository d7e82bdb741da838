package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trains in several processes, and loses some of them. */
@Tag("long")
class RanksTest implements UsesLibTorch {
    /** Two epochs of 150 steps: long enough to lose a rank in the second. */
    private static final String[] NOISY =
            "--only noisy --epochs 2 --batch-size 2 --train-size 300 --test-size 50".split(" ");

    /** In which ranks start on a busy machine, in seconds. */
    private static final String TIMEOUT = "5";

    /** Nanoseconds; less than the time limit of the runs of which a rank is killed, and enough for a busy machine. */
    private static final long STOPS_WITHIN = TimeUnit.SECONDS.toNanos(40);

    private static final String MODEL = "mnist_cae_noisy";

    @TempDir
    static Path whole;

    @BeforeAll
    static void trainAlone() {
        assertEquals(0, CommandLineRun.onSample("prob6", whole, NOISY).status());
    }

    /** Resumes a run, and compares the losses of every epoch with those of the run that was not disturbed. */
    private static void assertGoesOnAsIfAlone(Path folder, String... options) throws IOException {
        CommandLineRun resumed = CommandLineRun.onSample("prob6", folder, and(and(NOISY, "--resume"), options));
        assertEquals(0, resumed.status(), resumed.err());
        assertTrue(resumed.out().contains("resuming after "), resumed.out());
        assertClose(losses(whole, MODEL), losses(folder, MODEL), 1e-5);
    }

    private static String[] and(String[] some, String... more) {
        List<String> all = new ArrayList<>(List.of(some));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static List<Double> stepLosses(Path traces, String model) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (var epoch : JsonParser.parseString(Files.readString(traces.resolve(model + ".json")))
                .getAsJsonObject()
                .getAsJsonArray("stepLosses")) {
            for (var loss : (JsonArray) epoch) losses.add(loss.getAsDouble());
        }
        return losses;
    }

    private static void assertClose(List<Double> expected, List<Double> actual, double tolerance) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++)
            assertEquals(expected.get(i), actual.get(i), tolerance * expected.get(i), "at " + i);
    }

    private static List<Double> losses(Path folder, String model) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (var epoch : CommandLineRun.record(folder, model).getAsJsonArray("epochs")) {
            losses.add(((JsonObject) epoch).get("trainLoss").getAsDouble());
            losses.add(((JsonObject) epoch).get("testLoss").getAsDouble());
        }
        return losses;
    }

    // Of batches of 7, shares are unequal, and the last one, of one example, leaves two ranks without any. In float32
    // the networks of problems 4 and 5 do not agree
    // with themselves, on one thread and on two.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3 | prob6 | --only noisy,skip-noisy | mnist_cae_noisy mnist-cae-skip-noisy",
                "2 | prob5 | --double                | linear_ae mnist_ae",
                "2 | prob4 | --double                | mnist_cnn"
            })
    void theLossesOfEveryStepAreThoseOfOneProcess(
            int ranks, String problem, String options, String models, @TempDir Path one, @TempDir Path many)
            throws Exception {
        String[] small =
                and(options.strip().split(" "), "--epochs 1 --batch-size 7 --train-size 120 --test-size 50".split(" "));
        CommandLineRun alone = CommandLineRun.onSample(problem, one, and(small, "--trace-dir", one.toString()));
        assertEquals(0, alone.status(), alone.err());
        CommandLineRun run = CommandLineRun.onSample(
                problem, many, and(small, "--trace-dir", many.toString(), "--ranks", "" + ranks));
        assertEquals(0, run.status(), run.err());
        assertTrue(run.out().contains(" in each of " + ranks + " processes\n"), run.out());
        for (String model : models.strip().split(" ")) {
            assertClose(stepLosses(one, model), stepLosses(many, model), options.contains("--double") ? 1e-12 : 1e-5);
            if (!model.equals("linear_ae")) {
                assertClose(losses(one, model), losses(many, model), 1e-5);
                assertEquals(
                        ranks, CommandLineRun.record(many, model).get("ranks").getAsInt());
                assertEquals(
                        CommandLineRun.record(one, model).get("options"),
                        CommandLineRun.record(many, model).get("options"));
            }
        }
        assertEquals(CommandLineRun.names(one.resolve("figures")), CommandLineRun.names(many.resolve("figures")));
    }

    /** Starts a rank of a run as a launcher would; each has a folder of its own. */
    private static ProcessRun launch(int rank, int ranks, int port, Path folder, String... options) throws IOException {
        Map<String, String> environment = Map.of(
                "RANK",
                "" + rank,
                "WORLD_SIZE",
                "" + ranks,
                "LOCAL_RANK",
                "" + rank,
                "LOCAL_WORLD_SIZE",
                "" + ranks,
                "MASTER_ADDR",
                "127.0.0.1",
                "MASTER_PORT",
                "" + port);
        return ProcessRun.onSample(environment, List.of(), "prob6", folder.resolve("rank" + rank), options);
    }

    private static List<ProcessRun> launch(int ranks, Path folder, String... options) throws IOException {
        int port = UsesLibTorch.freePort();
        List<ProcessRun> runs = new ArrayList<>();
        for (int i = 0; i < ranks; i++) runs.add(launch(i, ranks, port, folder, options));
        return runs;
    }

    private static void closeAll(List<ProcessRun> runs) {
        runs.forEach(ProcessRun::close);
    }

    /** Returns the addresses, in hexadecimal digits, of the sockets on which a process waits for connections. */
    private static List<String> listening(long process) throws IOException {
        Set<String> own = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + process + "/fd"))) {
            for (Path descriptor : descriptors.toList())
                if (Files.exists(descriptor, LinkOption.NOFOLLOW_LINKS))
                    own.add(Files.readSymbolicLink(descriptor).toString());
        }
        List<String> addresses = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + process + "/net/" + table))) {
                String[] fields = line.strip().split(" +"); // number, local, remote, state (0A: listens), ..., inode
                if (fields[3].equals("0A") && own.contains("socket:[" + fields[9] + "]")) addresses.add(fields[1]);
            }
        }
        return addresses;
    }

    @Test
    void theFirstRankAloneWritesFilesAndTalksAndItsRecordRepeatsTheRunWithAsManyRanks(
            @TempDir Path folder, @TempDir Path second) throws Exception {
        String[] small = {"--only", "plain", "--epochs", "1", "--train-size", "128", "--test-size", "50"};
        List<ProcessRun> runs = launch(2, folder, and(small, "--threads", "1"));
        try {
            for (ProcessRun run : runs) assertEquals(0, run.status(), run.output());
            assertEquals(CommandLineRun.filesOf("mnist_cae"), CommandLineRun.names(folder.resolve("rank0/saved")));
            assertFalse(Files.exists(folder.resolve("rank1")));
            assertTrue(runs.get(0).output().contains("epoch  1/1"));
            assertEquals("", runs.get(1).output().replaceAll("(\\[Gloo]|Picked up).*\n", ""));
        } finally {
            closeAll(runs);
        }
        Path first = folder.resolve("rank0");
        String record = first.resolve("saved/mnist_cae.json").toString();
        CommandLineRun again = CommandLineRun.onSample("prob6", second, "--from-record", record);
        assertEquals(0, again.status(), again.err());
        assertEquals(2, CommandLineRun.record(second, "mnist_cae").get("ranks").getAsInt());
        ResumeTest.assertSameResults(first, second, "mnist_cae");
    }

    @ParameterizedTest
    @CsvSource("3, 0, KILL, 2")
    void whereARankIsKilledOrHangsAllOthersStopInTimeWithACheckpointFromWhichAnyNumberGoesOn(
            int ranks, int victim, String signal, int then, @TempDir Path folder) throws Exception {
        // one that hangs is missed after the time limit, one that is killed at once, whatever the limit
        String[] options = and(NOISY, "--rank-timeout", signal.equals("STOP") ? TIMEOUT : "60");
        List<ProcessRun> runs = launch(ranks, folder, options);
        try {
            runs.get(0).awaitOutput("epoch  1/2");
            runs.get(0).awaitCpuTime(StopTest.SOME_STEPS);
            runs.get(victim).signal(signal);
            long start = System.nanoTime();
            for (int i = 0; i < ranks; i++) {
                if (i == victim) continue;
                assertEquals(1, runs.get(i).status(), runs.get(i).output());
                String[] lines = runs.get(i).output().split("\n");
                assertTrue(
                        lines[lines.length - 1].matches("error: rank " + i
                                + ": the exchange with the other ranks failed after (epoch 1|step \\d+ of epoch 2) \\(.*\\); "
                                + "the same command with --resume goes on from there, with any number of ranks"),
                        runs.get(i).output());
                assertTrue(Files.exists(folder.resolve("rank" + i + "/saved").resolve(MODEL + ".checkpoint")));
            }
            assertTrue(System.nanoTime() - start < STOPS_WITHIN);
        } finally {
            runs.get(victim).signal("KILL");
            closeAll(runs);
        }
        Path survivor = folder.resolve("rank" + (victim == 0 ? 1 : 0));
        assertGoesOnAsIfAlone(survivor, "--ranks", "" + then);
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1, KILL, 3",
        "2, 1, KILL, 1",
        "4, 0, KILL, 2",
        "4, 2, KILL, 1",
        "2, 0, KILL, 2",
        "2, 1, STOP, 1",
        "4, 3, STOP, 4",
        "4, 0, STOP, 2"
    })
    @Tag("soak")
    void anyRankMayBeTheOneThatIsLost(int ranks, int victim, String signal, int then, @TempDir Path folder)
            throws Exception {
        whereARankIsKilledOrHangsAllOthersStopInTimeWithACheckpointFromWhichAnyNumberGoesOn(
                ranks, victim, signal, then, folder);
    }

    @Test
    void ranksThatAreStartedHereListenOnLoopbackAloneAndDoNotOutliveARunWhoseRankHangsAndItGoesOn(@TempDir Path folder)
            throws Exception {
        try (ProcessRun run =
                ProcessRun.onSample("prob6", folder, and(NOISY, "--ranks", "2", "--rank-timeout", TIMEOUT))) {
            run.awaitOutput("epoch  1/2");
            List<ProcessHandle> others =
                    ProcessHandle.of(run.pid()).orElseThrow().children().toList();
            assertEquals(1, others.size());
            if (Files.isReadable(Path.of("/proc/self/net/tcp"))) { // where Linux tells who listens
                List<String> sockets = listening(run.pid());
                sockets.addAll(listening(others.get(0).pid()));
                assertFalse(sockets.isEmpty());
                assertEquals(
                        List.of(),
                        sockets.stream().filter(s -> !s.startsWith("0100007F:")).toList());
            }
            new ProcessBuilder("kill", "-STOP", "" + others.get(0).pid())
                    .start()
                    .waitFor();
            long start = System.nanoTime();
            assertEquals(1, run.status(), run.output());
            assertTrue(
                    Pattern.compile(
                                    "error: the exchange with the other ranks failed after (epoch 1|step \\d+ of epoch 2) "
                                            + "\\(.*\\); the same command with --resume goes on from there, with any number of ranks")
                            .matcher(run.output())
                            .find(),
                    run.output());
            others.get(0).onExit().get(30, TimeUnit.SECONDS);
            assertTrue(System.nanoTime() - start < STOPS_WITHIN);
        }
        assertGoesOnAsIfAlone(folder);
    }

    @Test
    @Tag("soak")
    void aKilledRank0LeavesNothingBehind(@TempDir Path folder, @TempDir Path temporary) throws Exception {
        try (ProcessRun run = ProcessRun.onSample(
                List.of("-Djava.io.tmpdir=" + temporary), "prob6", folder, and(NOISY, "--ranks", "2"))) {
            run.awaitOutput("epoch  1/2");
            ProcessHandle other = ProcessHandle.of(run.pid())
                    .orElseThrow()
                    .children()
                    .findAny()
                    .orElseThrow();
            assertEquals(1, temporary.toFile().list().length);
            run.signal("KILL");
            other.onExit().get(5, TimeUnit.MINUTES);
            assertEquals(0, temporary.toFile().list().length);
        }
        assertGoesOnAsIfAlone(folder);
    }

    @Test
    @Tag("soak")
    void aSignalToRank0StopsAllAfterTheSameStep(@TempDir Path folder) throws Exception {
        assertASignalStopsAll(0, folder);
    }

    @Test
    void aSignalToAnotherThanRank0StopsAllAfterTheSameStep(@TempDir Path folder) throws Exception {
        assertASignalStopsAll(1, folder);
    }

    private static void assertASignalStopsAll(int which, Path folder) throws Exception {
        List<ProcessRun> runs = launch(2, folder, NOISY);
        try {
            runs.get(0).awaitOutput("epoch  1/2");
            runs.get(0).awaitCpuTime(StopTest.SOME_STEPS);
            runs.get(which).signal("TERM");
            for (ProcessRun run : runs) assertEquals(143, run.status(), run.output());
            assertTrue(
                    runs.get(0).output().contains("stopped after step "),
                    runs.get(0).output());
            assertFalse(Files.exists(folder.resolve("rank1")));
        } finally {
            closeAll(runs);
        }
        assertGoesOnAsIfAlone(folder.resolve("rank0"));
    }

    @Test
    void aLossThatDivergesInAllRanksIsReportedOnce(@TempDir Path folder) throws Exception {
        try (ProcessRun run = ProcessRun.onSample("prob6", folder, and(NOISY, "--ranks", "2", "--lr", "1e30"))) {
            assertEquals(1, run.status(), run.output());
            assertEquals(1, run.output().split("error: ", -1).length - 1, run.output());
            assertTrue(run.output().contains("error: the loss became "), run.output());
        }
    }

    @Test
    void aRankThatNeverComesIsMissedInTimeAndNothingIsWritten(@TempDir Path folder) throws Exception {
        String[] options = and(NOISY, "--rank-timeout", "1");
        try (ProcessRun first = launch(0, 2, UsesLibTorch.freePort(), folder, options);
                ProcessRun second = launch(1, 2, UsesLibTorch.freePort(), folder, options)) {
            assertEquals(1, first.status(), first.output());
            assertTrue(first.output().contains("error: rank 0: only 1 of 2 ranks joined within 1 s; "), first.output());
            assertEquals(List.of(), CommandLineRun.names(folder.resolve("rank0/saved")));
            assertEquals(1, second.status(), second.output());
            assertTrue(
                    second.output().contains("error: rank 1: the 2 ranks did not all find each other ("),
                    second.output());
            assertFalse(Files.exists(folder.resolve("rank1")));
        }
    }

    @Test
    void ranksOfDifferentCommandsRefuseToTrainTogether(@TempDir Path folder) throws Exception {
        int port = UsesLibTorch.freePort();
        try (ProcessRun first = launch(0, 2, port, folder, NOISY);
                ProcessRun second = launch(1, 2, port, folder, and(NOISY, "--seed", "2"))) {
            assertEquals(1, second.status(), second.output());
            assertTrue(
                    second.output()
                            .contains(
                                    "error: rank 1: rank 0 trains with seed 1, rank 1 with 2; start all ranks with the same command\n"),
                    second.output());
            assertEquals(1, first.status(), first.output());
            assertTrue(
                    first.output().contains("error: rank 0: the exchange with the other ranks failed ("),
                    first.output());
        }
    }

    /** Two network namespaces with a cable between them: two machines, as far as the network is concerned. */
    private record TwoHosts(String one, String two) implements AutoCloseable {
        static TwoHosts create() throws Exception {
            String id = Long.toString(ProcessHandle.current().pid() % 100_000);
            TwoHosts hosts = new TwoHosts("mnist-a" + id, "mnist-b" + id);
            boolean made = ip("netns add " + hosts.one)
                    && ip("netns add " + hosts.two)
                    && ip("link add va" + id + " netns " + hosts.one + " type veth peer name vb" + id + " netns "
                            + hosts.two);
            for (String host : made ? List.of(hosts.one, hosts.two) : List.<String>of()) {
                String cable = (host.equals(hosts.one) ? "va" : "vb") + id;
                made &= ip("-n " + host + " addr add 10.77.0." + (host.equals(hosts.one) ? 1 : 2) + "/24 dev " + cable)
                        && ip("-n " + host + " link set lo up")
                        && ip("-n " + host + " link set " + cable + " up");
            }
            if (!made) hosts.close();
            assumeTrue(made, "this machine does not allow network namespaces");
            return hosts;
        }

        static boolean ip(String arguments) throws Exception {
            try {
                return new ProcessBuilder(("ip " + arguments).split(" "))
                                .redirectErrorStream(true)
                                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0;
            } catch (IOException noSuchProgram) {
                return false;
            }
        }

        void cutTheCable() throws Exception {
            assertTrue(ip("-n " + one + " link set va" + one.substring(7) + " down"));
        }

        @Override
        public void close() throws Exception {
            ip("netns del " + one);
            ip("netns del " + two);
        }
    }

    @Test
    void twoHostsTrainTogetherAndEachStopsInTimeWhereTheNetworkFails(@TempDir Path folder) throws Exception {
        try (TwoHosts hosts = TwoHosts.create()) {
            List<ProcessRun> runs = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Map<String, String> environment =
                        Map.of("RANK", "" + i, "WORLD_SIZE", "2", "MASTER_ADDR", "10.77.0.1", "MASTER_PORT", "29500");
                runs.add(ProcessRun.onSample(
                        List.of("ip", "netns", "exec", i == 0 ? hosts.one : hosts.two),
                        environment,
                        "prob6",
                        folder.resolve("rank" + i),
                        and(NOISY, "--threads", "1", "--rank-timeout", TIMEOUT)));
            }
            try {
                runs.get(0).awaitOutput("epoch  1/2");
                runs.get(0).awaitCpuTime(StopTest.SOME_STEPS);
                hosts.cutTheCable();
                for (ProcessRun run : runs) {
                    assertEquals(1, run.status(), run.output());
                    assertTrue(run.output().contains("the exchange with the other ranks failed after "), run.output());
                }
            } finally {
                closeAll(runs);
            }
            for (int i = 0; i < 2; i++) assertGoesOnAsIfAlone(folder.resolve("rank" + i));
        }
    }
}
