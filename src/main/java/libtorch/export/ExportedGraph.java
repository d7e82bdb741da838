package libtorch.export;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import libtorch.export.ArgumentReader.Source;
import libtorch.nn.AtenOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One exported program, ready to be called: a list of steps, each of which computes named values from earlier ones. It
 * is read completely, and all of it is checked, before anything of it runs.
 */
final class ExportedGraph {
    private static final Pattern SYMBOL = Pattern.compile("Symbol\\('(\\w+)'.*\\)");

    /**
     * An argument of the program.
     *
     * @param sizes numbers, or expressions for sizes that are free
     */
    private record Input(String name, ScalarType type, List<Object> sizes) {}

    private record Range(long least, long most) {}

    /** The names that a node gives to one of its results: several where that is a list of tensors. */
    private record Result(boolean list, List<String> names) {}

    /**
     * A node of the graph.
     *
     * @param operator null for a Python function of numbers
     * @param results the names of its results
     * @param unused values that no later step needs
     */
    private record Step(
            String target,
            @Nullable AtenOperator operator,
            List<Source> arguments,
            List<Result> results,
            List<String> unused) {}

    private final ArgumentReader reader;
    private final Map<String, IValue> state = new HashMap<>(); // parameters, buffers and constants, by their names
    private final List<Input> inputs = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();
    private final Map<String, Range> ranges = new HashMap<>(); // of free sizes, by their symbols

    /**
     * Reads the program of a name, in the open scope.
     *
     * @throws IllegalArgumentException where it is malformed, or has what cannot be run
     */
    ExportedGraph(ExportedArchive archive, String name, Device device) throws IOException {
        reader = new ArgumentReader(new HashSet<>(), device);
        Json program = archive.json("models/" + name + ".json");
        if (program.get("schema_version").get("major").integer() != 8)
            throw program.get("schema_version").wrong("8, the one that can be read");
        program.get("range_constraints").fields().forEach((symbol, range) -> ranges.put(symbol, range(range)));
        Json module = program.get("graph_module");
        Map<String, Json> weights = payload(archive, "weights", name);
        Map<String, Json> constants = payload(archive, "constants", name);
        for (Json spec : module.get("signature").get("input_specs").list()) {
            readInput(archive, module.get("graph"), spec, weights, constants);
        }
        Set<String> placeholders = Set.copyOf(reader.defined());
        for (Json node : module.get("graph").get("nodes").list()) readNode(node, placeholders);
        module.get("signature").get("output_specs").list().forEach(this::readOutput);
        freeValuesAfterTheirLastUse();
    }

    // What a program consists of

    private static Range range(Json range) {
        return new Range(
                range.has("min_val") ? range.get("min_val").integer() : 0,
                range.has("max_val") ? range.get("max_val").integer() : Long.MAX_VALUE);
    }

    /** Returns where the tensors are that a program has, by their names. */
    private static Map<String, Json> payload(ExportedArchive archive, String kind, String name) throws IOException {
        return archive.json("data/" + kind + "/" + name + "_" + kind + "_config.json")
                .get("config")
                .fields();
    }

    private void readInput(
            ExportedArchive archive, Json graph, Json spec, Map<String, Json> weights, Map<String, Json> constants)
            throws IOException {
        Json value = spec.value();
        switch (spec.kind()) {
            case "user_input" ->
                inputs.add(input(define(value.get("arg").get("as_tensor").get("name")), graph));
            case "parameter" -> load(archive, "weights", weights, value, "parameter_name");
            case "buffer" -> {
                if (value.get("persistent").flag()) load(archive, "weights", weights, value, "buffer_name");
                else load(archive, "constants", constants, value, "buffer_name");
            }
            case "tensor_constant" -> load(archive, "constants", constants, value, "tensor_constant_name");
            case "constant_input" -> {
                Json constant = value.get("value");
                String type = constant.kind().equals("as_string") ? "str?" : "Scalar?";
                state.put(define(value.get("name")), reader.read(type, constant).get(Map.of()));
            }
            default -> throw spec.wrong("an input that can be given: it is a " + spec.kind());
        }
    }

    private void load(ExportedArchive archive, String folder, Map<String, Json> payload, Json spec, String nameField)
            throws IOException {
        Json entry = payload.get(spec.get(nameField).text());
        if (entry == null) throw spec.get(nameField).wrong("among the " + folder);
        if (entry.get("use_pickle").flag()) throw entry.wrong("raw data: pickles are not read");
        String path = "data/" + folder + "/" + entry.get("path_name").text();
        Tensor tensor = archive.tensor(path, entry.get("tensor_meta"), reader.device());
        state.put(define(spec.get("arg").get("name")), new IValue(tensor));
    }

    private static Input input(String name, Json graph) {
        Json meta = graph.get("tensor_values").get(name);
        List<Object> sizes = new ArrayList<>();
        for (Json size : meta.get("sizes").list()) {
            if (size.has("as_int")) sizes.add(size.get("as_int").integer());
            else sizes.add(size.get("as_expr").get("expr_str").text());
        }
        return new Input(name, ExportedArchive.type(meta.get("dtype")), sizes);
    }

