package libtorch.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import libtorch.Tensors;
import mnist.UsesLibTorch;
import mnist.prob4.Cnn;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class NetworkTest implements UsesLibTorch {
    @Test
    void aWeightOutlivesTheListItWasReadFrom() {
        Cnn network = new Cnn();
        float[] expected = Tensors.floats(network.state().get("conv1.bias"));
        Tensor weight;
        try (PointerScope scope = new PointerScope()) {
            weight = network.state().get("conv1.bias");
            weight.retainReference(); // it stays, and the list of all parameters is freed
        }
        try (PointerScope scope = new PointerScope()) {
            for (int i = 0; i < 20; i++) new Cnn().named_parameters(); // which take the memory that was freed
            assertArrayEquals(expected, Tensors.floats(weight));
        }
    }
}
