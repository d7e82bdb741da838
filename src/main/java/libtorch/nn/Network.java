package libtorch.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A network of libtorch's modules. It is written once, as methods from {@link Activation} to {@link Activation}: training calls
 * them, and what files offer is traced from them.
 */
public abstract class Network extends Module {
    protected Network(String name) {
        super(name);
    }

    /** Computes what the loss compares with the targets. */
    public abstract Activation forward(Activation x);

    /** Calls {@link #forward(Activation)} without a trace. */
    public final Tensor forward(Tensor x) {
        return forward(Activation.of(x)).tensor();
    }

    /**
     * Returns the methods that files offer.
     *
     * @param x an input of forward, from which examples for all arguments are made
     */
    public List<NetworkMethod> methods(Activation x) {
        return List.of(NetworkMethod.of("forward", "x", x, this::forward));
    }

    /** Adds a convolution with a square kernel and stride 1; the name is the field's, as in Python's state_dict. */
    protected final Conv2dImpl conv2d(String name, long in, long out, long kernel, long padding) {
        Conv2dOptions options = new Conv2dOptions(in, out, new LongPointer(kernel, kernel));
        options.padding().put(new LongPointer(padding, padding));
        Conv2dImpl conv = new Conv2dImpl(options);
        // Channels last in memory: oneDNN then keeps activations so too, and pools whole vectors of channels at once.
        conv.weight().set_data(conv.weight().detach().clone(new MemoryFormatOptional(MemoryFormat.ChannelsLast)));
        return register_module(name, conv);
    }

    /** Adds an upsampling by two and a convolution with a kernel of 3×3 and padding 1. */
    protected final UpsampleConv2d upsampleConv2d(String name, long in, long out) {
        return new UpsampleConv2d(conv2d(name, in, out, 3, 1));
    }

    /** Adds a fully connected layer; the name is the field's, as in Python's state_dict. */
    protected final LinearImpl linear(String name, long in, long out) {
        return register_module(name, new LinearImpl(in, out));
    }

    /** Adds a copy of numbers that are not learned, but saved with the weights and moved to their device. */
    protected final Tensor buffer(String name, Tensor value) {
        Tensor buffer = value.detach().clone();
        register_buffer(name, buffer); // what this returns is a reference that the next call may leave dangling
        return buffer;
    }

    /**
     * Returns all parameters and then all buffers, by name; in the open scope. A buffer whose name begins with _ is
     * left out: it is no weight, but what Python calls a non-persistent buffer.
     */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = named(named_parameters());
        state.putAll(named(named_buffers()));
        return state;
    }

    private static Map<String, Tensor> named(StringTensorDict tensors) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (long i = 0; i < tensors.size(); i++) {
            String name = tensors.get(i).key().getString();
            boolean persistent = !name.substring(name.lastIndexOf('.') + 1).startsWith("_");
            // A handle of its own: the value is a reference into the list, which the garbage collector may free first.
            if (persistent) named.put(name, new Tensor(tensors.get(i).value()));
        }
        return named;
    }

    /**
     * Copies weights into the parameters and buffers.
     *
     * @param weights one for each parameter and buffer, by name, of the same shape
     */
    public final void load(Map<String, Tensor> weights) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            state().forEach((name, tensor) -> tensor.copy_(weights.get(name)));
        }
    }

    /**
     * Returns what files hold of this network; its weights are copies, in the open scope.
     *
     * @param methods as {@link Tracer#trace} returned them
     */
    public final SavedNetwork program(List<MethodGraph> methods) {
        Map<String, Tensor> parameters = named(named_parameters());
        Map<String, Tensor> buffers = named(named_buffers());
        parameters.replaceAll((name, tensor) -> copy(tensor));
        buffers.replaceAll((name, tensor) -> copy(tensor));
        return new SavedNetwork(name().getString(), methods, parameters, buffers);
    }

    private static Tensor copy(Tensor tensor) {
        ScalarType type = tensor.is_floating_point() ? ScalarType.Float : ScalarType.Long;
        return tensor.detach().to(new Device("cpu"), type).clone();
    }
}
