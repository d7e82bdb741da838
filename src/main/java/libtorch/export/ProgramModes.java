package libtorch.export;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import libtorch.export.ArgumentReader.Source;
import org.bytedeco.pytorch.IValue;

/**
 * Which arguments of operators say whether a network is trained. torch.export writes those of the mode that it was
 * exported in: batch norm's and dropout's flags among them, in place of which a program is given its own mode.
 */
final class ProgramModes {
    /**
     * The name under which the values of a call have the mode: true in training, false in evaluation, None for that of
     * the export. No value of a file has it.
     */
    static final String MODE = "in training?";

    /** Flags that are true in training. */
    private static final Set<String> FLAGS = Set.of("training", "train", "use_input_stats");

    /** Probabilities that are 0 in evaluation. */
    private static final String PROBABILITY = "dropout_p";

    /** Counts the batches that a batch norm was trained with; it changes no answer. */
    static final String COUNT = "num_batches_tracked";

    private ProgramModes() {}

    private static IValue mode(Map<String, IValue> values) {
        return Objects.requireNonNull(values.get(MODE));
    }

    static boolean training(Map<String, IValue> values) {
        IValue mode = mode(values);
        return mode.isBool() && mode.toBool();
    }

    /**
     * Returns whether an argument follows the mode. Normalisation without running statistics is by the batch in both.
     *
     * @param statistics whether the operator is given a running mean
     */
    static boolean isFlag(String operator, String argument, boolean statistics) {
        return FLAGS.contains(argument) && (statistics || !operator.contains("_norm"));
    }

    static boolean isProbability(String argument) {
        return argument.equals(PROBABILITY);
    }

    /** Gives a flag: the mode's, or as it was exported. */
    static Source flag(Source exported) {
        return byMode(exported, ProgramModes::mode);
    }

    /** Gives a probability in training, or as it was exported; and 0 in evaluation. */
    static Source probability(Source exported) {
        IValue zero = new IValue(0.0);
        return byMode(exported, values -> training(values) ? exported.get(values) : zero);
    }

    private static Source byMode(Source exported, Source byMode) {
        return new Source() {
            @Override
            public IValue get(Map<String, IValue> values) {
                return (mode(values).isNone() ? exported : byMode).get(values);
            }

            @Override
            public List<String> names() {
                return exported.names();
            }
        };
    }
}
