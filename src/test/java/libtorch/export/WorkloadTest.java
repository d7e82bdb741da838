package libtorch.export;

import static libtorch.LibTorch.Pool.OPENBLAS;
import static libtorch.LibTorch.Pool.OPENMP;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

/** A matrix product, as a linear layer, is of ten million multiplications here; a convolution of one million. */
class WorkloadTest {
    private static final String TENSORS = """
            {"x": {"sizes": [{"as_int": 1000}, {"as_int": 1000}]}, "w": {"sizes": [{"as_int": 10}, {"as_int": 1000}]},
             "y": {"sizes": [{"as_expr": {"expr_str": "s0", "hint": {"as_int": 1000}}}, {"as_int": 10}]},
             "image": {"sizes": [{"as_int": 1}, {"as_int": 10}, {"as_int": 100}, {"as_int": 100}]},
             "filter": {"sizes": [{"as_int": 10}, {"as_int": 10}, {"as_int": 1}, {"as_int": 1}]},
             "small": {"sizes": [{"as_int": 2}, {"as_int": 10}]}}""";

    private static final String LINEAR = node("linear.default", "x", "w", "y");
    private static final String MATMUL = node("matmul.default", "x", "w", "y");
    private static final String CONVOLUTION = node("conv2d.default", "image", "filter", "image");

    @Test
    void linearLayersAreOpenBlassWithGradientsOnly() {
        assertEquals(OPENBLAS, workload(LINEAR).pool(true));
        assertEquals(OPENMP, workload(LINEAR).pool(false));
    }

    @Test
    void otherMatrixProductsAreOpenBlassUnlessMoreIsComputedByOpenMp() {
        assertEquals(OPENBLAS, workload(MATMUL).pool(false));
        assertEquals(OPENMP, workload(CONVOLUTION).pool(true));
        assertEquals(OPENMP, workload(MATMUL, LINEAR).pool(false));
        assertEquals(
                OPENBLAS,
                workload(MATMUL, MATMUL, MATMUL, MATMUL, MATMUL, MATMUL, MATMUL, LINEAR)
                        .pool(false));
    }

    @Test
    void smallProgramsAndThoseWithoutSizesAreOpenMps() {
        assertEquals(OPENMP, workload(node("matmul.default", "x", "w", "small")).pool(true));
        assertEquals(
                OPENMP,
                workload(MATMUL, "{\"target\": \"torch.ops.aten.mm.default\"}").pool(true));
    }

    private static String node(String operator, String input, String weight, String output) {
        return String.format(
                "{\"target\": \"torch.ops.aten.%s\", \"inputs\": [%s, %s], \"outputs\": [%s]}",
                operator, argument(input), argument(weight), tensor(output));
    }

    private static String argument(String name) {
        return "{\"arg\": " + tensor(name) + "}";
    }

    private static String tensor(String name) {
        return "{\"as_tensor\": {\"name\": \"" + name + "\"}}";
    }

    private static Workload workload(String... nodes) {
        String graph = "{\"tensor_values\": " + TENSORS + ", \"nodes\": [" + String.join(",", nodes) + "]}";
        return new Workload(new Json("graph", JsonParser.parseString(graph)));
    }
}
