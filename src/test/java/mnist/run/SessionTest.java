package mnist.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import libtorch.LibTorch;
import libtorch.Tensors;
import libtorch.data.Examples;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.training.Task;
import mnist.CommandLineRun;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Several networks and several seeds in one session. */
class SessionTest implements UsesLibTorch {
    private static final class Line extends Network {
        final LinearImpl linear = linear("linear", 1, 1);

        Line() {
            super("Line");
        }

        @Override
        public Activation forward(Activation x) {
            return x.linear(linear);
        }
    }

    /** Trains lines that differ in nothing but their learning rates. */
    @Command(name = "lines")
    private static final class Lines implements Callable<Integer> {
        @Mixin
        private final TrainingOptions options = new TrainingOptions(/*epochs*/ 3, /*batch size*/ 2, /*lr*/ 0.01);

        private final double[] rates;
        private List<List<float[]>> weights = List.of();

        Lines(double... rates) {
            this.rates = rates;
        }

        @Override
        public Integer call() {
            try (Session session =
                    new Session(options, LibTorch.Pool.OPENMP, (device, type) -> UsesLibTorch.sample(), null)) {
                List<Training<float[]>> trainings = Arrays.stream(rates)
                        .mapToObj(lr -> session.add(name(lr), seed -> task(seed, lr), run -> {
                            run.save("lines", new JsonObject());
                            return Tensors.floats(run.network().linear.weight());
                        }))
                        .toList();
                session.run();
                weights = trainings.stream().map(Training::results).toList();
            }
            return 0;
        }

        private static String name(double lr) {
            return "line" + lr;
        }

        private Task<Line> task(long seed, double lr) {
            Examples examples = Examples.of( // y = 2x
                    Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 6, 1),
                    Tensors.of(new float[] {2, 4, 6, 8, 10, 12}, 6, 1));
            return new Task<>(
                    name(lr),
                    Line::new,
                    parameters -> new SGD(parameters, new SGDOptions(lr)),
                    (Tensor x, Tensor y) -> torch.mse_loss(x, y),
                    examples,
                    examples,
                    seed,
                    options.epochs,
                    options.batchSize,
                    options.settings(seed));
        }
    }

    private static CommandLineRun run(Lines lines, Path folder, String... options) {
        return CommandLineRun.ofProgram(
                lines, "--saved-dir", folder, "--figures-dir", folder, "--threads", "1", options);
    }

    @Test
    void aNetworkThatDivergesDoesNotStopTheOthersAndIsNamedInTheEnd(@TempDir Path folder) {
        for (String jobs : List.of("1", "3")) {
            Lines lines = new Lines(0.01, 1e30, 0.02);
            CommandLineRun run = run(lines, folder.resolve(jobs), "--jobs", jobs);
            assertEquals(1, run.status());
            assertEquals(
                    "error: line1.0E30: the loss became Infinity at step 2 of epoch 1; try a smaller --lr\n",
                    run.err());
            assertEquals(
                    List.of(1, 0, 1), lines.weights.stream().map(List::size).toList());
            assertTrue(Files.exists(folder.resolve(jobs).resolve("line0.02.pt")));
            assertFalse(Files.exists(folder.resolve(jobs).resolve("line1.0E30.pt")));
        }
    }

    @Test
    void afterAnyOtherErrorNoFurtherNetworkIsBegun(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("line0.02.checkpoint"), "no checkpoint");
        Lines lines = new Lines(0.01, 0.02, 0.03);
        CommandLineRun run = run(lines, folder, "--jobs", "1", "--resume");
        assertEquals(1, run.status());
        assertTrue(run.err().startsWith("error: line0.02: " + folder.resolve("line0.02.checkpoint")), run.err());
        assertEquals(List.of(1, 0, 0), lines.weights.stream().map(List::size).toList());
        assertFalse(run.out().contains("line0.03"), run.out());
    }

    @Test
    void eachNetworkHasTheSameBitsAsAloneHoweverManyTrainAtTheSameTime(@TempDir Path folder) {
        Lines alone = new Lines(0.02);
        assertEquals(0, run(alone, folder.resolve("alone")).status());
        for (String jobs : List.of("1", "2", "4")) {
            Lines several = new Lines(0.01, 0.02, 0.03, 0.04);
            assertEquals(0, run(several, folder.resolve(jobs), "--jobs", jobs).status());
            assertArrayEquals(
                    alone.weights.get(0).get(0), several.weights.get(1).get(0));
        }
    }

    @Test
    void theFirstSeedsModelIsSavedAndItsRecordHasTheOthersAsTheyWereAlone(@TempDir Path folder) throws Exception {
        Lines lines = new Lines(0.01);
        CommandLineRun run = run(lines, folder.resolve("three"), "--seeds", "7,1,5", "--jobs", "2");
        assertEquals(0, run.status(), run.err());
        assertTrue(run.out().contains("line0.01 seed 5  epoch  3/3"), run.out());
        JsonObject record = record(folder.resolve("three"));
        assertEquals(7, record.getAsJsonObject("options").get("seed").getAsLong());
        assertEquals("7,1,5", record.getAsJsonObject("options").get("seeds").getAsString());
        JsonArray replicates = record.getAsJsonArray("replicates");
        assertEquals(2, replicates.size());
        String[] seeds = {"7", "1", "5"};
        for (int i = 0; i < seeds.length; i++) {
            Lines alone = new Lines(0.01);
            assertEquals(
                    0, run(alone, folder.resolve(seeds[i]), "--seed", seeds[i]).status());
            assertArrayEquals(alone.weights.get(0).get(0), lines.weights.get(0).get(i));
            JsonObject same = record(folder.resolve(seeds[i]));
            JsonObject told = i == 0 ? record : replicates.get(i - 1).getAsJsonObject();
            assertEquals(losses(same), losses(told));
            if (i > 0) assertEquals(Long.parseLong(seeds[i]), told.get("seed").getAsLong());
        }
        assertEquals(CommandLineRun.filesOf("line0.01"), CommandLineRun.names(folder.resolve("three")));
    }

    private static JsonObject record(Path folder) {
        return RunRecord.read(folder.resolve("line0.01.json"));
    }

    private static List<Double> losses(JsonObject record) {
        return record.getAsJsonArray("epochs").asList().stream()
                .map(epoch -> epoch.getAsJsonObject().get("trainLoss").getAsDouble())
                .toList();
    }

    @Test
    void seedsAndJobsThatMakeNoSenseAreWrongUsage(@TempDir Path folder) {
        String[][] wrong = {
            {"--seeds", "1,x"},
            {"--seeds", "1,1"},
            {"--seeds", ""},
            {"--seeds", "1,2", "--seed", "3"},
            {"--seeds", "1,2", "--trace-dir", folder.toString()},
            {"--jobs", "0"},
            {"--jobs", "2", "--ranks", "2"}
        };
        for (String[] options : wrong) {
            CommandLineRun run = run(new Lines(0.01), folder, options);
            assertEquals(2, run.status(), String.join(" ", options));
            assertEquals(1, run.err().lines().count(), run.err());
        }
        assertEquals(List.of(), Stream.of(folder.toFile().list()).toList());
    }
}