    /** Adds a name to those that later nodes may use. */
    private String define(Json name) {
        if (!reader.defined().add(name.text())) throw name.wrong("new: it is defined twice");
        return name.text();
    }

    private void readNode(Json node, Set<String> placeholders) {
        String target = node.get("target").text();
        List<Json> given = node.get("inputs").list();
        List<Result> results = new ArrayList<>();
        if (PythonNumbers.has(target)) {
            List<Source> sources = new ArrayList<>();
            for (Json argument : given) sources.add(reader.read("Scalar", argument.get("arg")));
            if (sources.isEmpty() || sources.size() > 3)
                throw node.get("inputs").wrong("of 1 to 3 arguments");
            for (Json output : node.get("outputs").list()) results.add(result(output));
            if (results.size() != 1) throw node.get("outputs").wrong("of one result");
            steps.add(new Step(target, null, sources, results, new ArrayList<>()));
            return;
        }
        AtenOperator operator = ProgramOperators.find(target);
        Map<String, Source> sources = new LinkedHashMap<>();
        for (AtenOperator.Parameter parameter : operator.parameters()) {
            IValue fallback = parameter.fallback();
            if (fallback != null) sources.put(parameter.name(), values -> fallback);
        }
        Set<String> names = new HashSet<>();
        for (Json argument : given) {
            AtenOperator.Parameter parameter =
                    operator.parameter(argument.get("name").text());
            if (!names.add(parameter.name())) throw argument.wrong("given once");
            Source source = reader.read(parameter.type(), argument.get("arg"));
            if (parameter.written() && !Collections.disjoint(source.names(), placeholders))
                throw new IllegalArgumentException(
                        target + " would change " + source.names().get(0) + " in place");
            sources.put(parameter.name(), source);
        }
        requireNoTraining(target, given);
        for (AtenOperator.Parameter parameter : operator.parameters()) {
            if (!sources.containsKey(parameter.name()))
                throw node.get("inputs").wrong("complete: " + target + " needs " + parameter.name());
        }
        for (Json output : node.get("outputs").list()) results.add(result(output));
        if (results.size() != operator.results())
            throw node.get("outputs").wrong("of " + operator.results() + " results");
        List<Source> inOrder = operator.parameters().stream()
                .map(parameter -> sources.get(parameter.name()))
                .toList();
        steps.add(new Step(target, operator, inOrder, results, new ArrayList<>()));
    }

    /** Refuses layers in training mode, which change their running statistics although their schema does not say so. */
    private static void requireNoTraining(String target, List<Json> arguments) {
        boolean training = false;
        boolean statistics = false;
        for (Json argument : arguments) {
            Json value = argument.get("arg");
            training |= argument.get("name").text().matches("training|use_input_stats")
                    && value.kind().equals("as_bool")
                    && value.value().flag();
            statistics |= argument.get("name").text().equals("running_mean")
                    && !value.kind().equals("as_none");
        }
        if (training && statistics)
            throw new IllegalArgumentException(
                    target + " would change its running statistics: it was exported in training mode");
    }

    private Result result(Json output) {
        Json value = output.value();
        return switch (output.kind()) {
            case "as_tensor" -> new Result(false, List.of(define(value.get("name"))));
            case "as_sym_int", "as_sym_float", "as_sym_bool" ->
                new Result(false, List.of(define(value.get("as_name"))));
            case "as_tensors" ->
                new Result(
                        true,
                        value.list().stream()
                                .map(one -> define(one.get("name")))
                                .toList());
            case "as_none" -> new Result(false, List.of());
            default -> throw output.wrong("a result that can be named: it is " + output.kind());
        };
    }

    private void readOutput(Json spec) {
        if (!spec.kind().equals("user_output"))
            throw spec.wrong("a result: it is a " + spec.kind() + ", and programs that change their state are not run");
        Json result = spec.value().get("arg");
        if (result.kind().equals("as_none")) return;
        boolean number = result.kind().matches("as_sym_(int|float|bool)");
        Json name =
                number ? result.value().get("as_name") : result.get("as_tensor").get("name");
        if (!reader.defined().contains(name.text())) throw name.wrong("computed");
        outputs.add(name.text());
    }

    private void freeValuesAfterTheirLastUse() {
        Set<String> needed = new HashSet<>(outputs);
        needed.addAll(state.keySet());
        for (int i = steps.size() - 1; i >= 0; i--) {
            Step step = steps.get(i);
            for (Source source : step.arguments()) unused(step, source.names(), needed);
            for (Result result : step.results()) unused(step, result.names(), needed);
        }
    }

    private static void unused(Step step, List<String> names, Set<String> needed) {
        for (String name : names) if (needed.add(name)) step.unused().add(name);
    }

    // What it computes

