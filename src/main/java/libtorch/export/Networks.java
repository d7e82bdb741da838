package libtorch.export;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.MethodGraph;
import libtorch.nn.Network;
import libtorch.nn.Tracer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Saves networks that are written in Java. */
public final class Networks {
    private Networks() {}

    /** Saves a network without texts: see {@link #save(Network, Tensor, Path, Map)}. */
    public static void save(Network network, Tensor examples, Path file) {
        save(network, examples, file, Map.of());
    }

    /**
     * Saves a network as it computes in eval mode, in the format that the file's suffix names: .pt (TorchScript), .pt2
     * (an exported program), .pth (a state_dict), .safetensors or .onnx. The written .pt and .pt2 are called with the
     * examples and compared with the network before they replace an older file. The network's mode and device are
     * restored.
     *
     * @param network of float32 weights
     * @param examples inputs of forward, N×…; the file takes any number of them
     * @param texts to store in the file, by name
     * @throws LibTorchException if the format cannot express the network, or the file cannot be written
     * @throws IllegalStateException if the written file's results differ from the network's; the old file is then kept
     */
    public static void save(Network network, Tensor examples, Path file, Map<String, String> texts) {
        Format format = Format.named(file);
        boolean traced = format == Format.TORCH_SCRIPT || format == Format.ONNX;
        if (network instanceof Program program && !traced) {
            program.save(file, texts); // all of its methods, its types
            return;
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            Device cpu = new Device("cpu");
            Device device = network.device();
            network.to(cpu, false);
            try {
                Tensor inputs = Tensors.requireOpen(examples).to(cpu, examples.scalar_type());
                if (!(network instanceof Program)) requireFloats(network); // whose types are fixed
                network.inEvalMode(() -> {
                    List<MethodGraph> methods = format.hasWeightsAlone() ? List.of() : Tracer.trace(network, inputs);
                    format.save(file, network.snapshot(methods), texts, new Verification(network, inputs));
                    return file;
                });
            } finally {
                network.to(device, false);
            }
        }
    }

    private static void requireFloats(Network network) {
        network.state().forEach((name, tensor) -> {
            if (tensor.is_floating_point() && tensor.scalar_type().intern() != ScalarType.Float)
                throw new LibTorchException(
                        name + " is of type " + tensor.scalar_type().intern() + ", and files have float32",
                        "convert the network with to(ScalarType.Float)");
        });
    }
}
