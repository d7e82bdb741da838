package libtorch.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.NativeText;
import libtorch.nn.AtenOperator;
import libtorch.nn.OperatorException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.FunctionVector;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Method;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.buffer_list;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.TypeKind;
import org.bytedeco.pytorch.parameter_list;

/** Runs TorchScript; the inputs and outputs of its methods are those of their schemas. */
final class ScriptModel implements LoadedModel {
    private final JitModule script;
    private final String device;
    private final Map<String, Method> methods = new HashMap<>();
    private final ModelDescription description;

    private ScriptModel(JitModule script, Device device, String record) {
        this.script = script;
        this.device = device.str().getString();
        Map<String, ModelMethod> described = new TreeMap<>();
        FunctionVector functions = script.type().methods(); // what script.get_methods() returns is never freed
        for (long i = 0; i < functions.size(); i++) {
            Method method = script.get_method(functions.get(i).name());
            FunctionSchema schema = method.function().getSchema();
            String name = method.name().getString();
            Map<String, String> outputs = new LinkedHashMap<>();
            addOutputs("", schema.returns().getPointer(0).type().get(), outputs);
            List<String> types = List.copyOf(outputs.values());
            methods.put(name, method);
            described.put(name, new ModelMethod(name, inputs(schema), List.copyOf(outputs.keySet()), types, Map.of()));
        }
        String kind = Format.TORCH_SCRIPT.words();
        description = new ModelDescription(kind, described, weights(), LibTorch.Pool.OPENMP, record);
    }

    /**
     * Opens a file that this project or Python saved, in eval mode and in the open scope. Its code runs when it is
     * called.
     *
     * @throws LibTorchException if it is not a TorchScript file
     */
    static LoadedModel load(Path file, Device device) {
        ExtraFilesMap extra = new ExtraFilesMap();
        extra.put(NativeText.of(TorchScript.RECORD), NativeText.of(""));
        try {
            JitModule script = torch.load(NativeText.of(file), new DeviceOptional(device), extra, false);
            script.eval();
            BytePointer record = extra.get(NativeText.of(TorchScript.RECORD)); // null if the file has none
            return new ScriptModel(script, device, record == null ? "" : NativeText.string(record));
        } catch (RuntimeException e) {
            throw new LibTorchException(
                    file + " cannot be opened as TorchScript (" + LibTorch.firstLine(e) + ")",
                    "name a .pt file saved by this project or by torch.jit.save; torch.save writes another format",
                    e);
        }
    }

    private static List<ModelInput> inputs(FunctionSchema schema) {
        List<ModelInput> inputs = new ArrayList<>();
        Argument arguments = schema.arguments();
        for (long i = 1; i < arguments.limit(); i++) { // after self
            Argument argument = arguments.getPointer(i);
            inputs.add(ModelInput.declared(
                    argument.name().getString(),
                    type(argument.type().get()),
                    argument.default_value().has_value()));
        }
        return List.copyOf(inputs);
    }

    /** Adds the types of results, by the names that do not depend on the arguments. */
    private static void addOutputs(String name, Type type, Map<String, String> types) {
        boolean tuple = type.kind().intern() == TypeKind.TupleType;
        if (!tuple) types.put(name.isEmpty() ? "0" : name, type(type));
        for (long i = 0; tuple && i < type.containedTypeSize(); i++)
            addOutputs(inside(name, i), type.containedType(i).get(), types);
    }

    private static String inside(String name, Object key) {
        return name.isEmpty() ? key.toString() : name + "." + key;
    }

    private static String type(Type type) {
        return type.annotation_str().getString();
    }

    @Override
    public ModelDescription description() {
        return description;
    }

    private long weights() {
        long numbers = 0;
        parameter_list parameters = script.parameters();
        for (var each = parameters.begin(); each.notEquals(parameters.end()); each = each.increment())
            numbers += each.multiply().numel();
        buffer_list buffers = script.buffers();
        for (var each = buffers.begin(); each.notEquals(buffers.end()); each = each.increment())
            numbers += each.multiply().numel();
        return numbers;
    }

    @Override
    public List<Tensor> call(String method, List<Tensor> arguments) {
        return new ArrayList<>(callNamed(method, arguments).values());
    }

    @Override
    public Map<String, Tensor> callNamed(String method, List<Tensor> arguments) {
        List<ModelInput> inputs = description.method(method).inputs();
        List<String> names = new ArrayList<>();
        List<Tensor> results = new ArrayList<>();
        try {
            IValueVector values = new IValueVector();
            for (int i = 0; i < arguments.size(); i++) {
                Tensor argument = arguments.get(i);
                values.push_back(i < inputs.size() ? inputs.get(i).value(argument) : new IValue(argument));
            }
            add("", Objects.requireNonNull(methods.get(method)).apply(values), names, results);
        } catch (RuntimeException e) {
            if (!LibTorch.isNative(e)) throw e;
            throw new OperatorException(method, LibTorch.firstLine(e), e);
        }
        return ModelMethod.named(names, results);
    }

    /** Adds the tensors in a value, named as those of exported programs are; None and strings are left out. */
    private void add(String name, IValue value, List<String> names, List<Tensor> results) {
        if (value.isNone() || value.isString()) return;
        if (value.isTensor() || value.isScalar()) {
            names.add(name.isEmpty() ? "0" : name);
            IValue tensor = value.isTensor() ? value : AtenOperator.tensor(value, new Device(device));
            results.add(new Tensor(tensor.toTensor()));
        } else if (value.isGenericDict()) {
            GenericDict entries = value.toGenericDict();
            long i = 0;
            for (var each = entries.begin(); each.notEquals(entries.end()); each = each.increment(), i++) {
                IValue key = each.access().key();
                Object inside = key.isString() ? NativeText.string(key.toStringRef()) : key.isInt() ? key.toInt() : i;
                add(inside(name, inside), each.access().value(), names, results);
            }
        } else if (value.isTuple() || value.isList()) {
            IValueVector elements = value.isTuple()
                    ? value.toTuple().elements().vec()
                    : value.toList().vec();
            for (long i = 0; i < elements.size(); i++) add(inside(name, i), elements.get(i), names, results);
        } else {
            String type = value.tagKind().getString();
            throw new IllegalStateException("a result is of type " + type + ", which has no tensors");
        }
    }
}
