package mnist.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import mnist.UsesLibTorch;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class LibTorchTest implements UsesLibTorch {
    @Test
    void onlyOneOfTheTwoPoolsGetsThreads() {
        LibTorch.load(2, LibTorch.Pool.OPENBLAS);
        assertEquals(2, openblas_nolapack.blas_get_num_threads());
        assertEquals(1, torch.get_num_threads());
        LibTorch.load(2);
        assertEquals(1, openblas_nolapack.blas_get_num_threads());
        assertEquals(2, torch.get_num_threads());
    }

    @Test
    void autoIsTheCpuWhereThereIsNoCuda() {
        assumeFalse(torch.cuda_is_available());
        assertEquals("cpu", LibTorch.device(DeviceChoice.auto).str().getString());
        assertEquals("cpu", LibTorch.device(DeviceChoice.cpu).str().getString());
        assertEquals("no CUDA device can be used here: the CPU build of libtorch is on the class path, or no NVIDIA driver answers; use --device cpu",
                assertThrows(UserError.class, () -> LibTorch.device(DeviceChoice.cuda)).getMessage());
    }

    @Test
    void ofANativeErrorTheFirstLineIsShown() {
        RuntimeException error = assertThrows(RuntimeException.class, () -> torch.rand(2, 3).matmul(torch.rand(2, 3)));
        assertEquals("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", LibTorch.firstLine(error));
        assertEquals("bad shape", LibTorch.firstLine(new RuntimeException("The following operation failed\nTraceback\nRuntimeError: bad shape\nframe")));
        assertEquals("first", LibTorch.firstLine(new RuntimeException("\n \nfirst\nsecond")));
        assertEquals("IllegalStateException", LibTorch.firstLine(new IllegalStateException()));
    }
}
