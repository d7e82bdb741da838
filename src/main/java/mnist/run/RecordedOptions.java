package mnist.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Stack;
import mnist.system.UserError;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Replaces {@code --from-record FILE} by the options of the run record in the file. */
final class RecordedOptions implements IParameterPreprocessor {
    @Override
    public boolean preprocess(Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
        if (arguments.isEmpty()) return false; // picocli then reports the missing value
        String file = arguments.pop();
        List<String> recorded = options(RunRecord.read(Path.of(file)), file, command);
        for (int i = recorded.size() - 1; i >= 0; i--) arguments.push(recorded.get(i));
        arguments.push(file);
        return false; // the file's name is the option's value
    }

    private static List<String> options(JsonObject record, String file, CommandSpec command) {
        requireOwn(record, file, command);
        List<String> options = new ArrayList<>();
        add(options, command, "threads", record.get("threads"), file);
        add(options, command, "device", record.get("device"), file);
        if (record.has("ranks") && !record.get("ranks").toString().equals("1")) {
            add(options, command, "ranks", record.get("ranks"), file);
        }
        record.getAsJsonObject("options").asMap().forEach((setting, value) -> {
            if (!isSetting(command.findOption(option(setting)), command)) {
                throw new UserError(
                        file + " has a setting that " + command.name() + " does not record, " + setting,
                        "name a NAME.json that a run saved");
            }
            add(options, command, setting, value, file);
        });
        return options;
    }

    /** Refuses records of models that this command does not train, and names the command that does. */
    private static void requireOwn(JsonObject record, String file, CommandSpec command) {
        String model = record.get("model").getAsString();
        if (!(command.userObject() instanceof MnistProblem own) || own.trains(model)) return;
        JsonElement problem = record.get("problem"); // absent in older records
        boolean another = problem != null
                && problem.isJsonPrimitive()
                && !problem.getAsString().equals(command.name());
        String remedy = another ? "repeat it with " + problem.getAsString() : "name a NAME.json that a run saved";
        throw new UserError(file + " is the record of " + model, remedy);
    }

    /**
     * Returns whether an option is recorded because it determines the result: it is a non-transient field or a method.
     */
    private static boolean isSetting(OptionSpec option, CommandSpec command) {
        if (option == null || !(option.userObject() instanceof Member member)) return false;
        Class<?> owner = member.getDeclaringClass();
        boolean isOwn = Options.class.isAssignableFrom(owner) || owner.isInstance(command.userObject());
        boolean isTransient = member instanceof Field && Modifier.isTransient(member.getModifiers());
        return isOwn && !isTransient;
    }

    /** Returns the option of a setting: {@code --batch-size} for batchSize. */
    private static String option(String setting) {
        return "--" + setting.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static void add(List<String> options, CommandSpec command, String setting, JsonElement value, String file) {
        if (!value.isJsonPrimitive()) {
            throw new UserError(
                    file + " is not a run record: its " + setting + " is " + value,
                    "name a NAME.json that a run saved");
        }
        options.add(option(setting));
        boolean isFlag = command.findOption(option(setting)).arity().max() == 0;
        if (!isFlag) options.add(value.getAsString());
    }
}
