package libtorch.distributed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.data.Batch;
import libtorch.data.Examples;
import libtorch.data.Generators;
import libtorch.export.Networks;
import libtorch.export.Program;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import libtorch.training.Trainer;
import libtorch.training.TrainingListener;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the ranks of a group as threads of this process, on numbers small enough to work out by hand. */
class DataParallelTest implements UsesLibTorch {
    /** y = w·x. */
    private static final class Line extends Network {
        final LinearImpl linear = linear("linear", 1, 1);

        Line(double weight) {
            super("Line");
            linear.weight().detach().fill_(new Scalar(weight));
            linear.bias().detach().zero_();
        }

        @Override
        public Activation forward(Activation x) {
            return x.linear(linear);
        }
    }

    private interface Work<T> {
        T of(RankGroup group) throws Exception;
    }

    private static Rank rank(int number, int count, int port) {
        return new Rank(number, count, number, count, "127.0.0.1", port, number == 0, 0);
    }

    private static <T> List<T> onRanks(int count, Work<T> work) throws Exception {
        return onRanks(count, Duration.ofMinutes(2), work);
    }

    private static <T> List<T> onRanks(int count, Duration timeout, Work<T> work) throws Exception {
        int port = UsesLibTorch.freePort();
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<T>> results = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Rank rank = rank(i, count, port);
                results.add(threads.submit(() -> {
                    try (PointerScope scope = new PointerScope();
                            RankGroup group = new RankGroup(rank, new Device("cpu"), timeout, List.of())) {
                        return work.of(group);
                    }
                }));
            }
            List<T> values = new ArrayList<>();
            for (Future<T> result : results) values.add(result.get());
            return values;
        } finally {
            threads.shutdownNow();
        }
    }

    private static Batch batch(float... x) {
        return new Batch(Tensor.create(x, x.length, 1), torch.zeros(x.length, 1));
    }

    private static double[] step(RankGroup group, Line line, float... x) {
        DataParallel replica = new DataParallel(line, group);
        Batch share = replica.share(batch(x));
        Tensor scaled = replica.scale(torch.mse_loss(line.forward(share.inputs()), share.targets()));
        scaled.backward();
        Tensor loss = replica.batchLoss(scaled);
        return new double[] {
            loss.item_double(),
            line.linear.weight().grad().item_double(),
            line.linear.bias().grad().item_double()
        };
    }

    @Test
    void gradientsAndLossAreThoseOfTheWholeBatchHoweverUnequalTheShares() throws Exception {
        // w = 1: loss (1 + 4 + 9) / 3 = 14/3, dloss/dw = 2 (1 + 4 + 9) / 3 = 28/3, dloss/db = 2 (1 + 2 + 3) / 3 = 4;
        // shares of 1 and 2
        for (double[] values : onRanks(2, group -> step(group, new Line(1), 1, 2, 3)))
            assertArrayEquals(new double[] {14 / 3.0, 28 / 3.0, 4}, values, 1e-5);
    }

    @Test
    void ranksWithoutAShareCountNothing() throws Exception {
        // one example, x = 3, for three ranks: loss 9, dloss/dw = 2·3·3 = 18, dloss/db = 6
        for (double[] values : onRanks(3, group -> step(group, new Line(1), 3)))
            assertArrayEquals(new double[] {9, 18, 6}, values, 1e-5);
    }

    @Test
    void allStartFromTheFirstOnesWeights() throws Exception {
        // w = 1 in rank 0 alone: others would give other losses
        for (double[] values :
                onRanks(2, group -> step(group, new Line(1 + group.rank().number()), 3, 3)))
            assertArrayEquals(new double[] {9, 18, 6}, values, 1e-5);
    }

    private static void assertIsRefused(String layer, Module module) throws Exception {
        Network network = new Network("Other") {
            @Override
            public Activation forward(Activation x) {
                return x;
            }
        };
        network.register_module("layer", module);
        List<String> errors = onRanks(
                1,
                group -> assertThrows(LibTorchException.class, () -> new DataParallel(network, group))
                        .getMessage());
        assertEquals(
                "Other has a layer " + layer + ", which cannot be trained by several ranks; train it in one process",
                errors.get(0));
    }

    @Test
    void whatAListenerClipsAreTheGradientsOfTheWholeBatch() throws Exception {
        // of x = 1 and 3, one a rank: dloss/dw = 2 (1 + 9) / 2 = 10 and dloss/db = 2 (1 + 3) / 2 = 4; clipped to at
        // most 1, a step of 0.1 gives w = 0.9
        Examples examples = Examples.of(Tensors.of(new float[] {1, 3}, 2, 1), torch.zeros(2, 1));
        for (double[] values : onRanks(2, group -> {
            Trainer<Line> trainer = Trainer.of(
                    Task.of("line", () -> new Line(1), Optimizers.sgd(0.1, 0, 0), torch::mse_loss, examples, examples)
                            .withEpochs(1));
            Line line = trainer.network();
            double[] gradients = new double[2];
            trainer.as(new DataParallel(line, group)).fit(new TrainingListener() {
                @Override
                public void gradientsComputed() {
                    gradients[0] = line.linear.weight().grad().item_double();
                    gradients[1] = line.linear.bias().grad().item_double();
                    torch.clip_grad_value_(line.parameters(), 1);
                }
            });
            return new double[] {
                gradients[0], gradients[1], line.linear.weight().item_double()
            };
        })) assertArrayEquals(new double[] {10, 4, 0.9}, values, 1e-5);
    }

    @Test
    void frozenParametersAreLeftOut() throws Exception {
        double[] gradients = onRanks(2, group -> {
                    Line line = new Line(2);
                    line.linear.bias().set_requires_grad(false);
                    DataParallel replica = new DataParallel(line, group);
                    Batch share = replica.share(batch(1, 3));
                    replica.scale(torch.mse_loss(line.forward(share.inputs()), share.targets()))
                            .backward();
                    return new double[] {
                        line.linear.weight().grad().item_double(),
                        line.linear.bias().grad().defined() ? 1 : 0
                    };
                })
                .get(1);
        assertArrayEquals(new double[] {20, 0}, gradients); // mean of 2·(2x)·x for 1 and 3
    }

    @Test
    void layersThatNeedMoreThanTheirGradientsAveragedAreRefused() throws Exception {
        assertIsRefused("BatchNorm1d", new BatchNorm1dImpl(new BatchNormOptions(3)));
        assertIsRefused("Dropout", new DropoutImpl());
    }

    /** A network whose layers are calls by name. */
    private static final class Named extends Network {
        final Function<Activation, Activation> body;
        final LSTMImpl lstm = lstm("lstm", 3, 3, 2, false);

        Named(Function<Activation, Activation> body) {
            super("Named");
            this.body = body;
        }

        @Override
        public Activation forward(Activation x) {
            return body.apply(x);
        }
    }

    private static String called(boolean training, Function<Activation, Activation> body) throws Exception {
        Named network = new Named(body);
        network.train(training);
        List<String> messages = onRanks(1, group -> {
            try {
                new DataParallel(network, group).forward(network, torch.ones(4, 3));
                return "";
            } catch (LibTorchException e) {
                return e.getMessage();
            }
        });
        network.forward(torch.ones(4, 3)); // one process divides nothing
        return messages.get(0);
    }

    @Test
    void operatorsThatNeedTheWholeBatchAreRefusedAlsoWhereTheyAreCalledByName() throws Exception {
        assertEquals(
                "torch.ops.aten.dropout.default draws random numbers in training, which several ranks cannot divide;"
                        + " train it in one process",
                called(true, x -> x.call("dropout", "p", 0.5, "train", true)));
        assertEquals("", called(true, x -> x.call("dropout", "p", 0.5, "train", false)));
        assertEquals("", called(true, x -> x.call("dropout", "p", 0.0, "train", true)));
        Object[] norm = {"weight", null, "bias", null, "running_mean", null, "running_var", null};
        List<Object> settings = new ArrayList<>(Arrays.asList(norm));
        settings.addAll(List.of("training", true, "momentum", 0.1, "eps", 1e-5, "cudnn_enabled", true));
        assertEquals(
                "torch.ops.aten.batch_norm.default uses the whole batch in training, which several ranks cannot divide;"
                        + " train it in one process",
                called(true, x -> x.call("batch_norm", settings.toArray())));
        assertTrue(called(true, x -> x.call("rand_like")).startsWith("torch.ops.aten.rand_like.default draws"));
        assertEquals(
                "",
                called(
                        true,
                        x -> x.call("layer_norm", "normalized_shape", List.of(3))
                                .gelu()));
        assertEquals("", called(true, x -> x.scaledDotProductAttention(x, x, false)));
        assertTrue(called(true, x -> x.call("scaled_dot_product_attention", "key", x, "value", x, "dropout_p", 0.1))
                .startsWith("torch.ops.aten.scaled_dot_product_attention.default draws random numbers"));
    }

    @Test
    void aProgramWithBatchNormOrDropoutIsRefusedInTraining(@TempDir Path folder) throws Exception {
        List<Network> networks = List.of(
                new Network("Dropping") {
                    final LinearImpl linear = linear("linear", 3, 3);

                    @Override
                    public Activation forward(Activation x) {
                        return x.linear(linear).call("dropout", "p", 0.5, "train", false);
                    }
                },
                new Network("Normed") {
                    final BatchNorm1dImpl norm = batchNorm1d("norm", 3);

                    @Override
                    public Activation forward(Activation x) {
                        return x.batchNorm(norm);
                    }
                });
        for (Network network : networks) {
            Path file = folder.resolve(network.name().getString() + ".pt2");
            Networks.save(network, torch.ones(2, 3), file);
            List<String> messages = onRanks(1, group -> {
                Program program = Program.open(file, new Device("cpu"));
                DataParallel replica = new DataParallel(program, group);
                replica.forward(program, torch.ones(4, 3)); // in eval mode
                program.train(true);
                return assertThrows(LibTorchException.class, () -> replica.forward(program, torch.ones(4, 3)))
                        .getMessage();
            });
            assertTrue(
                    messages.get(0)
                            .matches("torch.ops.aten.(dropout|batch_norm).default .* in training, which several"
                                    + " ranks cannot divide; train it in one process"),
                    messages.get(0));
        }
    }

    @Test
    void anLstmIsDividedWhereItHasNoDropout() throws Exception {
        for (double dropout : new double[] {0, 0.5}) {
            Named network = new Named(x -> x);
            network.lstm.options_base().dropout().put(dropout);
            List<String> messages = onRanks(1, group -> {
                DataParallel replica = new DataParallel(network, group);
                Network step = new Named(x -> x.lstm(network.lstm).get(0));
                try {
                    replica.forward(step, torch.ones(2, 4, 3));
                    return "";
                } catch (LibTorchException e) {
                    return e.what();
                }
            });
            assertEquals(
                    dropout == 0
                            ? ""
                            : "torch.ops.aten.lstm.input draws random numbers in training, which several ranks cannot divide",
                    messages.get(0));
        }
    }

    @Test
    void aNetworkOfOtherShapesIsRefused() throws Exception {
        List<String> errors = onRanks(2, group -> {
            Tensor weight = torch.zeros(2 + group.rank().number(), 1);
            Network network = new Network("Other") {
                @Override
                public Activation forward(Activation x) {
                    return x;
                }
            };
            network.register_parameter("weight", weight);
            return assertThrows(LostRankException.class, () -> new DataParallel(network, group))
                    .getMessage();
        });
        assertTrue(errors.get(1).contains("appears not to match sizes"), errors.get(1));
    }

    @Test
    void aMeanIsTakenOverTheSharesWithTheirWeights() throws Exception {
        Examples examples = Examples.of(5, indices -> new Batch(indices, indices));
        List<List<Object>> seen = onRanks(2, group -> {
            List<Object> asked = new ArrayList<>();
            asked.add(new DataParallel(new Line(1), group).mean(examples, share -> {
                Tensor indices = share.batch(
                                torch.arange(new Scalar((double) share.size())).to(torch.ScalarType.Long),
                                Generators.seeded(1, new Device("cpu")))
                        .inputs();
                for (long index : Tensors.longs(indices)) asked.add(index);
                return Tensors.longs(indices)[0];
            }));
            return asked;
        });
        // rank 0 has 0 and 1, rank 1 has 2, 3 and 4; each says its first: (2·0 + 3·2) / 5
        assertEquals(List.of(0L, 1L, 1.2), seen.get(0));
        assertEquals(List.of(2L, 3L, 4L, 1.2), seen.get(1));
    }

    @Test
    void theLargestExitStatusIsAgreedUpon() throws Exception {
        assertEquals(
                List.of(143, 143, 143),
                onRanks(
                        3,
                        group -> new DataParallel(new Line(1), group)
                                .max(new int[] {0, 143, 130}[group.rank().number()])));
    }

    @Test
    void whatTheFirstGivesReachesAll() throws Exception {
        List<String> heard = onRanks(3, group -> {
            byte[] mine = group.rank().leads() ? new byte[] {1, -2, 3} : new byte[] {9};
            byte[] nothing = group.broadcast(group.rank().leads() ? new byte[0] : mine);
            return Arrays.toString(group.broadcast(mine)) + Arrays.toString(nothing);
        });
        assertEquals(List.of("[1, -2, 3][]", "[1, -2, 3][]", "[1, -2, 3][]"), heard);
    }

    @Test
    void whatRank0DoesAloneIsWaitedForLongerThanAnExchange() throws Exception {
        List<Integer> received = onRanks(2, Duration.ofSeconds(1), group -> {
            if (group.rank().leads()) Thread.sleep(2500); // it measures, saves and draws
            group.awaitLeader();
            return (int) group.broadcast(new byte[] {7})[0];
        });
        assertEquals(List.of(7, 7), received);
    }

    @Test
    void aRankThatEndsBeforeItArrivesIsNotWaitedFor() {
        long start = System.nanoTime();
        // this process's main class is the test runner's, which cannot use these arguments
        try (RankProcesses others = new RankProcesses(Rank.first(2), "file://none", List.of("nonsense"))) {
            LibTorchException error =
                    assertThrows(LibTorchException.class, () -> others.awaitArrival(() -> 0, Duration.ofMinutes(1)));
            assertTrue(
                    error.getMessage().matches("rank 1 ended with status \\d+; see its error above"),
                    error.getMessage());
        }
        assertTrue(System.nanoTime() - start < 30e9);
    }

    @Test
    void otherRanksRunTheSameJarOrMainClass() {
        assertEquals(
                List.of("-jar", "/my work/app.jar"),
                RankProcesses.program("/my work/app.jar 1 x.y", "/my work/app.jar"));
        assertEquals(List.of("-jar", "app.jar"), RankProcesses.program("app.jar", "app.jar"));
        assertEquals(
                List.of("-cp", "a b.jar:c", "houses.Main"), RankProcesses.program("houses.Main app.jar", "a b.jar:c"));
    }

    @Test
    void aRankThatNeverComesIsMissedInTime() throws Exception {
        int port = UsesLibTorch.freePort();
        long start = System.nanoTime();
        LibTorchException error = assertThrows(
                LibTorchException.class,
                () -> new RankGroup(rank(0, 3, port), new Device("cpu"), Duration.ofSeconds(1), List.of()));
        assertTrue(error.getMessage().startsWith("only 1 of 3 ranks joined within 1 s; "), error.getMessage());
        assertTrue(System.nanoTime() - start < 40e9);
    }
}
