package libtorch.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Set;
import libtorch.Tensors;
import libtorch.export.Networks;
import mnist.UsesLibTorch;
import mnist.prob4.Cnn;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DropoutImpl;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkTest implements UsesLibTorch {
    private static final class Mixed extends Network {
        final BatchNorm1dImpl frozen = batchNorm1d("frozen", 3);
        final DropoutImpl drop = dropout("drop", 0.5);

        Mixed() {
            super("Mixed");
            parameter("_gain", torch.ones(1));
            buffer("positions", torch.arange(new Scalar(3)));
            buffer("_cache", torch.zeros(1));
        }

        @Override
        public Activation forward(Activation x) {
            return x.batchNorm(frozen).dropout(drop);
        }
    }

    @Test
    void eachLayerIsInItsModeAgainAfterEvalMode(@TempDir Path folder) {
        Mixed network = new Mixed();
        network.frozen.eval();
        Runnable check = () -> {
            assertTrue(network.is_training());
            assertFalse(network.frozen.is_training());
            assertTrue(network.drop.is_training());
        };
        assertFalse(network.inEvalMode(() -> network.is_training() || network.drop.is_training()));
        check.run();
        Networks.save(network, torch.zeros(2, 3), folder.resolve("mixed.safetensors"));
        check.run();
    }

    @Test
    void onlyFloatingPointTensorsAreConvertedToAnotherType() {
        Mixed network = new Mixed();
        network.to(new Device("cpu"), ScalarType.Double, false);
        assertEquals(
                ScalarType.Double, network.state().get("_gain").scalar_type().intern());
        assertEquals(
                ScalarType.Double,
                network.state().get("frozen.running_mean").scalar_type().intern());
        assertEquals(
                ScalarType.Long, network.state().get("positions").scalar_type().intern());
        assertEquals(
                ScalarType.Long,
                network.state().get("frozen.num_batches_tracked").scalar_type().intern());
    }

    @Test
    void ofTheNamesThatBeginWithAnUnderscoreBuffersAreNotSaved() {
        Set<String> names = new Mixed().state().keySet();
        assertTrue(names.contains("_gain"), names.toString());
        assertTrue(names.contains("positions"), names.toString());
        assertFalse(names.contains("_cache"), names.toString());
    }

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
