package libtorch.export;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The names of a program's results in the containers that Python returns: the keys of dictionaries and the indices in
 * tuples and lists, separated by dots, as "logits" or "parts.0".
 */
final class OutputNames {
    private static final int DEEPEST = 64;

    private OutputNames() {}

    /**
     * Reads the names.
     *
     * @param program its JSON
     * @param outputs for each value in the containers, whether it is returned here
     */
    static List<String> read(Json program, List<Boolean> outputs) {
        List<String> leaves = new ArrayList<>();
        Json module = program.get("graph_module");
        if (module.has("module_call_graph")) {
            for (Json call : module.get("module_call_graph").list())
                if (call.get("fqn").text().isEmpty() && call.has("signature"))
                    leaves.addAll(leaves(call.get("signature").get("out_spec").text()));
        }
        boolean named = leaves.size() == outputs.size();
        return IntStream.range(0, outputs.size())
                .filter(outputs::get)
                .mapToObj(i -> named && !leaves.get(i).isEmpty() ? leaves.get(i) : Integer.toString(i))
                .toList();
    }

    /** Returns the names of the leaves of one of pytree's specs, in JSON; "" for a single value. */
    static List<String> leaves(String spec) {
        List<String> leaves = new ArrayList<>();
        List<Json> parts =
                Json.parse("spec", spec.getBytes(StandardCharsets.UTF_8)).list();
        if (parts.size() == 2) read(parts.get(1), "", leaves, 0);
        return leaves;
    }

    private static void read(Json spec, String prefix, List<String> leaves, int depth) {
        if (depth > DEEPEST) throw spec.wrong("nested as containers are");
        if (!spec.has("type")) {
            leaves.add(prefix);
            return;
        }
        List<Json> children = spec.get("children_spec").list();
        List<String> keys = keys(spec, children.size());
        for (int i = 0; i < children.size(); i++) {
            read(children.get(i), prefix.isEmpty() ? keys.get(i) : prefix + "." + keys.get(i), leaves, depth + 1);
        }
    }

    /** Returns the keys of a dictionary or the fields of a data class; else numbers from 0. */
    private static List<String> keys(Json spec, int n) {
        List<String> numbers = IntStream.range(0, n).mapToObj(Integer::toString).toList();
        if (!spec.has("context") || spec.get("type").text().matches(".*\\.(tuple|list|namedtuple)")) return numbers;
        try {
            Json context = Json.parse("context", spec.get("context").text().getBytes(StandardCharsets.UTF_8));
            List<String> keys = new ArrayList<>();
            List<Json> list = context.list();
            // a data class writes its fields and those that are None; an ordered one nests them
            for (Json key : list.size() == 1 && n != 1 ? list.get(0).list() : list) keys.add(key.text());
            return keys.size() == n ? keys : numbers;
        } catch (IllegalArgumentException otherContext) {
            return numbers;
        }
    }
}
