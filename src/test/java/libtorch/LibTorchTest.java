package libtorch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.List;
import java.util.Map;
import mnist.UsesLibTorch;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.Device;
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
    void settingsOfOpenMpThatWouldMakeThreadsWaitForEverAreRefused() {
        LibTorch.requireThreads(2, Map.of("OMP_DYNAMIC", "false", "OMP_THREAD_LIMIT", "2"));
        assertEquals(
                "OMP_DYNAMIC is true, and 2 threads would wait for ever; unset it, or use one thread",
                assertThrows(LibTorchException.class, () -> LibTorch.requireThreads(2, Map.of("OMP_DYNAMIC", "TRUE")))
                        .getMessage());
        assertEquals(
                "OMP_THREAD_LIMIT is 1, and 2 threads would wait for ever; unset it, or use one thread",
                assertThrows(LibTorchException.class, () -> LibTorch.requireThreads(2, Map.of("OMP_THREAD_LIMIT", "1")))
                        .getMessage());
    }

    @Test
    void cudaIsChosenWhereItIsWantedAndAnswers() {
        assertEquals(DeviceChoice.cuda, LibTorch.choose(DeviceChoice.auto, true, true));
        assertEquals(DeviceChoice.cuda, LibTorch.choose(DeviceChoice.cuda, true, true));
        assertEquals(DeviceChoice.cpu, LibTorch.choose(DeviceChoice.cpu, true, true));
        assertEquals(DeviceChoice.cpu, LibTorch.choose(DeviceChoice.auto, true, false));
        assertEquals(DeviceChoice.cpu, LibTorch.choose(DeviceChoice.auto, false, false));
    }

    @Test
    void whereCudaWasAskedForAndCannotBeUsedTheErrorSaysWhy() {
        assertEquals(
                "this libtorch was built for the CPU only; use the natives for CUDA, or compute on the CPU",
                assertThrows(LibTorchException.class, () -> LibTorch.choose(DeviceChoice.cuda, false, false))
                        .getMessage());
        assertEquals(
                "no GPU can be used: There is no NVIDIA driver (nvidia-smi is not found); correct that, or compute on the CPU",
                assertThrows(LibTorchException.class, () -> LibTorch.choose(DeviceChoice.cuda, true, false))
                        .getMessage());
    }

    @Test
    void everyProcessOfAMachineUsesAGpuOfItsOwn() {
        assertEquals(1, LibTorch.gpu(/*number*/ 1, /*count*/ 2, /*launched*/ false, /*gpus*/ 2));
        assertEquals(3, LibTorch.gpu(3, 4, true, 8));
        assertEquals(0, LibTorch.gpu(1, 2, true, 1), "the launcher shows each process its own");
        assertEquals(
                "there are more ranks on this machine, 2, than GPUs, 1; start fewer ranks, or compute on the CPU",
                assertThrows(LibTorchException.class, () -> LibTorch.gpu(0, 2, false, 1))
                        .getMessage());
        assertThrows(LibTorchException.class, () -> LibTorch.gpu(1, 3, true, 2));
    }

    @Test
    void aGpuOfANumberThatIsNotThereIsRefused() {
        LibTorch.requireGpu(-1, 1); // the current one
        LibTorch.requireGpu(0, 1);
        LibTorch.requireGpu(7, 8);
        assertEquals(
                "there is no GPU cuda:7: libtorch finds 2, from cuda:0; use one of them, or compute on the CPU",
                assertThrows(DeviceException.class, () -> LibTorch.requireGpu(7, 2))
                        .getMessage());
        assertThrows(DeviceException.class, () -> LibTorch.requireGpu(1, 1));
    }

    @Test
    void withoutAGpuNoneIsUsableWhateverItsNumber() {
        LibTorch.requireUsable(new Device("cpu"));
        assumeFalse(torch.cuda_is_available());
        for (String gpu : List.of("cuda", "cuda:0", "cuda:7"))
            assertThrows(DeviceException.class, () -> LibTorch.requireUsable(new Device(gpu)));
    }

    @Test
    void theCpuBuildComputesOnTheCpu() {
        assumeFalse(torch.cuda_is_available());
        assertEquals("cpu", LibTorch.device(DeviceChoice.auto).str().getString());
    }

    @Test
    void ofANativeErrorTheFirstLineIsShown() {
        RuntimeException error =
                assertThrows(RuntimeException.class, () -> torch.rand(2, 3).matmul(torch.rand(2, 3)));
        assertEquals("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", LibTorch.firstLine(error));
        assertEquals(
                "bad shape",
                LibTorch.firstLine(new RuntimeException(
                        "The following operation failed\nTraceback\nRuntimeError: bad shape\nframe")));
        assertEquals(
                "too many",
                LibTorch.firstLine(new RuntimeException("The following operation failed\nTraceback of TorchScript:\n"
                        + "  x: Tensor\n    ~ <--- HERE\nbuiltins.ValueError: too many\nsecond")));
        assertEquals("first", LibTorch.firstLine(new RuntimeException("\n \nfirst\nsecond")));
        assertEquals("IllegalStateException", LibTorch.firstLine(new IllegalStateException()));
    }
}
