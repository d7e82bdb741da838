package mnist.prob4;

import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Problem 4.1: computes how large a layer's output is. */
@Command(name = "size", description = "Computes the output size of a convolution or pooling layer.")
final class SizeCommand implements Callable<Integer> {
    @Option(
            names = "--input",
            paramLabel = "HxW",
            split = "x",
            description = "Height and width of the image (default: 50x50).")
    private int[] input = {50, 50};

    @Option(names = "--kernel", required = true, paramLabel = "N", description = "Side of the square kernel.")
    private int kernel;

    @Option(
            names = "--stride",
            paramLabel = "N",
            description = "Pixels from one place to the next (default: ${DEFAULT-VALUE}, for pooling too).")
    private int stride = 1;

    @Option(
            names = "--padding",
            paramLabel = "N",
            description = "Pixels added on every side (default: ${DEFAULT-VALUE}).")
    private int padding = 0;

    @Option(names = "--pool", description = "The layer is a max pooling, not a convolution.")
    private boolean pool;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        String given = Arrays.stream(input).mapToObj(String::valueOf).collect(Collectors.joining("x"));
        if (!given.matches("\\d+x\\d+"))
            throw new ParameterException(command.commandLine(), "--input is " + given + ", but must be like 50x50");
        try {
            Window window = new Window(kernel, stride, padding, pool);
            System.out.println(window.output(input[0]) + "x" + window.output(input[1]));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage());
        }
        return 0;
    }
}
