package libtorch.training;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import libtorch.LibTorchException;
import libtorch.data.Generators;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Edge;
import org.bytedeco.pytorch.InputMetadata;
import org.bytedeco.pytorch.Node;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Detects losses that silently broadcast outputs and targets of different shapes, as mse_loss does: N×1 and N to N×N,
 * each output compared with every target. Shapes alone do not suffice: N×2 and N×1 are right if the outputs are a mean
 * and a variance. Hence autograd's graph of the loss is searched for an operator that takes outputs and targets in
 * their own shapes, and whose result has the broadcast shape or is one number. Where both have as many dimensions and
 * the same first size, no examples are mixed, and only libtorch's own losses are searched for: N×3 minus N×1 may be
 * meant.
 */
final class Broadcast {
    /** Autograd's names of losses, as MseLossBackward0; that of l1_loss is a subtraction and an absolute value. */
    private static final Pattern LOSSES = Pattern.compile("Loss|BinaryCrossEntropy");

    private Broadcast() {}

    /**
     * Throws if a loss would broadcast outputs and targets. A loss may split, flatten, index or expand them itself; one
     * that is meant to broadcast expands them. It may be called once more; random numbers are not affected.
     *
     * @param examples "training" or "test", for the message
     */
    static void requireNone(BinaryOperator<Tensor> loss, String examples, Tensor output, Tensor targets) {
        if (output.is_same_size(targets) || !torch.are_expandable(output.shape(), targets.shape())) return;
        if (!Generators.defaults(output.device()).unchangedBy(() -> broadcasts(loss, output, targets))) return;
        throw new LibTorchException(
                "of the " + examples + " examples, the network's outputs are of shape "
                        + Arrays.toString(output.shape()) + ", the targets of " + Arrays.toString(targets.shape())
                        + ", and the loss would broadcast them",
                "give the targets the shape of the outputs, as with targets.view(-1, 1), or have the loss expand them");
    }

    private static boolean broadcasts(BinaryOperator<Tensor> loss, Tensor output, Tensor targets) {
        try (AutoGradMode gradients = new AutoGradMode(true)) {
            Tensor x = differentiable(output);
            Tensor y = differentiable(targets.to(output.scalar_type().intern()));
            Tensor both = torch.broadcast_tensors(new TensorVector(x, y)).get(0);
            Tensor number = x.sum();
            boolean mixed = output.dim() != targets.dim() || output.size(0) != targets.size(0);
            for (Node operator : reached(loss.apply(x, y).grad_fn(), node -> true)) {
                InputMetadata result = operator.input_metadata(0);
                if ((mixed || LOSSES.matcher(operator.name().getString()).find())
                        && (result.is_same_shape(both) || result.is_same_shape(number))
                        && takes(x, operator)
                        && takes(y, operator)) return true;
            }
            return false;
        } catch (RuntimeException e) {
            return false; // class indices are no floating-point numbers; other errors are reported by the training step
        }
    }

    /** Returns a tensor of the same values that is the result of an operator, and so has a node in the graph. */
    private static Tensor differentiable(Tensor tensor) {
        return tensor.detach().requires_grad_(true).alias();
    }

    /** Returns whether an input of an operator is a tensor, or was computed from it and has its shape. */
    private static boolean takes(Tensor tensor, Node operator) {
        return inputs(operator).stream()
                .map(input -> reached(input, node -> node.input_metadata(0).is_same_shape(tensor)))
                .anyMatch(nodes -> nodes.contains(tensor.grad_fn()));
    }

    /** Returns a node and those that lead to it through nodes that are let through. */
    private static Set<Node> reached(Node from, Predicate<Node> through) {
        Set<Node> reached = new HashSet<>();
        Deque<Node> ahead = new ArrayDeque<>(List.of(from));
        while (!ahead.isEmpty()) {
            Node node = ahead.pop();
            if (reached.add(node) && through.test(node)) ahead.addAll(inputs(node));
        }
        return reached;
    }

    private static List<Node> inputs(Node node) {
        return Stream.of(node.next_edges().get())
                .filter(Edge::is_valid)
                .map(Edge::function)
                .toList();
    }
}
