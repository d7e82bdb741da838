package libtorch.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.data.Batch;
import libtorch.data.Examples;
import libtorch.data.Generators;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.OptimizerOptions;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Trains y = w·x + b on numbers small enough to work out by hand. */
class TrainerTest implements UsesLibTorch {
    private static final class Line extends Network {
        final LinearImpl linear = linear("linear", 1, 1);
        final List<Boolean> modes = new ArrayList<>();
        final List<Boolean> gradients = new ArrayList<>();

        Line(double weight) {
            super("Line");
            linear.weight().detach().fill_(new Scalar(weight));
            linear.bias().detach().zero_();
        }

        @Override
        public Activation forward(Activation x) {
            modes.add(is_training());
            Activation y = x.linear(linear);
            gradients.add(y.tensor().requires_grad());
            return y;
        }

        @Override
        public void requireTraceable(Tensor example) {} // the tests count the calls of training
    }

    /** Computes a part of it beside libtorch's graph, so that files cannot have its methods. */
    private static final class LeavesTheTrace extends Network {
        final LinearImpl linear = linear("linear", 1, 1);

        LeavesTheTrace() {
            super("LeavesTheTrace");
        }

        @Override
        public Activation forward(Activation x) {
            return Activation.of(x.linear(linear).tensor().neg());
        }
    }

    /** Inputs and targets of one number each; remembers which examples were asked for. */
    private record Numbers(float[] x, float[] y, List<long[]> asked) implements Examples {
        Numbers(float[] x, float[] y) {
            this(x, y, new ArrayList<>());
        }

        @Override
        public long size() {
            return x.length;
        }

        @Override
        public Batch batch(Tensor indices, Generators generators) {
            asked.add(Tensors.longs(indices));
            return new Batch(
                    Tensor.create(x, x.length, 1).index_select(0, indices),
                    Tensor.create(y, y.length, 1).index_select(0, indices));
        }
    }

    private static Task<Line> task(Line line, Examples train, Examples test, int epochs, int batchSize, double lr) {
        return new Task<>(
                "line",
                () -> line,
                parameters -> new SGD(parameters, new SGDOptions(lr)),
                torch::mse_loss,
                train,
                test,
                /*seed*/ 3,
                epochs,
                batchSize,
                new JsonObject());
    }

    private static Trainer<Line> trainer(Line line, Numbers train, Numbers test, int batchSize, double lr) {
        return trainer(line, train, test, 1, batchSize, lr);
    }

    private static Trainer<Line> trainer(Line line, Numbers train, Numbers test, int epochs, int batchSize, double lr) {
        Task<Line> task = task(line, train, test, epochs, batchSize, lr);
        return Trainer.of(task, new Device("cpu"), torch.ScalarType.Float);
    }

    @Test
    void anEvaluationRunsInEvalModeWithoutGradientsAndPutsTheModeBack() {
        Line line = new Line(1);
        Numbers data = new Numbers(new float[] {2}, new float[] {5});
        Evaluation evaluation = new Evaluation(line, data, new Device("cpu"));
        evaluation.run(() -> line.forward(evaluation.firstBatch(1).inputs()));
        assertEquals(List.of(false), line.modes);
        assertEquals(List.of(false), line.gradients);
        assertTrue(line.is_training());
    }

    @Test
    void whatOnlyHasWeightsToSaveSaysSoBeforeTheFirstStepAndIsTrained() {
        Numbers data = new Numbers(new float[] {2}, new float[] {5});
        Task<LeavesTheTrace> task = Task.of(
                        "leaves", LeavesTheTrace::new, Optimizers.adam(0.1), torch::mse_loss, data, data)
                .withEpochs(1);
        List<String> said = new ArrayList<>();
        LibTorch.onNotice(said::add);
        try {
            List<Integer> saidBefore = new ArrayList<>();
            Trainer.of(task).fit(new TrainingListener() {
                @Override
                public void epochStarted(int epoch, int batches, int done) {
                    saidBefore.add(said.size());
                }
            });
            assertEquals(List.of(1), saidBefore);
            String where = "\\(tensor\\(\\) is called at TrainerTest.java:\\d+\\)";
            String notice = "LeavesTheTrace cannot be saved: .*" + where
                    + ".*; its weights can be saved, as .pth or .safetensors";
            assertTrue(said.get(0).matches(notice), said.get(0));
        } finally {
            LibTorch.onNotice(text -> {});
        }
    }

