package mnist.run;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A group of options. Non-transient fields are the options that determine a run's result. */
public abstract class Options {
    @Spec(Spec.Target.MIXEE)
    protected transient CommandSpec command;

    /** Refuses invalid values, as wrong usage. */
    public abstract void validate();

    /** Refuses an option's value, as wrong usage, unless a condition holds. */
    public final void require(boolean fine, String option, @Nullable Object value, String demand) {
        if (fine) return;
        throw new ParameterException(command.commandLine(), option + " is " + value + ", but must be " + demand);
    }

    /** Returns the options in these groups that determine a run's result. */
    public static JsonObject settings(Options... groups) {
        JsonObject settings = new JsonObject();
        for (Options group : groups) {
            new Gson().toJsonTree(group).getAsJsonObject().asMap().forEach(settings::add);
        }
        return settings;
    }
}
