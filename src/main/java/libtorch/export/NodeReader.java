package libtorch.export;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import libtorch.export.ArgumentReader.Source;
import libtorch.export.Step.Function;
import libtorch.export.Step.Result;
import libtorch.nn.AtenOperator;
import libtorch.nn.AtenOperator.Parameter;
import org.bytedeco.pytorch.IValue;

/** Reads the nodes of a graph, and of its subgraphs, as steps. */
final class NodeReader {
    /** Operators whose result may be their argument, or a view of it, although their schemas do not say so. */
    private static final Pattern MAY_RETURN_ARGUMENT = Pattern.compile(
            "((feature_)?(alpha_)?dropout|atleast_[123]d|broadcast_tensors|meshgrid|sum_to_size|type_as)" + "(\\..*)?");

    final ArgumentReader arguments;
    final List<Step> steps = new ArrayList<>();

    /** Placeholders that a step may mutate in place. */
    final Set<String> mutable = new HashSet<>();

    /** Running means of the batch norms that training updates, once for each update. */
    final List<String> trainedStatistics = new ArrayList<>();

    /** Whether any step, here or in a subgraph, mutates a value in place. */
    boolean mutates;

    private final Map<String, Set<String>> aliases = new HashMap<>(); // placeholders whose memory a value may share

    NodeReader(ArgumentReader arguments) {
        this.arguments = arguments;
    }

    /** Adds a name to those that later nodes may use. */
    String define(Json name) {
        if (!arguments.defined().add(name.text())) throw name.wrong("new: it is defined twice");
        return name.text();
    }

    /** Marks all names that are defined so far as placeholders. */
    void markPlaceholders() {
        for (String name : arguments.defined()) aliases.put(name, Set.of(name));
    }

    void read(Json nodes) {
        for (Json node : nodes.list()) read(node, node.get("target").text());
    }

    private void read(Json node, String target) {
        if (PythonNumbers.has(target)) readNumber(node, target);
        else if (ControlFlow.has(target)) readControlFlow(node, target);
        else readOperator(node, target);
    }

    private void add(
            String target, Function function, List<Source> sources, List<Integer> written, List<Result> results) {
        steps.add(new Step(target, function, sources, written, results, new ArrayList<>(), false));
    }

    private void readNumber(Json node, String target) {
        List<Source> sources = new ArrayList<>();
        for (Json argument : node.get("inputs").list()) sources.add(arguments.read("Scalar", argument.get("arg")));
        if (sources.isEmpty() || sources.size() > 3) throw node.get("inputs").wrong("of 1 to 3 arguments");
        List<Result> results = results(node);
        if (results.size() != 1) throw node.get("outputs").wrong("of one result");
        add(target, (given, values) -> List.of(PythonNumbers.call(target, given)), sources, List.of(), results);
    }

    private void readControlFlow(Json node, String target) {
        List<Body> bodies = new ArrayList<>();
        List<Source> sources = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        for (Json argument : ControlFlow.values(target, node)) {
            Json given = argument.get("arg");
            if (given.kind().equals("as_graph")) {
                bodies.add(body(given.value().get("graph")));
                continue;
            }
            boolean list = given.kind().matches("as_(tensors|sym_ints|ints)");
            List<Source> values = list
                    ? arguments.elements(given)
                    : List.of(arguments.read(given.kind().equals("as_tensor") ? "Tensor" : "Scalar", given));
            sources.addAll(values);
            if (list) lengths.add(values.size());
        }
        Function function = ControlFlow.function(target, node, bodies, sources.size(), lengths);
        List<Result> results = results(node);
        recordAliases(results, sources);
        add(target, function, sources, List.of(), results);
    }