    @Test
    void oneStepMovesTheWeightsDownTheGradient() {
        // w = 1, b = 0, x = 2, y = 5: loss (2-5)² = 9, dloss/dw = 2(2-5)2 = -12, dloss/db = -6; lr 0.1 gives w = 2.2, b
        // = 0.6
        Line line = new Line(1);
        Numbers data = new Numbers(new float[] {2}, new float[] {5});
        EpochMetrics metrics = trainer(line, data, data, 1, 0.1).fit().get(0);
        assertEquals(9, metrics.trainLoss(), 1e-6);
        assertEquals(2.2, line.linear.weight().item_double(), 1e-6);
        assertEquals(0.6, line.linear.bias().item_double(), 1e-6);
        assertEquals(0, metrics.testLoss(), 1e-6); // 2.2·2 + 0.6 = 5
    }

    @Test
    void gradientsMayBeClippedBeforeTheStep() {
        // the gradients -12 and -6 have the norm √180 = 13.4164; of norm 1, a step of 0.1 is 0.0894427 and 0.0447214
        Line line = new Line(1);
        Numbers data = new Numbers(new float[] {2}, new float[] {5});
        List<Double> seen = new ArrayList<>();
        trainer(line, data, data, 1, 0.1).fit(new TrainingListener() {
            @Override
            public void gradientsComputed() {
                seen.add(line.linear.weight().item_double());
                seen.add(line.linear.weight().grad().item_double());
                torch.clip_grad_norm_(line.parameters(), 1);
            }
        });
        assertEquals(List.of(1.0, -12.0), seen);
        assertEquals(1.0894427, line.linear.weight().item_double(), 1e-6);
        assertEquals(0.0447214, line.linear.bias().item_double(), 1e-6);
    }

    @Test
    void aLearningRateByEpochIsKeptByARunThatGoesOnFromALaterEpoch() {
        // in the second epoch the rate is 0.05, of SGD and of Adam; SGD's step is 0.05·12
        Line line = new Line(1);
        Numbers data = new Numbers(new float[] {2}, new float[] {5});
        Task<Line> task = task(line, data, data, 2, 1, 1);
        Task<Line> adam = Task.of("line", task.network(), Optimizers.adam(1), task.loss(), task.train(), task.test())
                .withEpochs(2);
        List<Double> rates = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (Trainer<Line> trainer : List.of(Trainer.of(task), Trainer.of(adam))) {
            OptimizerOptions options = trainer.optimizer().param_groups().get(0).options();
            trainer.fit(TrainingState.between(List.of(new EpochMetrics(1, 0, 0, 0))), List.of(new TrainingListener() {
                @Override
                public void epochStarted(int epoch, int batches, int done) {
                    options.set_lr(0.1 / epoch);
                }
            }));
            rates.add(options.get_lr());
            weights.add(line.linear.weight().item_double());
        }
        assertEquals(List.of(0.05, 0.05), rates);
        assertEquals(1.6, weights.get(0), 1e-6);
        // then w = 1.6 and b = 0.3 give 3.5, below 5: Adam's first step is the rate, upwards
        assertEquals(1.65, weights.get(1), 1e-6);
    }

    @Test
    void aShorterLastBatchCountsByItsExamples() {
        // lr 0: the losses are 1, 4, 9, 16, 25 whatever the order, and their mean over five examples is 11
        Numbers data = new Numbers(new float[] {1, 2, 3, 4, 5}, new float[5]);
        Trainer<Line> trainer = trainer(new Line(1), data, data, 2, 0);
        assertEquals(11, trainer.fit().get(0).trainLoss(), 1e-5);
        assertEquals(11, trainer.testLoss(), 1e-5);
    }

    @Test
    void anEpochIsOnePermutationCutIntoBatches() {
        Numbers data = new Numbers(new float[5], new float[5]);
        Trainer<Line> trainer = trainer(new Line(1), data, new Numbers(new float[1], new float[1]), 2, 0);
        torch.manual_seed(3);
        long[] order = Tensors.longs(torch.randperm(5));
        torch.manual_seed(5); // the default generator, which other threads draw from, does not matter any more
        trainer.fit();
        assertEquals(3, data.asked.size());
        assertArrayEquals(new long[] {order[0], order[1]}, data.asked.get(0));
        assertArrayEquals(new long[] {order[2], order[3]}, data.asked.get(1));
        assertArrayEquals(new long[] {order[4]}, data.asked.get(2));
    }

