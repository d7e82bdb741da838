package mnist.training;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import mnist.runtime.UserError;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** Puts the options of a run record onto the command line, where {@code --from-record} names it. */
final class RecordedOptions implements IParameterPreprocessor {
    private static final Map<String, String> RENAMED = Map.of("doublePrecision", "double", "variant", "only");

    @Override
    public boolean preprocess(Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
        if (arguments.isEmpty()) return false; // picocli then says what is missing
        String file = arguments.pop();
        List<String> recorded = options(RunRecord.read(Path.of(file)), file, command);
        for (int i = recorded.size() - 1; i >= 0; i--) arguments.push(recorded.get(i));
        arguments.push(file);
        return false; // the file's name is the option's value
    }

    private static List<String> options(JsonObject record, String file, CommandSpec command) {
        String model = record.get("model").getAsString();
        String problem = model.equals("mnist_cnn") ? "prob4" : model.equals("mnist_ae") ? "prob5" : "prob6";
        if (!problem.equals(command.name()))
            throw new UserError(file + " is the record of " + model, "repeat it with " + problem);
        List<String> options = new ArrayList<>(List.of(
                "--threads",
                record.get("threads").getAsString(),
                "--device",
                record.get("device").getAsString()));
        if (record.has("ranks") && record.get("ranks").getAsInt() > 1)
            options.addAll(List.of("--ranks", record.get("ranks").getAsString()));
        for (Map.Entry<String, JsonElement> entry :
                record.getAsJsonObject("options").entrySet()) {
            String name = RENAMED.getOrDefault(
                    entry.getKey(), entry.getKey().replaceAll("([A-Z])", "-$1").toLowerCase());
            options.add("--" + name);
            if (!name.equals("double")) options.add(entry.getValue().getAsString());
        }
        return options;
    }
}
