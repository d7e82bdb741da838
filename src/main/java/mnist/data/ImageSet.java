package mnist.data;

import libtorch.Tensors;
import libtorch.data.Batch;
import libtorch.data.Examples;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Labelled images, whole on one device.
 *
 * @param pixels N×1×28×28 bytes, 0 is paper and 255 is ink
 * @param labels N longs, 0 to 9
 * @param type of the images: Float or Double
 */
public record ImageSet(Tensor pixels, Tensor labels, ScalarType type) {
    static ImageSet of(byte[] pixels, byte[] labels, Device device, ScalarType type) {
        Tensor images = Tensors.of(pixels, labels.length, 1, 28, 28);
        Tensor digits = Tensors.of(labels, labels.length);
        return new ImageSet(images.to(device, ScalarType.Byte), digits.to(device, ScalarType.Long), type);
    }

    public long size() {
        return labels.size(0);
    }

    /** Returns the first n images, or all if there are fewer. */
    public ImageSet first(long n) {
        long fewer = Math.min(n, size());
        return new ImageSet(pixels.narrow(0, 0, fewer), labels.narrow(0, 0, fewer), type);
    }

    /** Returns the images at these indices, N×1×28×28 in 0..1. */
    public Tensor images(Tensor indices) {
        return pixels.index_select(0, indices).to(type).div_(new Scalar(255.0));
    }

    /** Returns consecutive images, n×1×28×28 in 0..1. */
    public Tensor images(long from, long n) {
        return pixels.narrow(0, from, n).to(type).div_(new Scalar(255.0));
    }

    /** Images with their labels as targets. */
    public Examples classification() {
        return Examples.of(size(), indices -> new Batch(images(indices), labels.index_select(0, indices)));
    }

    /** Images with themselves as targets. */
    public Examples reconstruction() {
        return Examples.of(size(), indices -> {
            Tensor images = images(indices);
            return new Batch(images, images);
        });
    }

    /**
     * Images with Gaussian noise, drawn anew for every batch; the targets are clean.
     *
     * @param std standard deviation of the noise, in units of the pixels' 0..1
     */
    public Examples denoising(double std) {
        return Examples.random(size(), (indices, generators) -> {
            Tensor images = images(indices);
            Tensor noise = generators.normal(images).mul_(new Scalar(std));
            return new Batch(noise.add_(images), images);
        });
    }

    /** Images with the given noise, N×1×28×28, added: the same at every call; the targets are clean. */
    public Examples denoising(Tensor noise) {
        return Examples.of(size(), indices -> {
            Tensor images = images(indices);
            return new Batch(noise.index_select(0, indices).add_(images), images);
        });
    }

    /** Images with themselves as targets; if std is above zero, the inputs have Gaussian noise drawn from the seed. */
    public Examples test(double std, long seed) {
        return std > 0 ? denoising(noise(std, seed)) : reconstruction();
    }

    /**
     * Draws Gaussian noise for the whole set from a separate generator, always on the CPU: it depends on the seed
     * alone.
     */
    public Tensor noise(double std, long seed) {
        GeneratorOptional generator = new GeneratorOptional(torch.make_generator_cpu(seed));
        Tensor noise = torch.randn(new long[] {size(), 1, 28, 28}, generator, new TensorOptions(ScalarType.Float));
        return noise.mul_(new Scalar(std)).to(pixels.device(), type);
    }

    /** Moves a tensor to the device, and to the type, of the images. */
    public Tensor like(Tensor tensor) {
        return tensor.to(pixels.device(), type);
    }
}
