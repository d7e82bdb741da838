package mnist.check;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import libtorch.data.Examples;
import libtorch.export.Safetensors;
import libtorch.nn.Network;
import libtorch.training.EpochMetrics;
import libtorch.training.Optimizers;
import libtorch.training.Task;
import libtorch.training.Trainer;
import libtorch.training.TrainingListener;
import mnist.data.Mnist;
import mnist.evaluation.Sample;
import mnist.prob4.Prob4;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAStreamGuard;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * Trains the exercise's networks on one device for a given number of steps, with the options of the exercise.
 *
 * @param networks suppliers of the networks, by model name
 * @param data on the device
 * @param steps maximum number of steps in an epoch
 */
public record Training(Map<String, Supplier<Network>> networks, Mnist data, Device device, int steps) {
    private static final double STD = 0.3;
    private static final int TESTED = 200; // images

    /** Number of epochs when speed is measured. */
    public static final int EPOCHS = 4;

    /** Limits the steps to the number of batches in the training set; at least one. */
    public Training {
        steps = Math.max(1, (int) Math.min(steps, data.train().size() / batchSize("")));
    }

    /** Returns a copy with this number of steps per epoch. */
    public Training withSteps(int steps) {
        return new Training(networks, data, device, steps);
    }

    /** Returns the number of examples in a step. */
    public static int batchSize(String model) {
        return model.equals(Prob4.MODEL) ? 64 : 128;
    }

    /** Returns the number of examples in an epoch. */
    public int examples(String model) {
        return steps * batchSize(model);
    }

    /** Returns the losses of the first steps; noise is drawn on the CPU, so that every device sees the same. */
    public double[] losses(String model) {
        List<double[]> losses = new ArrayList<>();
        run(model, data.train().first(examples(model)).test(STD, /*seed*/ 1), 1, losses::add);
        return losses.get(0);
    }

    /** Returns the training speed in images per second. */
    public double imagesPerSecond(String model) {
        double[] seconds = run(model, EPOCHS, losses -> {}).stream()
                .mapToDouble(EpochMetrics::seconds)
                .toArray();
        return examples(model) / medianAfterTheFirst(seconds);
    }

    /** Returns the median of all epochs but the first, which warms up. */
    public static double medianAfterTheFirst(double[] seconds) {
        return new Sample(Arrays.copyOfRange(seconds, 1, seconds.length)).median();
    }

    /**
     * Memory in use after an epoch.
     *
     * @param process memory of the process, in bytes
     * @param device memory that libtorch uses on the GPU, in bytes; 0 on the CPU
     */
    public record Memory(long process, long device) {}

    /** Returns the memory after each epoch. */
    public List<Memory> memory(String model, int epochs) {
        List<Memory> memory = new ArrayList<>();
        run(model, epochs, losses -> memory.add(new Memory(Pointer.physicalBytes(), deviceBytes())));
        return memory;
    }

    private long deviceBytes() {
        if (!device.is_cuda()) return 0;
        try (PointerScope scope = new PointerScope()) {
            byte gpu = (byte) Math.max(0, device.index());
            return torch_cuda
                    .getDeviceAllocator(DeviceType.CUDA)
                    .getDeviceStats(gpu)
                    .reserved_bytes()
                    .current();
        }
    }

    /**
     * Trains networks one after the other and then at once, each in a thread and, on a GPU, a stream of its own.
     *
     * @return the seconds that an epoch of all takes, one after the other and at once
     */
    public double[] oneAfterTheOtherAndAtOnce(List<String> models) {
        double sequential = 0;
        for (String model : models)
            sequential += run(model, 2, losses -> {}).get(1).seconds();
        ExecutorService threads = Executors.newFixedThreadPool(models.size());
        try (PointerScope scope = new PointerScope()) {
            List<Trainer<Network>> trainers = models.stream()
                    .map(model -> trainer(model, data.train().denoising(STD), 2))
                    .toList();
            if (device.is_cuda())
                torch.cuda_synchronize(); // the streams do not wait for what the default stream is still preparing
            long start = System.nanoTime();
            CompletableFuture.allOf(trainers.stream()
                            .map(trainer -> CompletableFuture.runAsync(() -> fitInOwnStream(trainer), threads))
                            .toArray(CompletableFuture[]::new))
                    .join();
            return new double[] {sequential, (System.nanoTime() - start) / 1e9 / 2};
        } finally {
            threads.shutdown();
        }
    }

