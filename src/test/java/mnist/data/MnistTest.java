package mnist.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.data.Batch;
import libtorch.data.Dataset;
import libtorch.data.Examples;
import libtorch.data.Generators;
import mnist.NetworkChecks;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest implements UsesLibTorch {
    private static Mnist load(Path folder, Integer trainSize, Integer testSize) {
        return MnistFiles.read(folder, /*verified*/ false)
                .load(trainSize, testSize, new Device("cpu"), torch.ScalarType.Float);
    }

    private static void write(Path folder, byte[] labels, int images, int side) throws IOException {
        Files.write(
                folder.resolve("t10k-labels-idx1-ubyte"),
                ByteBuffer.allocate(8 + labels.length)
                        .putInt(0x801)
                        .putInt(labels.length)
                        .put(labels)
                        .array());
        Files.write(
                folder.resolve("t10k-images-idx3-ubyte"),
                ByteBuffer.allocate(16 + images * side * side)
                        .putInt(0x803)
                        .putInt(images)
                        .putInt(side)
                        .putInt(side)
                        .array());
        for (String name : new String[] {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"})
            Files.copy(SAMPLE.resolve(name), folder.resolve(name));
    }

    @Test
    void theIdentityOfMnistIsTheDigestOfItsFilesOneAfterTheOther() throws IOException {
        Path folder = Path.of("data");
        assumeTrue(Files.exists(folder.resolve("train-images-idx3-ubyte")), "MNIST was not fetched");
        MnistFiles mnist = new MnistFiles(folder, true);
        byte[][] files = Arrays.stream(MnistFile.values()).map(mnist::read).toArray(byte[][]::new);
        assertEquals(Dataset.of("MNIST", files), MnistFiles.read(folder, true).identity());
    }

    @Test
    void theSampleIsMnistsBeginning() {
        Mnist mnist = UsesLibTorch.sample();
        assertEquals(600, mnist.train().size());
        assertEquals(200, mnist.test().size());
        assertArrayEquals(
                new long[] {5, 0, 4, 1, 9, 2, 1, 3, 1, 4},
                Arrays.copyOf(Tensors.longs(mnist.train().labels()), 10));
        assertArrayEquals(
                new long[] {7, 2, 1, 0, 4, 1, 4, 9, 5, 9},
                Arrays.copyOf(Tensors.longs(mnist.test().labels()), 10));
        assertEquals(
                95198,
                mnist.train().pixels().narrow(0, 0, 4).sum().item_long()); // bytes 128 and above are not negative
    }

    @Test
    void pixelsAreBytesOver255() {
        ImageSet set = ImageSet.of(filled(784, (byte) 0x80), new byte[] {3}, new Device("cpu"), torch.ScalarType.Float);
        assertEquals(128 / 255f, set.images(0, 1).mean().item_float(), 1e-7);
        assertArrayEquals(new long[] {1, 1, 28, 28}, set.images(0, 1).shape());
    }

    @Test
    void aBatchHoldsTheImagesAndLabelsAskedForInThatOrder() {
        ImageSet train = UsesLibTorch.sample().train();
        Batch batch = train.classification().batch(Tensor.create(3L, 0L, 5L), generators(1));
        assertArrayEquals(new long[] {1, 5, 2}, Tensors.longs(batch.targets()));
        NetworkChecks.assertEqualTensors(
                train.images(0, 6).select(0, 5), batch.inputs().select(0, 2));
    }

    private static Generators generators(long seed) {
        return Generators.seeded(seed, new Device("cpu"));
    }

    @Test
    void trainingNoiseIsDrawnOncePerBatchFromTheGeneratorGivenAndTargetsStayClean() {
        ImageSet train = UsesLibTorch.sample().train();
        Tensor indices = Tensor.create(0L, 1L, 2L);
        torch.manual_seed(7);
        Tensor expected = torch.randn(3, 1, 28, 28)
                .mul(new org.bytedeco.pytorch.Scalar(0.3))
                .add(train.images(indices));
        double next = torch.rand(1).item_double();
        Generators generators = generators(7);
        torch.manual_seed(5); // the default generator does not matter
        Batch batch = train.denoising(0.3).batch(indices, generators);
        NetworkChecks.assertEqualTensors(expected, batch.inputs());
        NetworkChecks.assertEqualTensors(train.images(indices), batch.targets());
        GeneratorOptional after = new GeneratorOptional(generators.cpu());
        assertEquals(next, torch.rand(new long[] {1}, after).item_double());
    }

    @Test
    void testNoiseComesFromAGeneratorOfItsOwnAndIsPythons() {
        ImageSet test = UsesLibTorch.sample().test();
        torch.manual_seed(7);
        double next = torch.rand(1).item_double();
        torch.manual_seed(7);
        Tensor noise = test.noise(1, 1);
        assertEquals(next, torch.rand(1).item_double(), "the training's random numbers moved");
        // torch.randn(200, 1, 28, 28, generator=torch.Generator().manual_seed(1)).flatten()[[0, 1, 100000]]
        assertEquals(-1.5255959, noise.flatten().select(0, 0).item_double(), 1e-6);
        assertEquals(-0.7502318, noise.flatten().select(0, 1).item_double(), 1e-6);
        assertEquals(-1.0072486, noise.flatten().select(0, 100_000).item_double(), 1e-6);
        Examples noisy = test.denoising(noise);
        Tensor all = torch.arange(new org.bytedeco.pytorch.Scalar(200L));
        NetworkChecks.assertEqualTensors(
                noisy.batch(all, generators(1)).inputs(),
                noisy.batch(all, generators(2)).inputs());
        NetworkChecks.assertEqualTensors(
                test.images(0, 200), noisy.batch(all, generators(1)).targets());
    }

    @Test
    void onlyTheFirstImagesAreUsedWhereASizeIsGiven() {
        Mnist mnist = load(SAMPLE, 4, 2);
        assertArrayEquals(new long[] {5, 0, 4, 1}, Tensors.longs(mnist.train().labels()));
        assertArrayEquals(new long[] {2, 1, 28, 28}, mnist.test().pixels().shape());
        LibTorchException error = assertThrows(LibTorchException.class, () -> load(SAMPLE, 601, null));
        assertEquals(
                "--train-size 601 asks for more than the 600 images there are; choose a smaller number",
                error.getMessage());
    }

    @Test
    void otherDataIsNotCalledMnist() {
        assertEquals("mnist", load(SAMPLE, 1, 1).identity().name()); // the folder's name
        LibTorchException error = assertThrows(
                LibTorchException.class,
                () -> MnistFiles.read(SAMPLE, /*verified*/ true)
                        .load(null, null, new Device("cpu"), torch.ScalarType.Float));
        assertTrue(error.getMessage().contains("is not MNIST's file"), error.getMessage());
    }

    @Test
    void labelsAndImagesOfDifferentCountAreRefused(@TempDir Path folder) throws IOException {
        write(folder, new byte[] {1, 2, 3}, 2, 28);
        assertEquals(
                folder + "/t10k-images-idx3-ubyte holds 2 images, but " + folder
                        + "/t10k-labels-idx1-ubyte 3 labels; replace the one that does not belong to the other",
                assertThrows(LibTorchException.class, () -> load(folder, null, null))
                        .getMessage());
    }

    @Test
    void aLabelOfTenIsRefused(@TempDir Path folder) throws IOException {
        write(folder, new byte[] {1, 10}, 2, 28);
        assertEquals(
                folder + "/t10k-labels-idx1-ubyte holds a label of 10; labels must be 0 to 9",
                assertThrows(LibTorchException.class, () -> load(folder, null, null))
                        .getMessage());
    }

    @Test
    void imagesOfAnotherSizeAreRefused(@TempDir Path folder) throws IOException {
        write(folder, new byte[] {1, 2}, 2, 32);
        assertEquals(
                folder + "/t10k-images-idx3-ubyte holds images of 32×32 pixels; the networks need 28×28",
                assertThrows(LibTorchException.class, () -> load(folder, null, null))
                        .getMessage());
    }

    private static byte[] filled(int length, byte value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, value);
        return bytes;
    }
}
