package mnist;

import java.util.concurrent.Callable;
import libtorch.CudaSetup;
import libtorch.DeviceChoice;
import libtorch.LibTorch;
import libtorch.Versions;
import mnist.figures.Fonts;
import mnist.system.CudaReport;
import mnist.system.Machine;
import picocli.CommandLine.Command;

/** Prints what a run would use on this machine: versions, threads, device. */
@Command(name = "doctor", description = "Prints what a run would use on this machine: versions, threads, device.")
final class DoctorCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        Versions versions = Versions.current();
        System.out.println("Machine:  " + Machine.processor());
        System.out.println("Java:     " + versions.java() + ", " + System.getProperty("java.vm.name"));
        Fonts.check();
        System.out.println("Fonts:    found");
        CudaSetup cuda = new CudaSetup();
        System.out.println("GPU:      " + cuda.gpuProblem().orElseGet(() -> String.join("; ", cuda.gpus())));
        System.out.println("CUDA 13:  " + CudaReport.libraries(cuda));
        int threads = LibTorch.defaultThreads();
        LibTorch.load(threads);
        System.out.println("libtorch: " + versions.libtorch() + ", " + threads + " threads");
        System.out.println(
                "Device:   " + LibTorch.device(DeviceChoice.auto).str().getString());
        return 0;
    }
}