    private void fitInOwnStream(Trainer<Network> trainer) {
        try (PointerScope scope = new PointerScope()) {
            if (device.is_cuda()) {
                new CUDAStreamGuard(torch_cuda
                        .getStreamFromPool(/*high priority*/ false, (byte) Math.max(0, device.index()))
                        .unwrap());
            } else {
                torch.set_num_threads(1);
            }
            trainer.fit();
        }
    }

    private List<EpochMetrics> run(String model, int epochs, Consumer<double[]> afterEpoch) {
        return run(model, data.train().denoising(STD), epochs, afterEpoch);
    }

    /** @param afterEpoch is given the losses of each epoch's steps */
    private List<EpochMetrics> run(String model, Examples noisy, int epochs, Consumer<double[]> afterEpoch) {
        try (PointerScope scope = new PointerScope()) {
            return trainer(model, noisy, epochs).fit(new TrainingListener() {
                @Override
                public void epochDone(EpochMetrics metrics, double[] stepLosses) {
                    afterEpoch.accept(stepLosses);
                }
            });
        }
    }

    private Trainer<Network> trainer(String model, Examples noisy, int epochs) {
        boolean classifies = model.equals(Prob4.MODEL);
        Examples clean =
                classifies ? data.train().classification() : data.train().reconstruction();
        Examples test = classifies ? data.test().classification() : data.test().reconstruction();
        Task<Network> task = new Task<>(
                model,
                networks.get(model),
                classifies ? Optimizers.sgd(0.01, /*momentum*/ 0.5, /*weight decay*/ 0) : Optimizers.adam(1e-3),
                classifies ? torch::nll_loss : torch::mse_loss,
                (model.contains("noisy") ? noisy : clean).narrow(0, examples(model)),
                test.narrow(0, Math.min(TESTED, test.size())),
                /*seed*/ 1,
                epochs,
                batchSize(model),
                new JsonObject());
        return Trainer.of(task, device, ScalarType.Float);
    }

    /** Returns the largest relative difference of two runs' losses. */
    static double difference(double[] one, double[] other) {
        if (one.length != other.length) throw new IllegalArgumentException(one.length + " and " + other.length);
        double largest = 0;
        for (int i = 0; i < one.length; i++) {
            largest = Math.max(largest, Math.abs(one[i] - other[i]) / Math.abs(one[i])); // NaN if one is
        }
        return largest;
    }

    /** Compares the losses of two devices: the first one, before any update of the weights, and all of them. */
    public static Report.Result compare(double[] cpu, double[] gpu) {
        double first = difference(Arrays.copyOf(cpu, 1), Arrays.copyOf(gpu, 1));
        double all = difference(cpu, gpu);
        return Report.Result.of(
                first <= 1e-5 && all <= 1e-2,
                "relative difference of the losses: first step %.1e (at most 1e-5), first %d steps %.1e (at most 1e-2)",
                first,
                cpu.length,
                all);
    }

    /** Returns the largest difference of the weights in two .safetensors files of one network. */
    public static double difference(Path file, Path other) {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> others = Safetensors.read(other);
            return Safetensors.read(file).entrySet().stream()
                    .mapToDouble(weight -> weight.getValue()
                            .sub(Objects.requireNonNull(others.get(weight.getKey())))
                            .abs()
                            .max()
                            .item_double())
                    .max()
                    .orElseThrow();
        }
    }
}
