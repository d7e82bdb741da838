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
                .filter(command -> trains(command, model))
                .findFirst();
    }

    /** Returns whether a command trains a model; of a command that was not named there may be nothing but the class. */
    private static boolean trains(CommandSpec command, String model) {
        Object user = command.userObject();
        boolean isProblem =
                user instanceof Class<?> type ? Problem.class.isAssignableFrom(type) : user instanceof Problem;
        if (!isProblem) return false;
        try {
            Problem problem = (Problem)
                    (user instanceof Class<?> type
                            ? CommandLine.defaultFactory().create(type)
                            : user);
            return problem.models().contains(model);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
