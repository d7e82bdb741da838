package libtorch.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.NativeText;
import libtorch.nn.OperatorException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.FunctionVector;
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

/** Calls TorchScript: what its methods take and return is in their schemas. */
final class ScriptModel implements LoadedModel {
    private final JitModule script;
    private final Map<String, Method> methods = new HashMap<>();
    private final ModelDescription description;

    private ScriptModel(JitModule script, String record) {
        this.script = script;
        Map<String, ModelMethod> described = new TreeMap<>();
        FunctionVector functions = script.type().methods(); // what script.get_methods() returns is never freed
        for (long i = 0; i < functions.size(); i++) {
            Method method = script.get_method(functions.get(i).name());
            FunctionSchema schema = method.function().getSchema();
            String name = method.name().getString();
            List<String> types = outputs(schema);
            List<String> numbers =
                    IntStream.range(0, types.size()).mapToObj(Integer::toString).toList();
            methods.put(name, method);
            described.put(name, new ModelMethod(name, inputs(schema), numbers, types, Map.of()));
        }
        String kind = Format.TORCH_SCRIPT.words();
        description = new ModelDescription(kind, described, weights(), LibTorch.Pool.OPENMP, record);
    }

    /**
     * Opens a file that this project or Python saved, in eval mode and in the open scope. Its code runs when it is
     * called.
     *
     * @throws LibTorchException where it is no TorchScript file
     */
    static LoadedModel load(Path file, Device device) {
        ExtraFilesMap extra = new ExtraFilesMap();
        extra.put(NativeText.of(TorchScript.RECORD), NativeText.of(""));
        try {
            JitModule script = torch.load(NativeText.of(file), new DeviceOptional(device), extra, false);
            script.eval();
            BytePointer record = extra.get(NativeText.of(TorchScript.RECORD)); // null where the file has none
            return new ScriptModel(script, record == null ? "" : NativeText.string(record));
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

    private static List<String> outputs(FunctionSchema schema) {
        Type type = schema.returns().getPointer(0).type().get();
        if (type.kind().intern() != TypeKind.TupleType) return List.of(type(type));
        List<String> types = new ArrayList<>();
        for (long i = 0; i < type.containedTypeSize(); i++)
            types.add(type(type.containedType(i).get()));
        return List.copyOf(types);
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
        List<ModelInput> inputs = description.method(method).inputs();
        List<Tensor> results = new ArrayList<>();
        try {
            IValueVector values = new IValueVector();
            for (int i = 0; i < arguments.size(); i++) {
                Tensor argument = arguments.get(i);
                values.push_back(i < inputs.size() ? inputs.get(i).value(argument) : new IValue(argument));
            }
            add(method, Objects.requireNonNull(methods.get(method)).apply(values), results);
        } catch (RuntimeException e) {
            if (!LibTorch.isNative(e)) throw e;
            throw new OperatorException(method, LibTorch.firstLine(e), e);
        }
        return results;
    }

    /** Adds the tensors in tuples. */
    private static void add(String method, IValue answer, List<Tensor> results) {
        if (answer.isTensor()) {
            results.add(answer.toTensor());
        } else if (answer.isTuple()) {
            IValueVector elements = answer.toTuple().elements().vec();
            for (long i = 0; i < elements.size(); i++) add(method, elements.get(i), results);
        } else {
            throw new IllegalStateException(method + " returns neither a tensor nor a tuple of tensors");
        }
    }
}
