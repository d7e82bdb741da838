package libtorch.export;

import java.util.List;
import java.util.Map;
import java.util.Set;
import libtorch.export.ArgumentReader.Source;
import libtorch.export.Step.Values;
import libtorch.nn.AtenOperator;
import org.bytedeco.pytorch.IValue;

/**
 * The arguments of operators that depend on the mode. torch.export writes them for the mode of the export, as the flags
 * of batch norm and dropout; they are replaced by those of the program's mode. Random masks of a constant probability
 * are those of stochastic depth, which divides by it.
 */
final class ProgramModes {
    /** Flags that are true in training. */
    private static final Set<String> FLAGS = Set.of("training", "train", "use_input_stats");

    /** Probabilities that are 0 in evaluation. */
    private static final String PROBABILITY = "dropout_p";

    /** Operators that draw a mask of 0 and 1, and those that fill with its mean, which replace them in evaluation. */
    static final Map<String, String> MASKS = Map.of("bernoulli_.float", "fill_.Scalar", "bernoulli.p", "fill.Scalar");

    /** The buffer that counts the batches that a batch norm was trained on; it does not affect the results. */
    static final String COUNT = "num_batches_tracked";

    private ProgramModes() {}

    /**
     * Returns whether an argument depends on the mode. Normalisation without running statistics uses the batch in both.
     *
     * @param statistics whether the operator is given a running mean
     */
    static boolean isFlag(String operator, String argument, boolean statistics) {
        return FLAGS.contains(argument) && (statistics || !operator.contains("_norm"));
    }

    static boolean isProbability(String argument) {
        return argument.equals(PROBABILITY);
    }

    /** Returns the source of a flag: that of the mode, or the exported one. */
    static Source flag(Source exported) {
        IValue yes = new IValue(true);
        return byMode(exported, values -> yes, new IValue(false));
    }

    /** Returns the source of a probability: the exported one, but 0 in evaluation. */
    static Source probability(Source exported) {
        return byMode(exported, exported, new IValue(0.0));
    }

    /** Returns the function of an operator; if it draws a mask, evaluation fills with the mask's mean instead. */
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