    @Test
    void evaluationRunsInEvalModeGoesThroughEveryExampleInOrderAndLeavesTheRandomNumbersAlone() {
        Line line = new Line(1);
        Numbers test = new Numbers(new float[300], new float[300]);
        torch.manual_seed(5);
        double next = torch.rand(1).item_double();
        Trainer<Line> trainer = trainer(line, test, test, 50, 0);
        byte[] before = Tensors.bytes(trainer.generators().cpu().get_state());
        torch.manual_seed(5);
        trainer.testLoss();
        assertArrayEquals(before, Tensors.bytes(trainer.generators().cpu().get_state()));
        assertEquals(List.of(false, false), line.modes);
        assertEquals(List.of(false, false), line.gradients);
        assertTrue(line.is_training());
        assertEquals(next, torch.rand(1).item_double());
        assertEquals(
                List.of(200, 100),
                test.asked.stream().map(indices -> indices.length).toList());
        assertEquals(299, test.asked.get(1)[99]);
        Numbers large = new Numbers(new float[6], new float[6]); // so large that 1 is a batch
        trainer(new Line(1), large, large, 1, 0).testLoss();
        assertEquals(
                List.of(4, 2),
                large.asked.stream().map(indices -> indices.length).toList());
    }

    @Test
    void aLossThatIsNoNumberStopsTheRunAndSaysWhere() {
        Numbers data = new Numbers(new float[] {1, Float.NaN, 1}, new float[3]);
        Trainer<Line> trainer = trainer(new Line(1), data, data, 1, 0.1);
        torch.manual_seed(3);
        int step = 0;
        long[] order = Tensors.longs(torch.randperm(3));
        while (order[step] != 1) step++;
        LibTorchException error = assertThrows(LibTorchException.class, () -> trainer.fit());
        assertEquals(
                "the loss became NaN at step " + (step + 1) + " of epoch 1; try a smaller learning rate",
                error.getMessage());
    }

    @Test
    void aTestLossThatIsNoNumberStopsTheRunAndSaysAfterWhichEpoch() {
        Numbers train = new Numbers(new float[] {1}, new float[1]);
        Numbers test = new Numbers(new float[] {Float.POSITIVE_INFINITY}, new float[1]);
        LibTorchException error = assertThrows(
                LibTorchException.class,
                () -> trainer(new Line(1), train, test, 1, 0.1).fit());
        assertEquals("the test loss became Infinity after epoch 1; try a smaller learning rate", error.getMessage());
    }

    /** A linear layer of one number to some. */
    private static final class Wide extends Network {
        final LinearImpl linear;

        Wide(long outputs) {
            super("Wide");
            linear = linear("linear", 1, outputs);
        }

        @Override
        public Activation forward(Activation x) {
            return x.linear(linear);
        }
    }

    private static Trainer<Wide> wide(long outputs, BinaryOperator<Tensor> loss, Tensor train, Tensor test) {
        Tensor x = torch.ones(3, 1);
        return Trainer.of(Task.of(
                        "wide",
                        () -> new Wide(outputs),
                        Optimizers.sgd(1, 0, 0),
                        loss,
                        Examples.of(x, train),
                        Examples.of(x, test))
                .withEpochs(1));
    }

    private static String misfit(String examples, String outputs, String targets) {
        return "of the " + examples + " examples, the network's outputs are of shape " + outputs + ", the targets of "
                + targets + ", and the loss would broadcast them; give the targets the shape of the outputs, as with"
                + " targets.view(-1, 1), or have the loss expand them";
    }

    @Test
    void aLossThatWouldBroadcastOutputsAndTargetsIsRefused() {
        Map<String, BinaryOperator<Tensor>> losses = Map.of(
                "mse", torch::mse_loss,
                "l1", torch::l1_loss,
                "huber", torch::huber_loss,
                "smooth l1", torch::smooth_l1_loss,
                "squares", (output, target) -> output.sub(target).square().mean(),
                "after a function", (output, target) -> torch.mse_loss(output.sigmoid(), target.mul(new Scalar(2))),
                "normalized", (x, y) -> torch.mse_loss(x, y.sub(y.mean()).div(y.std())));
        Tensor flat = Tensors.of(new float[] {1, 2, 3}, 3);
        Tensor one = torch.ones(3, 1);
        losses.forEach((name, loss) -> {
            assertRefused(misfit("training", "[3, 1]", "[3]"), wide(1, loss, flat, one)::fit);
            assertRefused(misfit("training", "[3, 1]", "[3]"), wide(1, loss, flat.to(torch.ScalarType.Long), one)::fit);
            assertRefused(misfit("test", "[3, 1]", "[3]"), wide(1, loss, one, flat)::testLoss);
        });
    }

