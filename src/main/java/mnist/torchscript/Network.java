package mnist.torchscript;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * A network of libtorch modules, composed in Java, that carries its own translation to TorchScript: libtorch
 * cannot trace Java, and without methods in the file Python could read the weights but not call them.
 */
public abstract class Network extends Module {
    private final Map<String, String> layers = new LinkedHashMap<>();

    protected Network(String name) {
        super(name);
    }

    /** Computes what training compares with the targets. */
    public abstract Tensor forward(Tensor images);

    /** Returns the methods of this network in TorchScript; layers are called as in Java, {@code self.conv1.forward(x)}. */
    public abstract String torchScript();

    /** Calls each method with real arguments, for comparison with the TorchScript of the same name. */
    public abstract List<Call> callAll(Tensor images);

    /** A call of one method: what went in and what came out. */
    public record Call(String method, List<Tensor> arguments, List<Tensor> results) {
        public static Call of(String method, Tensor argument, Tensor result) {
            return new Call(method, List.of(argument), List.of(result));
        }
    }

    /** Adds a convolution with a square kernel and stride 1; the name is the field's, as in Python's state_dict. */
    protected final Conv2dImpl conv2d(String name, long in, long out, long kernel, long padding) {
        return layer(name, conv2d(in, out, kernel, padding), String.format("""
                def forward(self, x):
                    return torch.conv2d(x, self.weight, self.bias, [1, 1], [%1$d, %1$d])
                """, padding));
    }

    /** Makes a convolution with a square kernel and stride 1. */
    protected static Conv2dImpl conv2d(long in, long out, long kernel, long padding) {
        Conv2dOptions options = new Conv2dOptions(in, out, new LongPointer(kernel, kernel));
        options.padding().put(new LongPointer(padding, padding));
        Conv2dImpl conv = new Conv2dImpl(options);
        // Channels last in memory: oneDNN then keeps activations so too, and pools whole vectors of channels at once.
        conv.weight().set_data(conv.weight().detach().clone(new MemoryFormatOptional(MemoryFormat.ChannelsLast)));
        return conv;
    }

    /** Adds a fully connected layer; the name is the field's, as in Python's state_dict. */
    protected final LinearImpl linear(String name, long in, long out) {
        return layer(name, new LinearImpl(in, out), """
                def forward(self, x):
                    return torch.linear(x, self.weight, self.bias)
                """);
    }

    /** Adds a layer with a weight and a bias under the field's name, with the TorchScript of what it does. */
    protected final <M extends Module> M layer(String name, M module, String torchScript) {
        layers.put(name, torchScript);
        return register_module(name, module);
    }

    /** Layers in the order in which they were added, each with its TorchScript. */
    final Map<String, String> layers() {
        return layers;
    }
}
