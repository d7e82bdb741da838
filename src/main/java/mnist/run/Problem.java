package mnist.run;

import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** A command that trains models. */
public interface Problem {
    /** Returns the names of the models whose records it can repeat. */
    Set<String> models();

    /** Finds the command, among a program's, that trains a model. */
    static Optional<CommandSpec> training(String model, CommandSpec program) {
        return program.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(command -> command.userObject() instanceof Problem problem
                        && problem.models().contains(model))
                .findFirst();
    }
}