    private Body body(Json graph) {
        NodeReader reader = new NodeReader(new ArgumentReader(new HashSet<>(), arguments.device()));
        List<String> inputs = new ArrayList<>();
        for (Json input : graph.get("inputs").list()) inputs.add(reader.define(name(input)));
        reader.markPlaceholders();
        reader.read(graph.get("nodes"));
        mutates |= reader.mutates;
        List<Source> outputs = new ArrayList<>();
        for (Json output : graph.get("outputs").list()) outputs.add(reader.arguments.read("Tensor", output));
        return new Body(inputs, reader.steps, outputs);
    }

    private static Json name(Json value) {
        return value.value().get(value.kind().equals("as_tensor") ? "name" : "as_name");
    }

    private void readOperator(Json node, String target) {
        boolean norm = target.endsWith("._native_batch_norm_legit_no_training.default");
        AtenOperator operator =
                ProgramOperators.find(norm ? target.replace("_no_training", "") : target); // the same, with a flag
        Map<String, Json> given = new HashMap<>();
        for (Json argument : node.get("inputs").list()) {
            Parameter parameter = operator.parameter(argument.get("name").text());
            if (given.put(parameter.name(), argument.get("arg")) != null) throw argument.wrong("given once");
        }
        if (norm) given.remove("training");
        Json mean = given.get("running_mean");
        boolean statistics = mean != null && !mean.kind().equals("as_none");
        List<Source> sources = new ArrayList<>();
        List<Integer> written = new ArrayList<>();
        for (Parameter parameter : operator.parameters()) {
            String name = parameter.name();
            Json argument = given.get(name);
            IValue fallback = norm && name.equals("training") ? new IValue(false) : parameter.fallback();
            Source source;
            if (argument != null) source = arguments.read(parameter.type(), argument);
            else if (fallback != null) source = values -> fallback;
            else throw node.get("inputs").wrong("complete: " + target + " needs " + name);
            if (ProgramModes.isFlag(target, name, statistics)) {
                source = ProgramModes.flag(source);
                if (mean != null && statistics && operator.name().contains("batch_norm"))
                    trainedStatistics.addAll(arguments.read("Tensor?", mean).names());
            } else if (ProgramModes.isProbability(name)) {
                source = ProgramModes.probability(source);
            }
            if (parameter.written()) {
                mutates = true;
                written.add(sources.size());
                mutable.addAll(aliasesOf(List.of(source)));
            }
            sources.add(source);
        }
        List<Result> results = results(node);
        if (results.size() != operator.results())
            throw node.get("outputs").wrong("of " + operator.results() + " results");
        if (operator.mayReturnView()
                || MAY_RETURN_ARGUMENT.matcher(operator.name()).matches()) recordAliases(results, sources);
        add(target, ProgramModes.function(operator), sources, written, results);
    }

    /** Records that results may share the memory of what they were computed from. */
    private void recordAliases(List<Result> results, Collection<Source> sources) {
        Set<String> shared = aliasesOf(sources);
        results.forEach(result -> result.names().forEach(name -> aliases.put(name, shared)));
    }

    private Set<String> aliasesOf(Collection<Source> sources) {
        Set<String> all = new HashSet<>();
        for (Source source : sources)
            for (String name : source.names()) all.addAll(aliases.getOrDefault(name, Set.of()));
        return all;
    }

    private List<Result> results(Json node) {
        List<Result> results = new ArrayList<>();
        for (Json output : node.get("outputs").list()) results.add(result(output));
        return results;
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
            default -> throw output.wrong("a supported output: it is " + output.kind());
        };
    }

    /** Adds a step that adds 1 to a buffer when the graph is called in training. */
    void addCounter(String placeholder) {
        AtenOperator add = AtenOperator.named("add_.Tensor");
        IValue one = AtenOperator.tensor(new IValue(1), arguments.device());
        IValue alpha = new IValue(1);
        List<Source> sources = List.of(arguments.value(placeholder), values -> one, values -> alpha);
        Result unused = new Result(false, List.of());
        Function function = (given, values) -> add.call(given);
        steps.add(new Step(add.target(), function, sources, List.of(), List.of(unused), new ArrayList<>(), true));
    }
}