    @Test
    void libtorchsLossesAreRefusedWhereTheyWouldBroadcastWithinEachExample() {
        Map<String, BinaryOperator<Tensor>> losses = Map.of(
                "mse", torch::mse_loss,
                "huber", torch::huber_loss,
                "smooth l1", torch::smooth_l1_loss,
                "after a function", (output, target) -> torch.mse_loss(output.sigmoid(), target.mul(new Scalar(2))));
        Tensor one = torch.ones(3, 1);
        Tensor three = torch.ones(3, 3);
        Tensor longs = three.to(torch.ScalarType.Long);
        losses.forEach((name, loss) -> {
            assertRefused(misfit("training", "[3, 1]", "[3, 3]"), wide(1, loss, three, one)::fit);
            assertRefused(misfit("training", "[3, 1]", "[3, 3]"), wide(1, loss, longs, one)::fit);
            assertRefused(misfit("training", "[3, 3]", "[3, 1]"), wide(3, loss, one, three)::fit);
            assertRefused(misfit("test", "[3, 1]", "[3, 3]"), wide(1, loss, one, three)::testLoss);
        });
        BinaryOperator<Tensor> logits = (output, target) -> torch.binary_cross_entropy_with_logits(output, target);
        assertRefused(misfit("training", "[3, 1]", "[3, 3]"), wide(1, logits, three, one)::fit);
    }

    @Test
    void aLossOfItsOwnOperatorsMayBroadcastWithinEachExample() {
        Tensor quantiles = Tensors.of(new float[] {0.1f, 0.5f, 0.9f}, 3);
        Scalar below = new Scalar(1);
        List<BinaryOperator<Tensor>> losses = List.of(
                torch::l1_loss, // a sub and an abs
                (x, y) -> torch.max(y.sub(x).mul(quantiles), y.sub(x).mul(quantiles.sub(below)))
                        .mean(),
                (x, y) -> x.sub(y).square().amin(new long[] {1}, false).mean(), // of several hypotheses, the best
                (x, y) -> x.sub(y).square().neg().logsumexp(1).mean().neg(), // of a mixture
                (x, y) -> x.log_softmax(1).mul(y).mean().neg()); // by reward
        Tensor one = torch.ones(3, 1);
        for (BinaryOperator<Tensor> loss : losses)
            assertEquals(1, wide(3, loss, one, one).fit().size());
    }

    @Test
    void checkingARightLossTakesNoTimeForAllPairsOfExamples() {
        int n = 10_000_000; // 10¹⁴ pairs, which would take half an hour
        Tensor targets = torch.ones(n);
        assertTimeoutPreemptively(
                Duration.ofMinutes(1),
                () -> Broadcast.requireNone(
                        (x, y) -> torch.mse_loss(x.view(-1), y), "test", torch.ones(n, 1), targets));
    }

    @Test
    void whatIsDoneBeforeTheFirstEpochDrawsNothingFromTheDefaultGenerators() {
        Tensor one = torch.ones(3, 1);
        Supplier<Network> noisy = () -> new Network("Noisy") {
            final LinearImpl linear = linear("linear", 1, 1);

            @Override
            public Activation forward(Activation x) {
                return x.linear(linear).call("dropout", "p", 0.5, "train", true);
            }
        };
        Task<Network> task = Task.of(
                "noisy",
                noisy,
                Optimizers.sgd(0.1, 0, 0),
                torch::mse_loss,
                Examples.of(one, one),
                Examples.of(one, one));
        Trainer<Network> trainer = Trainer.of(task.withEpochs(1)).withDefaultGenerators();
        torch.manual_seed(3);
        List<Tensor> states = trainer.generators().states();
        trainer.fit(new TrainingListener() {
            @Override
            public void epochStarted(int epoch, int batches, int done) {
                assertTrue(
                        torch.equal(states.get(0), trainer.generators().states().get(0)));
            }
        });
    }

