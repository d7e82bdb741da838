package libtorch.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import libtorch.Tensors;
import libtorch.data.Batch;
import libtorch.data.Examples;
import libtorch.data.Generators;
import libtorch.nn.Network;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a network on all examples of a set in order, without gradients and in eval mode; its mode is restored
 * afterwards. Random numbers that the examples draw are the same each time and do not advance those of a training.
 *
 * @param network null if it has no mode, as a model from a file
 * @param batch number of examples per batch
 */
public record Evaluation(@Nullable Network network, Examples examples, Device device, int batch) {
    // With 1000 MNIST images a CNN's activations are too large for glibc to keep, and it takes half as long again.
    private static final int BATCH = 200;

    /** Evaluates in batches of 200. */
    public Evaluation(@Nullable Network network, Examples examples, Device device) {
        this(network, examples, device, BATCH);
    }

    /** Evaluates in batches of 200, or of 4 times the batch size of training if that is less: examples may be large. */
    static Evaluation of(Network network, Examples examples, Device device, int batchSize) {
        return new Evaluation(network, examples, device, (int) Math.min(BATCH, 4L * batchSize));
    }

    /** Returns the mean over all examples, from the means over batches. */
    public double mean(ToDoubleFunction<Batch> batchMean) {
        double[] sum = {0};
        forEachBatch(batch ->
                sum[0] += batchMean.applyAsDouble(batch) * batch.inputs().size(0));
        return sum[0] / examples.size();
    }

    /** Returns a function's results, one row per example. */
    public float[][] rows(Function<Batch, Tensor> function) {
        List<float[]> rows = new ArrayList<>();
        forEachBatch(batch -> rows.addAll(List.of(Tensors.rows(function.apply(batch)))));
        return rows.toArray(float[][]::new);
    }

    /** Returns the first examples as one batch; in the open scope. */
    public Batch firstBatch(long n) {
        return examples.checkedBatch(range(0, Math.min(n, examples.size())), generators());
    }

    /** Returns the examples with these indices as one batch; in the open scope. */
    public Batch batchOf(long... numbers) {
        for (long number : numbers) Objects.checkIndex(number, examples.size());
        return examples.checkedBatch(Tensors.of(numbers, numbers.length).to(device, ScalarType.Long), generators());
    }

    private void forEachBatch(Consumer<Batch> consumer) {
        run(() -> {
            Generators generators = generators();
            for (long from = 0; from < examples.size(); from += batch) {
                try (PointerScope scope = new PointerScope()) {
                    consumer.accept(
                            examples.checkedBatch(range(from, Math.min(examples.size(), from + batch)), generators));
                }
            }
            return null;
        });
    }

    /** Calls a function without gradients and with the network in eval mode. */
    public <R> R run(Supplier<R> function) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            return network == null ? function.get() : network.inEvalMode(function);
        }
    }

    private Generators generators() {
        return Generators.seeded(0, device);
    }

    private Tensor range(long from, long to) {
        return torch.arange(new Scalar(from), new Scalar(to), new TensorOptions(ScalarType.Long))
                .to(device, ScalarType.Long);
    }
}
