package libtorch.export;

import java.util.List;
import java.util.Map;
import java.util.Set;
import libtorch.export.ArgumentReader.Source;
import libtorch.export.Step.Values;
import libtorch.nn.AtenOperator;
import org.bytedeco.pytorch.IValue;

/**
 * Which arguments of operators say whether a network is trained. torch.export writes those of the mode that it was
 * exported in: batch norm's and dropout's flags among them, in place of which a program is given its own mode. Random
 * masks of a constant probability are those of stochastic depth, which is divided by it.
 */
final class ProgramModes {
    /** Flags that are true in training. */
    private static final Set<String> FLAGS = Set.of("training", "train", "use_input_stats");

    /** Probabilities that are 0 in evaluation. */
    private static final String PROBABILITY = "dropout_p";

    /** Operators that draw a mask of 0 and 1, and those that give its mean, which stands for it in evaluation. */
    static final Map<String, String> MASKS = Map.of("bernoulli_.float", "fill_.Scalar", "bernoulli.p", "fill.Scalar");

    /** Counts the batches that a batch norm was trained with; it changes no answer. */
    static final String COUNT = "num_batches_tracked";

    private ProgramModes() {}

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
        IValue yes = new IValue(true);
        return byMode(exported, values -> yes, new IValue(false));
    }

    /** Gives a probability in training, or as it was exported; and 0 in evaluation. */
    static Source probability(Source exported) {
        return byMode(exported, exported, new IValue(0.0));
    }

    /** Calls an operator as it is exported, or where it draws a mask, in evaluation the one that gives its mean. */
    static Step.Function function(AtenOperator operator) {
        Step.Function exported = ProgramOperators.function(operator);
        String mask = MASKS.get(operator.name());
        if (mask == null) return exported;
        AtenOperator mean = AtenOperator.named(mask);
        return (arguments, values) -> values.mode() == Step.Mode.EVALUATION
                ? mean.call(arguments.subList(0, 2)) // without the generator
                : exported.call(arguments, values);
    }

    private static Source byMode(Source exported, Source training, IValue evaluation) {
        return new Source() {
            @Override
            public IValue get(Values values) {
                return switch (values.mode()) {
                    case TRAINING -> training.get(values);
                    case EVALUATION -> evaluation;
                    case EXPORTED -> exported.get(values);
                };
            }

            @Override
            public List<String> names() {
                return exported.names();
            }
        };
    }
}