    @Test
    void aLossForWhichOutputsAndTargetsDifferIsNot() {
        Tensor one = torch.ones(3, 1);
        Tensor classes = Tensors.of(new long[] {0, 1, 2}, 3);
        List<Trainer<Wide>> trainers = List.of(
                wide(3, (x, y) -> torch.cross_entropy_loss(x, y), classes, classes), // as many classes as examples
                wide(1, (x, y) -> torch.cross_entropy_loss(x, y), torch.zeros_like(classes), torch.zeros_like(classes)),
                wide( // per pixel, of N×3×1×1 beside N×1×1
                        3,
                        (x, y) -> torch.cross_entropy_loss(x.view(3, 3, 1, 1), y),
                        classes.view(3, 1, 1),
                        classes.view(3, 1, 1)),
                wide(2, TrainerTest::meanAndVariance, one, one),
                wide(1, (x, y) -> torch.mse_loss(x.view(-1), y), torch.ones(3), torch.ones(3)),
                wide(3, (x, y) -> torch.mse_loss(x, y.expand_as(x)), one, one),
                wide(1, (x, y) -> x.mean().add(y.mean()), torch.ones(3), torch.ones(3)),
                wide(1, (x, y) -> torch.cat(new TensorVector(x, y), 1).mean(), torch.ones(3, 3), torch.ones(3, 3)),
                wide(3, (x, y) -> x.matmul(y).mean(), torch.ones(3), torch.ones(3)),
                wide( // numbers and their weights
                        1,
                        (x, y) ->
                                x.sub(y.narrow(1, 0, 1)).mul(y.narrow(1, 1, 1)).mean(),
                        torch.ones(3, 2),
                        torch.ones(3, 2)));
        for (Trainer<Wide> trainer : trainers) assertEquals(1, trainer.fit().size());
    }

    @Test
    void outputsThatAreNotCountedByTheExamplesAreTrained() {
        Tensor one = torch.ones(3, 1);
        for (long[] shape : new long[][] {{}, {6, 1}}) {
            Task<Network> task = Task.of(
                    "joined",
                    () -> new Network("Joined") {
                        final LinearImpl linear = linear("linear", 1, 2);

                        @Override
                        public Activation forward(Activation x) {
                            Activation y = x.linear(linear);
                            return shape.length == 0 ? y.call("sum") : y.view(shape);
                        }
                    },
                    Optimizers.sgd(0.1, 0, 0),
                    (x, y) -> x.mean(),
                    Examples.of(one, one),
                    Examples.of(one, one));
            assertEquals(1, Trainer.of(task.withEpochs(1)).fit().size());
        }
    }

    /** The likelihood of a normal distribution: outputs of N×2 for targets of N×1. */
    private static Tensor meanAndVariance(Tensor output, Tensor target) {
        Tensor logVariance = output.narrow(1, 1, 1);
        return output.narrow(1, 0, 1)
                .sub(target)
                .square()
                .div(logVariance.exp())
                .add(logVariance)
                .mean();
    }

    @Test
    void theRandomNumbersOfALossAreThoseThatItWouldHaveDrawnUnchecked() {
        // the bias's gradient is the number that the loss draws
        Tensor one = torch.ones(3, 1);
        Trainer<Wide> trainer =
                wide(2, (x, y) -> x.narrow(1, 0, 1).mean().mul(torch.rand(1)).sum(), one, one);
        float bias = Tensors.floats(trainer.network().linear.bias())[0];
        torch.manual_seed(5);
        float drawn = Tensors.floats(torch.rand(1))[0];
        torch.manual_seed(5);
        trainer.fit();
        assertEquals(bias - drawn, Tensors.floats(trainer.network().linear.bias())[0], 1e-6);
    }

    @Test
    void testTargetsThatDoNotFitAreRefusedBeforeTheFirstStep() {
        Tensor one = torch.ones(3, 1);
        for (Tensor test : List.of(torch.ones(3), torch.ones(3, 3))) {
            Trainer<Wide> trainer = wide(1, torch::mse_loss, one, test);
            float weight = trainer.network().linear.weight().item_float();
            assertRefused(misfit("test", "[3, 1]", Arrays.toString(test.shape())), trainer::fit);
            assertEquals(weight, trainer.network().linear.weight().item_float());
        }
    }

