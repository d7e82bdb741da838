import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.initializer.UniformInitializer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.PairList;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** The four networks on DJL's PyTorch engine, the data as whole tensors: NETWORK THREADS DATA IMAGES EPOCHS. */
public final class DjlPeer {
    /** A network of named layers, its forward pass written out. */
    private static final class Net extends AbstractBlock {
        private final String name;
        private final List<Block> convs = new ArrayList<>();
        private final List<Block> linears = new ArrayList<>();
        private ParameterStore store;
        private boolean training;

        Net(String name) {
            this.name = name;
            switch (name) {
                case "cnn" -> {
                    conv(1, 40, 5, 0);
                    conv(40, 80, 5, 0);
                    linear(1280, 500);
                    linear(500, 10);
                }
                case "ae" -> {
                    int[] sizes = {784, 256, 128, 32, 2, 32, 128, 256, 784};
                    for (int i = 0; i < 8; i++) linear(sizes[i], sizes[i + 1]);
                }
                default -> {
                    conv(1, 4, 3, 1);
                    conv(4, 8, 3, 1);
                    linear(392, 20);
                    linear(20, 2);
                    linear(2, 20);
                    linear(20, 392);
                    conv(8, 4, 3, 1);
                    conv(4, 1, 3, 1);
                }
            }
        }

        private void conv(int in, int out, int kernel, int padding) {
            Block block = Conv2d.builder()
                    .setKernelShape(new Shape(kernel, kernel))
                    .optPadding(new Shape(padding, padding))
                    .setFilters(out)
                    .build();
            convs.add(addChildBlock("conv" + (convs.size() + 1), likePyTorch(block, in * kernel * kernel)));
        }

        private void linear(int in, int out) {
            linears.add(addChildBlock(
                    "linear" + (linears.size() + 1),
                    likePyTorch(Linear.builder().setUnits(out).build(), in)));
        }

        private static Block likePyTorch(Block block, int inputs) {
            for (Parameter.Type type : List.of(Parameter.Type.WEIGHT, Parameter.Type.BIAS)) {
                block.setInitializer(new UniformInitializer((float) (1 / Math.sqrt(inputs))), type);
            }
            return block;
        }

        private NDArray conv(int i, NDArray x) {
            return convs.get(i - 1).forward(store, new NDList(x), training).singletonOrThrow();
        }

        private NDArray linear(int i, NDArray x) {
            return linears.get(i - 1).forward(store, new NDList(x), training).singletonOrThrow();
        }

        private static NDArray pool(NDArray x) {
            return Pool.maxPool2d(x, new Shape(2, 2), new Shape(2, 2), new Shape(0, 0), false);
        }

        private static NDArray upsample(NDArray x) {
            return x.repeat(2, 2).repeat(3, 2);
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore parameters, NDList inputs, boolean isTraining, PairList<String, Object> ignored) {
            store = parameters;
            training = isTraining;
            NDArray x = inputs.singletonOrThrow();
            return new NDList(
                    switch (name) {
                        case "cnn" -> {
                            NDArray h = pool(Activation.relu(conv(1, x)));
                            h = pool(Activation.relu(conv(2, h)));
                            yield linear(2, Activation.relu(linear(1, h.reshape(-1, 1280))));
                        }
                        case "ae" -> {
                            NDArray h = x.reshape(-1, 784);
                            for (int i = 1; i <= 8; i++)
                                h = i == 4 || i == 8 ? linear(i, h) : Activation.relu(linear(i, h));
                            yield Activation.sigmoid(h).reshape(-1, 1, 28, 28);
                        }
                        default -> {
                            boolean skips = name.equals("cae-skip");
                            NDArray pool1 = pool(Activation.relu(conv(1, x)));
                            NDArray pool2 = pool(Activation.relu(conv(2, pool1)));
                            NDArray z = linear(2, Activation.relu(linear(1, pool2.reshape(-1, 392))));
                            NDArray h = Activation.relu(linear(4, Activation.relu(linear(3, z))))
                                    .reshape(-1, 8, 7, 7);
                            h = Activation.relu(conv(3, upsample(skips ? h.add(pool2) : h)));
                            yield Activation.sigmoid(conv(4, upsample(skips ? h.add(pool1) : h)));
                        }
                    });
        }

        @Override
        protected void initializeChildBlocks(NDManager manager, DataType type, Shape... shapes) {
            boolean classifier = name.equals("cnn");
            for (int i = 0; i < convs.size(); i++) {
                Shape[] in = classifier
                        ? new Shape[] {new Shape(1, 1, 28, 28), new Shape(1, 40, 12, 12)}
                        : new Shape[] {
                            new Shape(1, 1, 28, 28),
                            new Shape(1, 4, 14, 14),
                            new Shape(1, 8, 14, 14),
                            new Shape(1, 4, 28, 28)
                        };
                convs.get(i).initialize(manager, type, in[i]);
            }
            int[] in = classifier
                    ? new int[] {1280, 500}
                    : name.equals("ae") ? new int[] {784, 256, 128, 32, 2, 32, 128, 256} : new int[] {392, 20, 2, 20};
            for (int i = 0; i < linears.size(); i++) linears.get(i).initialize(manager, type, new Shape(1, in[i]));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputs) {
            return inputs;
        }
    }

