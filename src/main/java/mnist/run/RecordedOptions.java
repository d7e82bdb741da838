package mnist.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import mnist.runtime.UserError;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Puts the options of a run record onto the command line, where {@code --from-record} names it. */
final class RecordedOptions implements IParameterPreprocessor {
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
        String problem = record.has("problem") ? record.get("problem").getAsString() : command.name();
        if (!problem.equals(command.name())) {
            String model = record.get("model").getAsString();
            throw new UserError(file + " is the record of " + model, "repeat it with " + problem);
        }
        List<String> options = new ArrayList<>();
        add(options, command, "threads", record.get("threads"));
        add(options, command, "device", record.get("device"));
        if (record.has("ranks") && record.get("ranks").getAsInt() > 1) {
            add(options, command, "ranks", record.get("ranks"));
        }
        record.getAsJsonObject("options").asMap().forEach((name, value) -> add(options, command, name, value));
        return options;
    }

    /** Adds the option that a setting is named after: {@code --batch-size} for batchSize. */
    private static void add(List<String> options, CommandSpec command, String setting, JsonElement value) {
        String name = "--" + setting.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        options.add(name);
        OptionSpec option = command.findOption(name);
        boolean isFlag = option != null && option.arity().max() == 0;
        if (!isFlag) options.add(value.getAsString());
    }
}
