package mnist;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import libtorch.CudaSetup;
import libtorch.DeviceChoice;
import libtorch.LibTorch;
import libtorch.TemporaryFiles;
import libtorch.Versions;
import libtorch.export.Safetensors;
import libtorch.export.TorchScript;
import mnist.check.Commands;
import mnist.check.Commands.Output;
import mnist.check.Report;
import mnist.check.Report.Result;
import mnist.check.Training;
import mnist.data.Mnist;
import mnist.data.MnistFiles;
import mnist.run.MnistOptions;
import mnist.run.RunRecord;
import mnist.system.CudaReport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Checks that a GPU computes the same results as the CPU, and measures its speed. */
@Command(
        name = "check-gpu",
        description = "Compares the GPU with the CPU: losses, files, resumed runs, memory and speed; writes a table.")
final class CheckGpuCommand implements Callable<Integer> {
    private static final int STEPS = 100;
    private static final int SPEED_STEPS = 200;
    private static final int TEST_SIZE = 1000;
    private static final long PEERS_UNTIL = TimeUnit.SECONDS.toNanos(240); // of about five minutes
    private static final int PEER_SECONDS = 60;
    /** One model of each architecture; the Python program takes the name without its prefix mnist. */
    private static final List<String> PEERS = List.of("mnist_cnn", "mnist_ae", "mnist_cae", "mnist-cae-skip");

    @Mixin
    private final MnistOptions mnist = new MnistOptions();

    @Option(
            names = "--device",
            description = "cuda, or cpu to let the CPU stand in for the GPU (default: ${DEFAULT-VALUE}).")
    private DeviceChoice device = DeviceChoice.cuda;

    @Option(
            names = "--python",
            paramLabel = "PROGRAM",
            description = "A Python with PyTorch to compare with (default: ${DEFAULT-VALUE}).")
    private String python = "python3";

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Where the table goes (default: bench/GPU.md; target/GPU.md with --device cpu).")
    private Path file;

    private final long start = System.nanoTime();
    private final int threads = LibTorch.defaultThreads();
    private Path folder; // of temporary results; deleted at the end
    private Commands commands;

    @Override
    public Integer call() {
        mnist.validate();
        LibTorch.load(threads);
        Device gpu = LibTorch.device(device);
        Report report = new Report(
                file != null ? file : Path.of(gpu.is_cuda() ? "bench/GPU.md" : "target/GPU.md"), LibTorch.kind(gpu));
        try (PointerScope scope = new PointerScope()) {
            folder = TemporaryFiles.createFolder("check-gpu");
            commands = new Commands(Main::run, folder);
            Training onCpu = training(new Device("cpu"));
            Training onGpu = training(gpu);
            versions(report, gpu);
            losses(report, onCpu, onGpu);
            saved(report, onGpu);
            report.add("resumed run", () -> resumed(onGpu));
            report.add("two ranks", () -> ranks(onGpu));
            LibTorch.load(threads);
            report.add("memory", () -> memory(onGpu));
            report.add("four networks at once", () -> atOnce(onGpu));
            LibTorch.load(threads);
            speed(report, onCpu, onGpu.withSteps(SPEED_STEPS));
        } finally {
            if (folder != null) TemporaryFiles.delete(folder);
        }
        return report.isOk() ? 0 : 1;
    }

    private Training training(Device target) {
        Mnist data = MnistFiles.read(mnist.dataDir, !mnist.unverifiedData)
                .load(null, mnist.testSize, target, ScalarType.Float);
        return new Training(Models.NETWORKS, data, target, STEPS);
    }

    private void versions(Report report, Device gpu) {
        CudaSetup cuda = new CudaSetup();
        Versions versions = Versions.current();
        report.add(
                "versions",
                () -> Result.measured(
                        "libtorch %s, Java %s, %d threads", versions.libtorch(), versions.java(), threads));
        if (!gpu.is_cuda()) return;
        report.add("GPU", () -> Result.measured("%s", String.join("; ", cuda.gpus())));
        report.add(
                "CUDA",
                () -> Result.measured(
                        "built with CUDA %d, cuDNN %d loaded; %s",
                        Context.versionCUDART(), Context.versionRuntimeCuDNN(), CudaReport.libraries(cuda)));
    }