    private static NDArray images(NDManager manager, String file, int count) throws Exception {
        byte[] bytes = Files.readAllBytes(Path.of(file));
        return manager.create(
                        ByteBuffer.wrap(bytes, 16, count * 784).slice(), new Shape(count, 1, 28, 28), DataType.UINT8)
                .toType(DataType.FLOAT32, false)
                .div(255f);
    }

    public static void main(String[] arguments) throws Exception {
        String name = arguments[0];
        System.setProperty("ai.djl.pytorch.num_threads", arguments[1]);
        System.setProperty("ai.djl.offline", "true");
        String folder = arguments[2];
        int count = Integer.parseInt(arguments[3]);
        boolean classifier = name.equals("cnn");
        int size = classifier ? 64 : 128;
        StringBuilder seconds = new StringBuilder();
        StringBuilder losses = new StringBuilder();
        StringBuilder inference = new StringBuilder();
        double firstStep = 0;
        try (NDManager manager = NDManager.newBaseManager();
                Model model = Model.newInstance(name, "PyTorch")) {
            NDArray train = images(manager, folder + "/train-images-idx3-ubyte", count);
            byte[] digits = Files.readAllBytes(Path.of(folder, "train-labels-idx1-ubyte"));
            NDArray labels = manager.create(
                    IntStream.range(0, count).mapToLong(i -> digits[8 + i]).toArray());
            NDArray test = images(manager, folder + "/t10k-images-idx3-ubyte", 10000);
            model.setBlock(new Net(name));
            Loss crossEntropy = Loss.softmaxCrossEntropyLoss();
            Optimizer optimizer = classifier
                    ? Optimizer.sgd()
                            .setLearningRateTracker(Tracker.fixed(0.01f))
                            .optMomentum(0.5f)
                            .build()
                    : Optimizer.adam()
                            .optLearningRateTracker(Tracker.fixed(1e-3f))
                            .build();
            try (Trainer trainer = model.newTrainer(new DefaultTrainingConfig(crossEntropy).optOptimizer(optimizer))) {
                trainer.initialize(new Shape(size, 1, 28, 28));
                List<Integer> order =
                        new ArrayList<>(IntStream.range(0, count).boxed().toList());
                Random random = new Random(1);
                for (int epoch = 0; epoch < Integer.parseInt(arguments[4]); epoch++) {
                    long start = System.nanoTime();
                    Collections.shuffle(order, random);
                    double sum = 0;
                    for (int from = 0; from < count; from += size) {
                        long[] batch = order.subList(from, Math.min(count, from + size)).stream()
                                .mapToLong(i -> i)
                                .toArray();
                        try (NDManager step = manager.newSubManager();
                                GradientCollector collector = trainer.newGradientCollector()) {
                            NDArray indices = step.create(batch);
                            NDArray x = train.get(step, new NDIndex("{}", indices));
                            NDArray y = trainer.forward(new NDList(x)).singletonOrThrow();
                            NDArray loss = classifier
                                    ? crossEntropy.evaluate(
                                            new NDList(labels.get(step, new NDIndex("{}", indices))), new NDList(y))
                                    : y.sub(x).square().mean();
                            collector.backward(loss);
                            sum += loss.getFloat() * batch.length;
                            loss.close();
                            y.close();
                        }
                        trainer.step();
                        if (firstStep == 0) firstStep = System.currentTimeMillis() / 1e3;
                    }
                    losses.append(epoch == 0 ? "" : ", ").append(sum / count);
                    seconds.append(epoch == 0 ? "" : ", ").append((System.nanoTime() - start) / 1e9);
                }
                long begin = System.nanoTime();
                for (int pass = 0; pass < 3 || System.nanoTime() - begin < 2e9; pass++) {
                    long start = System.nanoTime();
                    for (int i = 0; i < 10; i++) {
                        try (NDManager step = manager.newSubManager()) {
                            NDArray x = test.get(new NDIndex(i * 1000 + ":" + (i + 1) * 1000));
                            x.attach(step);
                            trainer.evaluate(new NDList(x)).forEach(y -> y.attach(step));
                        }
                    }
                    inference.append(pass == 0 ? "" : ", ").append((System.nanoTime() - start) / 1e9);
                }
            }
        }
        System.out.printf(
                "{\"seconds\": [%s], \"losses\": [%s], \"inference\": [%s], \"firstStep\": %s}%n",
                seconds,
                losses,
                inference,
                java.math.BigDecimal.valueOf(firstStep).toPlainString());
    }
}
