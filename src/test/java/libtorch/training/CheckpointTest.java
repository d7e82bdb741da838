package libtorch.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.data.Batch;
import libtorch.data.Dataset;
import libtorch.data.Examples;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import mnist.Mutations;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest implements UsesLibTorch {
    private static final class Hidden extends Network {
        final LinearImpl linear1;
        final LinearImpl linear2;

        Hidden(long width) {
            super("Hidden");
            linear1 = linear("linear1", 2, width);
            linear2 = linear("linear2", width, 1);
        }

        @Override
        public Activation forward(Activation x) {
            return x.linear(linear1).relu().linear(linear2);
        }
    }

    private static Trainer<Hidden> trainer(long width) {
        Examples examples = Examples.of(4, indices -> {
            Tensor x = Tensors.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2).index_select(0, indices);
            return new Batch(x, x.narrow(1, 0, 1));
        });
        Task<Hidden> task = new Task<>(
                "hidden",
                () -> new Hidden(width),
                parameters -> new Adam(parameters, new AdamOptions(0.01)),
                torch::mse_loss,
                examples,
                examples,
                1,
                2,
                2,
                new JsonObject());
        return Trainer.of(task, new Device("cpu"), torch.ScalarType.Float);
    }

    private static Checkpoint checkpoint(Path folder, Trainer<?> trainer) {
        return new Checkpoint(folder.resolve("hidden.checkpoint"), trainer, new Dataset("four", "0"), true, () -> true);
    }

    /** Trains a network, which leaves its checkpoint in the folder. */
    private static Trainer<Hidden> trained(Path folder, long width) {
        Trainer<Hidden> trained = trainer(width);
        trained.fit(checkpoint(folder, trained));
        return trained;
    }

    @Test
    void weightsAndEpochsComeBack(@TempDir Path folder) {
        Trainer<Hidden> trained = trained(folder, 3);
        Trainer<Hidden> resumed = trainer(3);
        Checkpoint checkpoint = checkpoint(folder, resumed);
        TrainingState state = checkpoint.resume();
        assertEquals(2, state.epochs().size());
        assertArrayEquals(
                Tensors.floats(trained.network().linear1.weight()),
                Tensors.floats(resumed.network().linear1.weight()));
    }

    @Test
    void aCheckpointIsWrittenAndReadOutsideTheJavaHeap(@TempDir Path folder) throws IOException {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        trainer(3).fit(checkpoint(folder, trainer(3))); // loads classes
        long before = threads.getCurrentThreadAllocatedBytes();
        Trainer<Hidden> trained = trained(folder, 1 << 20);
        Trainer<Hidden> resumed = trainer(1 << 20);
        Checkpoint checkpoint = checkpoint(folder, resumed);
        checkpoint.resume();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(Files.size(folder.resolve("hidden.checkpoint")) > 16 << 20);
        assertTrue(allocated < 4 << 20, allocated + " bytes");
        assertTrue(torch.equal(
                trained.network().linear1.weight(), resumed.network().linear1.weight()));
    }

    private static Trainer<Hidden> trainer(Function<TensorVector, Optimizer> optimizer) {
        Task<Hidden> task = trainer(3).task();
        return Trainer.of(Task.of("hidden", task.network(), optimizer, task.loss(), task.train(), task.test())
                .withEpochs(task.epochs())
                .withBatchSize(task.batchSize()));
    }

    @Test
    void anotherOptimizerIsRefusedAndNoWeightIsTouched(@TempDir Path folder) {
        Trainer<Hidden> adam = trainer(3);
        Trainer<Hidden> anonymous = trainer(parameters -> new Adam(parameters, new AdamOptions(0.01)) {});
        Trainer<Hidden> sgd = trainer(Optimizers.sgd(0.01, 0, 0));
        Trainer<Hidden> anonymousSgd = trainer(parameters -> new SGD(parameters, new SGDOptions(0.01)) {});
        for (Trainer<Hidden> trained : List.of(adam, anonymous)) {
            trained.fit(checkpoint(folder, trained));
            for (Trainer<Hidden> other : List.of(sgd, anonymousSgd)) {
                float[] before = Tensors.floats(other.network().linear1.weight());
                Checkpoint checkpoint = checkpoint(folder, other);
                LibTorchException error = assertThrows(LibTorchException.class, checkpoint::resume);
                assertEquals(
                        folder.resolve("hidden.checkpoint") + " is of a run with the optimizer Adam, not SGD",
                        error.what());
                assertArrayEquals(before, Tensors.floats(other.network().linear1.weight()));
            }
        }
        Trainer<Hidden> resumed = trainer(3);
        assertEquals(2, checkpoint(folder, resumed).resume().epochs().size(), "an anonymous Adam is an Adam");
    }

    @Test
    void aLayerOfAnotherWidthIsRefusedAndNoWeightIsTouched(@TempDir Path folder) {
        Trainer<Hidden> narrow = trainer(3);
        narrow.fit(checkpoint(folder, narrow));
        Trainer<Hidden> wide = trainer(5);
        float[] before = Tensors.floats(wide.network().linear1.weight());
        Checkpoint checkpoint = checkpoint(folder, wide);
        LibTorchException error = assertThrows(LibTorchException.class, () -> checkpoint.resume());
        assertEquals(
                folder.resolve("hidden.checkpoint")
                        + " is of a run with another network: linear1.weight of shape [3, 2], not [5, 2]; "
                        + "repeat that run's settings, or start anew",
                error.getMessage());
        assertArrayEquals(before, Tensors.floats(wide.network().linear1.weight()));
        assertEquals(
                List.of(5L, 2L),
                Arrays.stream(wide.network().linear1.weight().shape()).boxed().toList());
    }

    @Test
    void aCheckpointWithAFlippedByteInAWeightIsRefused(@TempDir Path folder) throws IOException {
        Trainer<Hidden> trained = trained(folder, 3);
        Path file = folder.resolve("hidden.checkpoint");
        byte[] content = Files.readAllBytes(file);
        byte[] weight = new byte[4 * 3 * 2];
        ByteBuffer.wrap(weight)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer()
                .put(Tensors.floats(trained.network().linear1.weight()));
        int at = 0;
        while (!Arrays.equals(content, at, at + weight.length, weight, 0, weight.length)) at++;
        content[at + 5] ^= 1;
        Files.write(file, content);
        Checkpoint checkpoint = checkpoint(folder, trainer(3));
        CheckpointException error = assertThrows(CheckpointException.class, checkpoint::resume);
        assertTrue(error.isDamaged());
        assertTrue(
                error.getMessage()
                        .matches(".*hidden.checkpoint cannot be resumed from \\(\\S+ is damaged\\);"
                                + " delete it to start anew"),
                error.getMessage());
    }

    @Test
    void aFlippedByteAnywhereIsRefusedOrChangesNothing(@TempDir Path folder) throws IOException {
        Trainer<Hidden> trained = trained(folder, 3);
        Path file = folder.resolve("hidden.checkpoint");
        byte[] content = Files.readAllBytes(file);
        int refused = 0;
        for (int at = 0; at < content.length; at += 23) {
            content[at] ^= 1;
            Files.write(file, content);
            content[at] ^= 1;
            Trainer<Hidden> resumed = trainer(3);
            Checkpoint checkpoint = checkpoint(folder, resumed);
            try {
                assertEquals(2, checkpoint.resume().epochs().size());
            } catch (CheckpointException e) {
                refused++;
                continue;
            }
            String changed = "byte " + at;
            Map<String, Tensor> weights = resumed.network().state();
            trained.network()
                    .state()
                    .forEach((name, weight) -> assertTrue(torch.equal(weight, weights.get(name)), changed));
        }
        assertTrue(refused > 500, refused + " of " + content.length / 23);
    }

    @Test
    void aMutatedCheckpointIsRestoredOrRefused(@TempDir Path folder) throws IOException {
        trained(folder, 3);
        Path file = folder.resolve("hidden.checkpoint");
        Mutations.check(Files.readAllBytes(file), file, Mutations.COUNT / 10, mutated -> {
            Checkpoint checkpoint = checkpoint(folder, trainer(3));
            checkpoint.resume();
        });
    }
}
