package mnist.torchscript;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mnist.runtime.AtomicFile;
import mnist.runtime.LibTorch;
import mnist.runtime.UserError;
import mnist.torchscript.Network.Call;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolType;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.SingletonTypePtr;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Type.TypePtr;
import org.bytedeco.pytorch.global.torch;

/** Writes networks as TorchScript: one file with code and weights that {@code torch.jit.load} opens and Python calls. */
public final class TorchScriptFile {
    /** Name of the run record among the texts that travel in a file. */
    public static final String RECORD = "run.json";

    private TorchScriptFile() {}

    /**
     * Saves the network, having checked that every method of the written file answers what the network answers.
     *
     * @param extraFiles texts that travel in the file, by name
     * @param images real images to check with, N×1×28×28 on the CPU
     * @throws IllegalStateException where an answer differs by a single bit; the old file then stays
     */
    public static void save(Path file, Network network, Map<String, String> extraFiles, Tensor images) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            ExtraFilesMap extra = new ExtraFilesMap();
            extraFiles.forEach((name, text) -> extra.put(new BytePointer(name), new BytePointer(text)));
            AtomicFile.write(file, temporary -> {
                AtomicFile.requireSpace(temporary, mostBytes(network, extraFiles));
                translate(network).save(temporary.toString(), extra);
                verify(
                        torch.load(temporary.toString(), new DeviceOptional(new Device("cpu")), false),
                        network.callAll(images));
            });
        }
    }

    /** Returns more than the file will take: weights, texts, and for the code 1 kB a tensor and 16 kB. */
    private static long mostBytes(Network network, Map<String, String> extraFiles) {
        TensorVector parameters = network.parameters();
        long bytes = 16 << 10;
        for (long i = 0; i < parameters.size(); i++)
            bytes += 4 * parameters.get(i).numel() + 1024;
        for (String text : extraFiles.values()) bytes += 4L * text.length();
        return bytes;
    }

    /**
     * Opens a file that this project or Python saved, in eval mode. Its code runs when it is called.
     *
     * @throws UserError where it is no TorchScript file
     */
    public static Scripted load(Path file, Device device) {
        ExtraFilesMap extra = new ExtraFilesMap();
        extra.put(new BytePointer(RECORD), new BytePointer(""));
        try {
            JitModule script = torch.load(file.toString(), new DeviceOptional(device), extra, false);
            script.eval();
            BytePointer record = extra.get(new BytePointer(RECORD)); // null where the file has none
            return new Scripted(script, record == null ? "" : record.getString());
        } catch (RuntimeException e) {
            throw new UserError(
                    file + " cannot be opened as TorchScript (" + LibTorch.firstLine(e) + ")",
                    "name a .pt file saved by this project or by torch.jit.save; torch.save writes another format",
                    e);
        }
    }

    /** A network that was loaded with its code. */
    public static final class Scripted extends Network {
        private final JitModule script;
        private final String record;

        private Scripted(JitModule script, String record) {
            super("Scripted");
            this.script = script;
            this.record = record;
        }

        /** Returns the run record inside the file, or an empty text. */
        public String record() {
            return record;
        }

        public boolean has(String method) {
            return script.find_method(method).has_value();
        }

        /** Calls a method that takes and answers one tensor. */
        public Tensor call(String method, Tensor x) {
            return TorchScriptFile.call(script, method, List.of(x)).get(0);
        }

        @Override
        public Tensor forward(Tensor images) {
            return call("forward", images);
        }

        @Override
        public String torchScript() {
            throw new UnsupportedOperationException("the code is in the file");
        }

        @Override
        public List<Call> callAll(Tensor images) {
            return List.of(Call.of("forward", images, forward(images)));
        }
    }

    /** Builds the TorchScript twin of a network; the two share their parameters. */
    static JitModule translate(Network network) {
        StringTensorDict parameters = network.named_parameters();
        JitModule twin = module(network.name().getString());
        network.layers().forEach((layer, source) -> {
            JitModule child = module(layer);
            for (String parameter : List.of("weight", "bias")) {
                child.register_parameter(parameter, parameters.get(layer + "." + parameter), false);
            }
            child.define(source);
            twin.register_module(layer, child);
        });
        twin.define(network.torchScript());
        return twin;
    }

    private static JitModule module(String name) {
        JitModule module = new JitModule(new QualifiedName(name));
        module.register_attribute(
                "training", new TypePtr(new SingletonTypePtr(BoolType.get().get())), new IValue(false));
        return module;
    }

    static void verify(JitModule script, List<Call> calls) {
        for (Call call : calls) {
            List<Tensor> answers = call(script, call.method(), call.arguments());
            for (int i = 0; i < call.results().size(); i++) {
                if (!torch.equal(answers.get(i), call.results().get(i))) {
                    throw new IllegalStateException(
                            "TorchScript's " + call.method() + " and Java's answer differently");
                }
            }
        }
    }

    /** Calls a method; a tuple comes back as the list of its tensors. */
    static List<Tensor> call(JitModule script, String method, List<Tensor> arguments) {
        IValue[] values = arguments.stream().map(IValue::new).toArray(IValue[]::new);
        IValue answer = script.get_method(method).apply(new IValueVector(values));
        if (answer.isTensor()) return List.of(answer.toTensor());
        if (!answer.isTuple())
            throw new IllegalStateException(method + " answers neither a tensor nor a tuple of tensors");
        List<Tensor> tensors = new ArrayList<>();
        IValueVector elements = answer.toTuple().elements().vec();
        for (long i = 0; i < elements.size(); i++) tensors.add(elements.get(i).toTensor());
        return tensors;
    }
}