    private static void losses(Report report, Training cpu, Training gpu) {
        for (String model : Models.NETWORKS.keySet()) {
            double[] expected = cpu.losses(model);
            report.add(model + ", CPU and GPU", () -> {
                boolean tf32 = torch.globalContext().allowTF32CuDNN();
                torch.globalContext().setAllowTF32CuDNN(false);
                try {
                    return Training.compare(expected, gpu.losses(model));
                } finally {
                    torch.globalContext().setAllowTF32CuDNN(tf32);
                }
            });
            if (!gpu.device().is_cuda()) continue;
            report.add(model + ", with TF32", () -> {
                Result result = Training.compare(expected, gpu.losses(model));
                return Result.measured("%s", result.text());
            });
        }
    }

    /** Trains all models on the GPU and opens what was saved, on the CPU, in Java and in Python. */
    private void saved(Report report, Training gpu) {
        Path saved = folder.resolve("saved");
        report.add("trained and saved on the GPU", () -> {
            run("prob4", saved, "--epochs", 1, "--train-size", gpu.examples("mnist_cnn"));
            for (String problem : List.of("prob5", "prob6")) {
                run(problem, saved, "--epochs", 1, "--train-size", gpu.examples(""));
            }
            return Result.of(true, "prob4, prob5, prob6");
        });
        report.add("opened on the CPU in Java", () -> {
            double largest = 0;
            for (String model : Models.NETWORKS.keySet()) {
                double recorded = recorded(saved, model, "testLoss");
                for (String suffix : List.of(TorchScript.SUFFIX, Safetensors.SUFFIX)) {
                    String output = commands.run("eval", saved.resolve(model + suffix), "--device", "cpu", data());
                    Matcher loss = Pattern.compile("test loss ([0-9.]+)").matcher(output);
                    if (!loss.find()) throw new IllegalStateException("eval prints no test loss: " + output);
                    double measured = Double.parseDouble(loss.group(1));
                    largest = Math.max(largest, Math.abs(measured - recorded) / recorded);
                }
            }
            return Result.of(
                    largest <= 1e-3, "12 files; relative difference of the test loss %.1e (at most 1e-3)", largest);
        });
        report.add("opened on the CPU in Python", () -> {
            String missing = missingPython();
            if (missing != null) return Result.skipped(missing);
            Output grade = commands.process(300, python, "grading/grade.py", "--saved", saved, "--data", mnist.dataDir);
            return Result.of(grade.status() == 0, "%s", grade.lastLine());
        });
    }

    /** Compares a run that was stopped between its epochs and resumed with two that were not. */
    private Result resumed(Training gpu) {
        Object[] size = {"--only", "noisy", "--train-size", gpu.examples("")};
        Path whole = noisyWeights("whole", size, "--epochs", 2);
        Path again = noisyWeights("again", size, "--epochs", 2);
        noisyWeights("parts", size, "--epochs", 1);
        Path parts = noisyWeights("parts", size, "--epochs", 2, "--resume");
        double repeated = Training.difference(whole, again);
        double resumed = Training.difference(whole, parts);
        String model = "mnist_cae_noisy";
        double loss = recorded(folder.resolve("whole"), model, "testLoss");
        double lossDifference = Math.abs(recorded(folder.resolve("parts"), model, "testLoss") - loss) / loss;
        boolean ok = repeated == 0 ? resumed == 0 : lossDifference <= 1e-2;
        return Result.of(
                ok,
                "weights: repeated run %s, resumed run %s; test loss %.1e apart, relative",
                bits(repeated),
                bits(resumed),
                lossDifference);
    }

    private static String bits(double difference) {
        return difference == 0 ? "the same bits" : String.format("%.1e apart", difference);
    }

    private Path noisyWeights(String name, Object... options) {
        run("prob6", folder.resolve(name), options);
        return folder.resolve(name).resolve("mnist_cae_noisy" + Safetensors.SUFFIX);
    }

    /** Compares two ranks, which exchange over NCCL on GPUs and Gloo on CPUs, with one. */
    private Result ranks(Training gpu) {
        boolean cuda = gpu.device().is_cuda();
        if (cuda && torch.cuda_device_count() < 2) return Result.skipped("there is one GPU");
        Object[] size = {"--only", "plain", "--epochs", 1, "--train-size", gpu.examples("")};
        double one = trainLoss("one-rank", size);
        double two = trainLoss("two-ranks", size, "--ranks", 2);
        double difference = Math.abs(one - two) / one;
        return Result.of(
                difference <= 1e-3,
                "%s; relative difference of the training loss to one rank's %.1e (at most 1e-3)",
                cuda ? "NCCL" : "Gloo",
                difference);
    }