    @Test
    void testImagesMayBeOfAnotherSizeThanThoseOfTraining() {
        Tensor small = torch.ones(2, 1, 1, 1);
        Tensor large = torch.ones(2, 1, 2, 2);
        Task<Network> task = Task.of(
                "conv",
                () -> new Network("Conv") {
                    final Conv2dImpl conv = conv2d("conv", 1, 1, 1, 0);

                    @Override
                    public Activation forward(Activation x) {
                        return x.conv2d(conv);
                    }
                },
                Optimizers.sgd(0.1, 0, 0),
                torch::mse_loss,
                Examples.of(small, small),
                Examples.of(large, large));
        assertEquals(1, Trainer.of(task.withEpochs(1)).fit().size());
    }

    @Test
    void aBatchOfOtherNumbersOfExamplesThanWereAskedForIsRefused() {
        Tensor two = torch.ones(2, 1);
        Tensor three = torch.ones(3, 1);
        Examples whole = Examples.of(three, three);
        Examples fewer = Examples.of(3, indices -> new Batch(two, two));
        Examples uneven = Examples.of(3, indices -> new Batch(three, two));
        Examples scalar = Examples.of(3, indices -> new Batch(three, Tensors.of(new float[1])));
        Map<Examples, String> refused = Map.of(
                fewer, "the inputs are of shape [2, 1], the targets of [2, 1]",
                uneven, "the inputs are of shape [3, 1], the targets of [2, 1]",
                scalar, "the inputs are of shape [3, 1], the targets of []");
        refused.forEach((examples, shapes) -> {
            Trainer<Line> train = Trainer.of(task(new Line(1), examples, whole, 1, 3, 0));
            Trainer<Line> test = Trainer.of(task(new Line(1), whole, examples, 1, 3, 0));
            Evaluation evaluation = test.evaluation();
            List<Executable> uses = List.of(
                    train::fit,
                    test::fit,
                    test::testLoss,
                    () -> evaluation.firstBatch(3),
                    () -> evaluation.batchOf(0, 1, 2));
            for (Executable use : uses)
                assertEquals(
                        "3 examples were asked for, and " + shapes,
                        assertThrows(IllegalStateException.class, use).getMessage());
        });
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(LibTorchException.class, call).getMessage());
    }

    @Test
    void listenersAreCalledForEveryEpochAndBatch() {
        List<String> called = new ArrayList<>();
        Numbers data = new Numbers(new float[5], new float[5]);
        trainer(new Line(1), data, data, 2, 2, 0).fit(new TrainingListener() {
            @Override
            public void epochStarted(int epoch, int batches, int done) {
                called.add("epoch " + epoch + " of " + batches);
            }

            @Override
            public void batchDone(Tensor loss) {
                called.add("batch");
            }

            @Override
            public void epochDone(EpochMetrics metrics, double[] stepLosses) {
                assertEquals(3, stepLosses.length);
                called.add("done " + metrics.epoch());
            }
        });
        assertEquals(
                List.of(
                        "epoch 1 of 3",
                        "batch",
                        "batch",
                        "batch",
                        "done 1",
                        "epoch 2 of 3",
                        "batch",
                        "batch",
                        "batch",
                        "done 2"),
                called);
    }

    @Test
    void noNativeObjectOfAStepOutlivesIt() {
        Numbers data = new Numbers(new float[50], new float[50]);
        Trainer<Line> trainer = trainer(new Line(1), data, data, 1, 0.1);
        trainer.fit();
        long before = Pointer.totalCount();
        trainer.fit();
        assertTrue(
                Pointer.totalCount() - before <= 1,
                (Pointer.totalCount() - before) + " objects are left after 50 steps");
    }

    @Test
    void whatLibtorchRefusesIsOneLineWithTheCauseKept() {
        // class numbers as floats; and an example of two numbers for a layer of one
        Examples floats = Examples.of(torch.ones(4, 1), torch.ones(4, 3));
        Examples wide = Examples.of(torch.ones(4, 2), torch.ones(4, 2));
        Task<Line> classes = Task.of(
                "line",
                () -> new Line(1),
                Optimizers.sgd(0.1, 0, 0),
                (x, y) -> torch.nll_loss(x, y.select(1, 0)),
                floats,
                floats);
        Task<Line> lines = Task.of("line", () -> new Line(1), Optimizers.sgd(0.1, 0, 0), torch::mse_loss, wide, wide);
        for (Task<Line> task : List.of(classes, lines)) {
            LibTorchException error = assertThrows(
                    LibTorchException.class,
                    () -> Trainer.of(task, new Device("cpu"), torch.ScalarType.Float)
                            .fit());
            assertTrue(error.getMessage().startsWith("training failed at step 1 of epoch 1 ("), error.getMessage());
            assertTrue(error.getMessage().length() < 300 && !error.getMessage().contains("\n"), error.getMessage());
            assertTrue(error.getCause() instanceof RuntimeException);
        }
    }

    @Test
    void anExceptionOfTheCallersOwnPassesUnchanged() {
        RuntimeException plain = new RuntimeException("no network today");
        IllegalStateException withCause = new IllegalStateException("not today", new RuntimeException("why"));
        Numbers data = new Numbers(new float[] {2}, new float[] {5});
        for (RuntimeException own : List.of(plain, withCause)) {
            Task<Line> task = Task.of(
                    "line",
                    () -> new Line(1),
                    Optimizers.sgd(0.1, 0, 0),
                    (output, target) -> {
                        throw own;
                    },
                    data,
                    data);
            assertSame(
                    own,
                    assertThrows(RuntimeException.class, () -> Trainer.of(task).fit()));
        }
    }

    @Test
    void anErrorOfTheEvaluationSaysAfterWhichEpoch() {
        Examples train = Examples.of(torch.ones(2, 1), torch.ones(2, 1));
        Examples test = Examples.of(torch.ones(2, 3), torch.ones(2, 1));
        Task<Line> task = Task.of("line", () -> new Line(1), Optimizers.sgd(0.1, 0, 0), torch::mse_loss, train, test);
        LibTorchException error =
                assertThrows(LibTorchException.class, () -> Trainer.of(task).fit());
        assertEquals(
                "evaluation failed after epoch 1 (Line: mat1 and mat2 shapes cannot be multiplied (2x3 and 1x1)); see"
                        + " that the examples, the last and smaller batch too, fit the network and the loss",
                error.getMessage());
    }

    @Test
    void withoutADeviceANetworkStaysAsTheTaskBuildsIt() {
        Examples data = Examples.of(Tensors.of(new double[] {2}, 1, 1), Tensors.of(new double[] {5}, 1, 1));
        Task<Line> task = Task.of(
                "line",
                () -> {
                    Line line = new Line(1);
                    line.to(torch.ScalarType.Double, false);
                    return line;
                },
                Optimizers.sgd(0.1, 0, 0),
                torch::mse_loss,
                data,
                data);
        Trainer<Line> trainer = Trainer.of(task.withEpochs(1));
        trainer.fit();
        assertEquals(2.2, trainer.network().linear.weight().item_double(), 1e-15); // in float off by 5e-8
        assertFalse(trainer.device().is_cuda());
    }

    @Test
    void afterItsTrainingANetworkIsInEvalMode() {
        Line line = new Line(1);
        Numbers data = new Numbers(new float[] {2}, new float[] {5});
        trainer(line, data, data, 1, 0.1).fit();
        assertFalse(line.is_training());
    }

    @Test
    void aNetworkWhoseTrainingWasStoppedOrFailedIsInEvalMode() {
        Line stopped = new Line(1);
        Numbers data = new Numbers(new float[] {2}, new float[] {5});
        assertThrows(
                StoppedException.class,
                () -> trainer(stopped, data, data, 1, 0.1).fit(new TrainingListener() {
                    @Override
                    public int stop() {
                        return 1;
                    }
                }));
        assertEquals(List.of(true), stopped.modes, "it was stopped after its first step");
        assertFalse(stopped.is_training());
        Line failed = new Line(1);
        Numbers infinite = new Numbers(new float[] {2}, new float[] {Float.POSITIVE_INFINITY});
        assertThrows(
                DivergedException.class,
                () -> trainer(failed, infinite, data, 1, 0.1).fit());
        assertFalse(failed.is_training());
    }

    @Test
    void aSecondThreadMayNotTrainTheSameNetwork() {
        Line line = new Line(1);
        Numbers data = new Numbers(new float[] {2}, new float[] {5});
        Trainer<Line> trainer = trainer(line, data, data, 1, 0.1);
        List<String> refused = new ArrayList<>();
        trainer.fit(new TrainingListener() {
            @Override
            public void batchDone(Tensor loss) {
                Thread second = new Thread(() -> refused.add(
                        assertThrows(IllegalStateException.class, trainer::fit).getMessage()));
                second.start();
                try {
                    second.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        });
        assertEquals(List.of("line is being trained already, by another thread"), refused);
        assertEquals(1, trainer.fit().size(), "afterwards it may be trained again");
    }
}