    /**
     * Calls the program; the results are in the open scope.
     *
     * @throws IllegalArgumentException where the arguments are of other types or sizes than the program is for
     * @throws IllegalStateException where libtorch refuses what the program computes
     */
    List<Tensor> call(List<Tensor> arguments) {
        PointerScope caller = PointerScope.getInnerScope();
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard()) {
            requireFitting(arguments);
            Map<String, IValue> values = new HashMap<>(state);
            for (int i = 0; i < inputs.size(); i++) {
                values.put(inputs.get(i).name(), new IValue(arguments.get(i)));
            }
            List<Tensor> unchanged = new ArrayList<>(arguments);
            for (IValue value : state.values()) if (value.isTensor()) unchanged.add(value.toTensor());
            for (Step step : steps) {
                run(step, values, unchanged, scope);
                for (String name : step.unused())
                    Objects.requireNonNull(values.remove(name)).deallocate();
            }
            List<Tensor> results = new ArrayList<>();
            for (String name : outputs) {
                IValue value = Objects.requireNonNull(values.get(name));
                // a copy of the handle, for toTensor returns a reference into the value
                Tensor result = new Tensor(
                        (value.isTensor() ? value : ArgumentReader.tensor(value, reader.device())).toTensor());
                if (caller != null) caller.attach(result);
                else result.retainReference();
                results.add(result);
            }
            return results;
        }
    }

    private void run(Step step, Map<String, IValue> values, List<Tensor> unchanged, PointerScope scope) {
        try (PointerScope temporary = new PointerScope()) {
            List<IValue> arguments = new ArrayList<>();
            for (Source source : step.arguments()) arguments.add(source.get(values));
            List<IValue> results;
            AtenOperator operator = step.operator();
            if (operator == null) {
                results = List.of(PythonNumbers.call(step.target(), arguments));
            } else {
                requireUnchanged(step.target(), operator.parameters(), arguments, unchanged);
                results = operator.call(arguments);
            }
            for (int i = 0; i < results.size(); i++) bind(step, step.results().get(i), results.get(i), values, scope);
        }
    }

    private static void bind(Step step, Result result, IValue value, Map<String, IValue> values, PointerScope scope) {
        List<IValue> parts = new ArrayList<>();
        if (result.list()) {
            TensorVector tensors = value.toTensorVector();
            for (long i = 0; i < tensors.size(); i++) parts.add(new IValue(tensors.get(i)));
        } else if (!result.names().isEmpty()) {
            parts.add(value);
        }
        if (parts.size() != result.names().size())
            throw new IllegalStateException(
                    step.target() + " returned " + parts.size() + " tensors for " + result.names());
        for (int i = 0; i < parts.size(); i++) {
            scope.attach(parts.get(i));
            values.put(result.names().get(i), parts.get(i));
        }
    }

    /** Refuses to change weights, constants or the caller's tensors, also through a view of them. */
    private static void requireUnchanged(
            String target, List<AtenOperator.Parameter> parameters, List<IValue> arguments, List<Tensor> unchanged) {
        for (int i = 0; i < arguments.size(); i++) {
            if (!parameters.get(i).written() || !arguments.get(i).isTensor()) continue;
            Tensor written = arguments.get(i).toTensor();
            if (unchanged.stream().anyMatch(written::is_alias_of))
                throw new IllegalStateException(target + " would change a weight or an argument in place");
        }
    }

    /** Compares types and sizes of the arguments with those that the program was exported for. */
    private void requireFitting(List<Tensor> arguments) {
        if (arguments.size() != inputs.size())
            throw new IllegalArgumentException("it takes " + inputs.size() + " tensors "
                    + inputs.stream().map(Input::name).toList() + ", not " + arguments.size());
        Map<String, Long> free = new HashMap<>(); // sizes, by their expressions
        for (int i = 0; i < inputs.size(); i++) {
            Input input = inputs.get(i);
            Tensor argument = arguments.get(i);
            if (argument.scalar_type().intern() != input.type())
                throw new IllegalArgumentException(
                        input.name() + " is of type " + argument.scalar_type().intern() + ", not " + input.type());
            long[] shape = argument.shape();
            boolean fits = shape.length == input.sizes().size();
            for (int d = 0; fits && d < shape.length; d++) {
                Object size = input.sizes().get(d);
                fits = size instanceof Long fixed
                        ? fixed == shape[d]
                        : free.merge((String) size, shape[d], (a, b) -> a.equals(b) ? a : -1) == shape[d]
                                && inRange((String) size, shape[d]);
            }
            if (!fits)
                throw new IllegalArgumentException(input.name() + " is of sizes "
                        + List.of(java.util.Arrays.stream(shape).boxed().toArray()) + ", not " + described(input));
        }
    }

    private boolean inRange(String expression, long size) {
        Matcher symbol = SYMBOL.matcher(expression);
        Range range = symbol.matches() ? ranges.get(symbol.group(1)) : null;
        return range == null || (size >= range.least() && size <= range.most());
    }

    private static List<Object> described(Input input) {
        return input.sizes().stream()
                .map(size -> size instanceof String text
                        ? (Object) SYMBOL.matcher(text).replaceAll("$1")
                        : size)
                .toList();
    }
}
