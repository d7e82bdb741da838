package mnist.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import libtorch.AtomicFile;
import libtorch.data.Dataset;
import libtorch.data.Examples;
import libtorch.export.Safetensors;
import mnist.data.ImageSet;
import mnist.data.Mnist;
import mnist.run.ProgramOptions.Loss;
import mnist.run.ProgramOptions.Target;
import mnist.system.UserError;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Training and test examples for a program: MNIST, or tensors from a file.
 *
 * @param loss the loss chosen, or the default for the targets
 */
record TensorData(Dataset identity, String summary, Examples train, Examples test, Loss loss) {
    /** Returns MNIST's images as examples. */
    static TensorData of(Mnist mnist, Target target, @Nullable Loss loss) {
        boolean labels = target == Target.labels;
        return new TensorData(
                mnist.identity(),
                mnist.summary(),
                examples(mnist.train(), labels),
                examples(mnist.test(), labels),
                loss != null ? loss : labels ? Loss.CROSS_ENTROPY : Loss.MSE);
    }

    private static Examples examples(ImageSet images, boolean labels) {
        return labels ? images.classification() : images.reconstruction();
    }

    /**
     * Reads tensors from a file into the open scope.
     *
     * @throws UserError if tensors are missing, or their sizes do not match
     */
    static TensorData read(Path file, @Nullable Loss chosen, Device device) {
        Map<String, Tensor> tensors = Safetensors.read(file);
        Tensor targets = tensor(file, tensors, "targets");
        Loss loss = chosen != null ? chosen : targets.is_floating_point() ? Loss.MSE : Loss.CROSS_ENTROPY;
        Examples train = examples(file, tensors, "", loss, device);
        boolean tested = tensors.containsKey("test_inputs") || tensors.containsKey("test_targets");
        Examples test = tested ? examples(file, tensors, "test_", loss, device) : train;
        String name = file.getFileName().toString();
        String sizes = String.format("%s: %,d training examples, %,d test examples", name, train.size(), test.size());
        try {
            String summary =
                    tested ? sizes : String.format("%s: %,d examples, to train and to test", name, train.size());
            return new TensorData(Dataset.of(name, Files.readAllBytes(file)), summary, train, test, loss);
        } catch (IOException e) {
            throw AtomicFile.cannotRead(file, "check the path and its permissions", e);
        }
    }

    private static Examples examples(Path file, Map<String, Tensor> tensors, String prefix, Loss loss, Device device) {
        Tensor inputs = tensor(file, tensors, prefix + "inputs");
        Tensor targets = tensor(file, tensors, prefix + "targets");
        boolean match =
                inputs.dim() > 0 && targets.dim() > 0 && inputs.size(0) == targets.size(0) && inputs.size(0) > 0;
        if (!match)
            throw new UserError(
                    file + " has " + prefix + "inputs of shape " + Arrays.toString(inputs.shape()) + " and " + prefix
                            + "targets of " + Arrays.toString(targets.shape()),
                    "give it one target for each input, counted by the first dimension");
        boolean classes = loss.ofClasses() && !targets.is_floating_point();
        return Examples.of(
                inputs.to(device, inputs.scalar_type().intern()),
                targets.to(
                        device,
                        classes ? ScalarType.Long : targets.scalar_type().intern()));
    }

    private static Tensor tensor(Path file, Map<String, Tensor> tensors, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor != null) return tensor;
        throw new UserError(file + " has no tensor " + name, "save inputs and targets under these names");
    }
}