    private double trainLoss(String name, Object... options) {
        run("prob6", folder.resolve(name), options);
        return recorded(folder.resolve(name), "mnist_cae", "trainLoss");
    }

    private static Result memory(Training training) {
        List<Training.Memory> memory = training.memory("mnist_cae_noisy", 6);
        Training.Memory early = memory.get(1);
        Training.Memory late = memory.get(memory.size() - 1);
        double process = (late.process() - early.process()) / 1e6;
        double gpu = (late.device() - early.device()) / 1e6;
        return Result.of(
                process <= 32 && gpu <= 2,
                "from the second epoch to the sixth, %d steps each: "
                        + "process %+.1f MB (at most 32), GPU %+.1f MB (at most 2)",
                training.steps(),
                process,
                gpu);
    }

    private static Result atOnce(Training training) {
        List<String> models = Models.NETWORKS.keySet().stream()
                .filter(model -> model.contains("cae"))
                .toList();
        double[] seconds = training.oneAfterTheOtherAndAtOnce(models);
        return Result.measured(
                "an epoch of %d steps: one after the other %.2f s, at once %.2f s, %.1f times as fast",
                training.steps(), seconds[0], seconds[1], seconds[0] / seconds[1]);
    }

    private void speed(Report report, Training cpu, Training gpu) {
        PEERS.forEach(model -> report.add(
                model + ", images/s",
                () -> Result.measured(
                        "Java on the CPU %,.0f, on the GPU %,.0f",
                        cpu.imagesPerSecond(model), gpu.imagesPerSecond(model))));
        String missing = missingPython();
        for (String mode : List.of("eager", "compile")) {
            PEERS.forEach(model -> report.add(
                    model + ", Python " + mode,
                    () -> missing != null ? Result.skipped(missing) : peer(mode, model, gpu)));
        }
    }

    /** Measures a Python program on the GPU. */
    private Result peer(String mode, String model, Training gpu) {
        if (System.nanoTime() - start > PEERS_UNTIL) return Result.skipped("the time was over");
        int images = gpu.examples(model);
        Output output = commands.process(
                PEER_SECONDS,
                python,
                "bench/python/peer.py",
                mode,
                model.substring("mnist?".length()),
                threads,
                mnist.dataDir,
                images,
                Training.EPOCHS,
                LibTorch.kind(gpu.device()));
        if (output.status() != 0) return Result.skipped(output.lastLine());
        JsonObject measured = JsonParser.parseString(output.lastLine()).getAsJsonObject();
        double[] seconds = new Gson().fromJson(measured.get("seconds"), double[].class);
        return Result.measured(
                "%,.0f images/s with PyTorch %s",
                images / Training.medianAfterTheFirst(seconds),
                measured.get("version").getAsString());
    }

    /** Returns the reason why Python cannot be compared with; null if it can. */
    private String missingPython() {
        Output output = commands.process(60, python, "-c", "import torch");
        return output.status() == 0 ? null : python + " has no PyTorch";
    }

    /** Trains on the GPU. */
    private void run(String problem, Path saved, Object... options) {
        commands.run(problem, options, "--device", device, data(), "--saved-dir", saved, "--figures-dir", folder);
    }

    private Object[] data() {
        int size = mnist.testSize != null ? mnist.testSize : mnist.unverifiedData ? 0 : TEST_SIZE;
        List<Object> options = new ArrayList<>(List.of("--data-dir", mnist.dataDir));
        if (mnist.unverifiedData) options.add("--unverified-data");
        if (size > 0) options.addAll(List.of("--test-size", size));
        return options.toArray();
    }

    /** Returns a loss of the last epoch of a run record. */
    private static double recorded(Path saved, String model, String loss) {
        JsonArray epochs =
                RunRecord.read(saved.resolve(model + RunRecord.SUFFIX)).getAsJsonArray("epochs");
        return epochs.get(epochs.size() - 1).getAsJsonObject().get(loss).getAsDouble();
    }
}
