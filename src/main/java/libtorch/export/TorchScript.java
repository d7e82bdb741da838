package libtorch.export;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import libtorch.AtomicFile;
import libtorch.LibTorchException;
import libtorch.NativeText;
import libtorch.nn.AtenOperator;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.Size;
import libtorch.nn.MethodGraph.State;
import libtorch.nn.MethodGraph.Symbol;
import libtorch.nn.SavedNetwork;
import org.bytedeco.pytorch.BoolType;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.SingletonTypePtr;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Type.TypePtr;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Writes TorchScript: one file with code and weights that {@code torch.jit.load} opens and Python calls. */
public final class TorchScript {
    /** The suffix of the files' names. */
    public static final String SUFFIX = ".pt";

    /** Name of the run record among a file's extra files. */
    public static final String RECORD = "run.json";

    /** Words that are no names in TorchScript; libtorch would write a file that neither it nor Python can read. */
    private static final Set<String> RESERVED = Set.of(
            ("False None True and as assert break class continue def del elif else for global if import in is not or"
                            + " pass raise return while with")
                    .split(" "));

    private TorchScript() {}

    /**
     * Saves a network; the written file is verified before it replaces an older one.
     *
     * @param extraFiles texts to store in the file, by name
     * @throws IllegalStateException if the file's results differ from the network's; the old file is then kept
     */
    static void save(Path file, SavedNetwork program, Map<String, String> extraFiles, Verification verification) {
        ExtraFilesMap extra = new ExtraFilesMap();
        extraFiles.forEach((name, text) -> extra.put(NativeText.of(name), NativeText.of(text)));
        AtomicFile.write(file, temporary -> {
            AtomicFile.requireSpace(temporary, mostBytes(program, extraFiles));
            compile(program).save(NativeText.of(temporary), extra);
            verification.verify(ScriptModel.load(temporary, new Device("cpu")), program, true);
        });
    }

    /** Returns an upper bound of the file's size: weights, texts, and for the code 16 kB and 1 kB per tensor. */
    private static long mostBytes(SavedNetwork program, Map<String, String> extraFiles) {
        long bytes = 16 << 10;
        for (Tensor tensor : program.state().values()) bytes += tensor.nbytes() + 1024;
        for (String text : extraFiles.values()) bytes += 4L * text.length();
        return bytes;
    }

    /** Compiles a network to a module with its weights. */
    private static JitModule compile(SavedNetwork program) {
        program.state().keySet().forEach(weight -> requireUnreserved(program, weight));
        JitModule root = module(program.name());
        ModuleTree<JitModule> tree = new ModuleTree<>(root, (parent, name) -> {
            JitModule module = module(name);
            parent.register_module(name, module);
            return module;
        });
        program.parameters().forEach((name, tensor) -> {
            boolean integers = torch.isIntegralType(tensor.scalar_type(), /*includeBool*/ true);
            Tensor parameter = tensor.detach().set_requires_grad(!integers);
            tree.owner(name).register_parameter(ModuleTree.leaf(name), parameter, false);
        });
        program.buffers().forEach((name, tensor) -> tree.owner(name).register_buffer(ModuleTree.leaf(name), tensor));
        root.define(program.methods().stream().map(TorchScript::source).collect(Collectors.joining("\n")));
        return root;
    }

    private static void requireUnreserved(SavedNetwork program, String weight) {
        for (String part : weight.split("\\.")) {
            if (RESERVED.contains(part))
                throw new LibTorchException(
                        program.name() + " cannot be saved as .pt: TorchScript reserves the word " + part
                                + ", which is in the name " + weight,
                        "give the block, layer or tensor another name, or save the other formats");
        }
    }

    private static JitModule module(String name) {
        String className = name.replaceAll("^(?=\\d)|\\W", "_"); // as in "layer1.0", which cannot name a class
        JitModule module = new JitModule(new QualifiedName(className));
        module.register_attribute(
                "training", new TypePtr(new SingletonTypePtr(BoolType.get().get())), new IValue(false));
        return module;
    }

    /** Returns a method as TorchScript, one line per node. */
    static String source(MethodGraph graph) {
        StringBuilder source = new StringBuilder("def " + graph.method() + "(self");
        for (Symbol input : graph.inputs()) source.append(", ").append(input.name());
        source.append("):\n");
        for (Node node : graph.nodes()) {
            String arguments = node.arguments().entrySet().stream()
                    .map(argument -> argument.getKey() + "=" + literal(graph, argument.getValue()))
                    .collect(Collectors.joining(", "))
                    .replaceFirst("^(self|input)=", ""); // Python's functions name it differently
            if (node.isFactory())
                arguments += ", device=" + graph.inputs().get(0).name() + ".device"; // wherever the model is moved
            String results = node.results().stream().map(Symbol::name).collect(Collectors.joining(", "));
            boolean listOfOne =
                    AtenOperator.named(node.operator()).returns().get(0).endsWith("[]")
                            && node.results().size() == 1;
            source.append(String.format(
                    "    %s%s = torch.%s(%s)%n", results, listOfOne ? "," : "", node.function(), arguments));
        }
        return source.append("    return ")
                .append(String.join(", ", graph.outputs()))
                .append("\n")
                .toString();
    }

    private static String literal(MethodGraph graph, @Nullable Object argument) {
        if (argument == null) return "None";
        if (argument instanceof Ref ref) return ref.name();
        if (argument instanceof State state) return attribute(state.name());
        if (argument instanceof Size size) {
            String examples = graph.batchInput().name() + ".size(0)";
            return size.times() == 1 ? examples : examples + " * " + size.times();
        }
        if (argument instanceof Boolean flag) return flag ? "True" : "False";
        if (argument instanceof ScalarType type) return Integer.toString(type.value);
        if (argument instanceof MemoryFormat format) return Integer.toString(format.value);
        if (argument instanceof String text)
            return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
        if (argument instanceof Double number && !Double.isFinite(number)) return "float('" + number + "')";
        if (argument instanceof List<?> list)
            return list.stream().map(element -> literal(graph, element)).collect(Collectors.joining(", ", "[", "]"));
        return argument.toString(); // numbers look the same in Python
    }

    /** Returns the expression for a weight; what is no identifier, as 0 in "layer1.0.weight", cannot follow a dot. */
    private static String attribute(String name) {
        String path = "self";
        for (String part : name.split("\\.")) {
            path = part.matches("[a-zA-Z_]\\w*") ? path + "." + part : "getattr(" + path + ", \"" + part + "\")";
        }
        return path;
    }
}
