package mnist;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.export.Model;
import libtorch.export.ModelInput;
import libtorch.export.Safetensors;
import mnist.run.DeviceOptions;
import mnist.system.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Describes a model of any kind, or calls it with tensors from a file. */
@Command(
        name = "run",
        description = "Describes a model that Java or Python saved; with --inputs, calls it with tensors from a file.")
final class RunCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FILE",
            description =
                    "TorchScript (.pt), an exported program (.pt2), or with --trust-code a package of AOTInductor. "
                            + "A .pt file is code, which runs: open only what you trust.")
    private Path file;

    @Option(names = "--method", paramLabel = "NAME", description = "What to call (default: ${DEFAULT-VALUE}).")
    private String method = "forward";

    @Option(
            names = "--inputs",
            paramLabel = "IN.safetensors",
            description = "Tensors named as the method's inputs, or 0, 1, ... in their order.")
    private @Nullable Path inputs;

    @Option(
            names = "--outputs",
            paramLabel = "OUT.safetensors",
            description = "Where the results go, named 0, 1, ... in their order.")
    private @Nullable Path outputs;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            description = "Call N times more, and print the median of their times.")
    private int repeat;

    @Option(
            names = "--trust-code",
            description = "Also run machine code that AOTInductor compiled: it can do whatever you can.")
    private boolean trustCode;

    @Spec
    private CommandSpec command;

    @Mixin
    private final DeviceOptions options = new DeviceOptions();

    @Override
    public Integer call() {
        options.validate();
        options.require(repeat >= 0, "--repeat", repeat, "0 or more");
        if (inputs == null && (outputs != null || repeat > 0))
            throw new ParameterException(command.commandLine(), "--outputs and --repeat need --inputs");
        if (!Files.isRegularFile(file)) throw new UserError("there is no file " + file, "name a .pt or .pt2 file");
        if (!trustCode && Model.isCompiled(file))
            throw new UserError(
                    file + " is machine code, which can do whatever you can",
                    "add --trust-code if you trust where it comes from");
        LibTorch.load(options.threads);
        try (PointerScope scope = new PointerScope()) {
            Device device = LibTorch.device(options.device);
            try (Model model = trustCode ? Model.openTrusted(file, device) : Model.open(file, device)) {
                LibTorch.setThreads(options.threads, model.pool());
                if (inputs == null) describe(model);
                else run(model, device, inputs);
            }
        }
        return 0;
    }

    private void describe(Model model) {
        System.out.println(file);
        if (model.weights() >= 0) System.out.printf(Locale.ROOT, "%,d numbers in its weights%n", model.weights());
        for (String name : model.methods()) {
            System.out.println(name);
            for (ModelInput input : model.inputs(name)) System.out.println("  input   " + input.description());
            for (String output : model.outputs(name)) System.out.println("  output  " + output);
            Map<String, Integer> operators = model.operators(name);
            if (!operators.isEmpty())
                System.out.println("  calls   "
                        + operators.entrySet().stream()
                                .map(e -> e.getValue() + " " + e.getKey().replaceFirst("^torch\\.ops\\.aten\\.", ""))
                                .collect(Collectors.joining(", ")));
        }
    }

    private void run(Model model, Device device, Path from) {
        if (!model.has(method))
            throw new UserError(file + " has no method " + method, "name one of " + String.join(", ", model.methods()));
        List<Tensor> arguments = arguments(model, Safetensors.read(from), from, device);
        torch.manual_seed(0);
        List<Tensor> results = attempt(() -> model.call(method, arguments));
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (Tensor result : results) {
            System.out.printf(
                    "%d: %s %s%n", named.size(), result.scalar_type().intern(), Arrays.toString(result.shape()));
            named.put(Integer.toString(named.size()), result);
        }
        if (outputs != null) Safetensors.save(outputs, named, Map.of());
        double[] seconds = new double[repeat];
        for (int i = 0; i < repeat; i++) {
            long start = System.nanoTime();
            try (PointerScope scope = new PointerScope()) {
                model.call(method, arguments);
                if (device.is_cuda()) torch.cuda_synchronize();
            }
            seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        if (repeat > 0) System.out.printf(Locale.ROOT, "%.1f ms%n", 1000 * median(seconds));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private List<Tensor> attempt(Callable<List<Tensor>> call) {
        try {
            return call.call();
        } catch (LibTorchException e) {
            throw e;
        } catch (Exception e) {
            throw new UserError(
                    file + " cannot be called with these tensors (" + LibTorch.firstLine(e) + ")",
                    "see what it takes with: run " + file,
                    e);
        }
    }

    /** Finds the inputs by their names, or by their numbers. */
    private List<Tensor> arguments(Model model, Map<String, Tensor> tensors, Path from, Device device) {
        List<ModelInput> needed = model.inputs(method);
        List<Tensor> arguments = new ArrayList<>();
        for (int i = 0; i < (needed.isEmpty() ? tensors.size() : needed.size()); i++) {
            Tensor tensor = needed.isEmpty() ? null : tensors.get(needed.get(i).name());
            if (tensor == null) tensor = tensors.get(Integer.toString(i));
            if (tensor == null)
                throw new UserError(
                        from + " has no tensor " + i
                                + (needed.isEmpty()
                                        ? ""
                                        : " or " + needed.get(i).name()),
                        "name its tensors as the method's inputs, or 0, 1, ... in their order");
            arguments.add(tensor.to(device, tensor.scalar_type().intern()));
        }
        if (tensors.size() > arguments.size())
            throw new UserError(
                    from + " has " + tensors.size() + " tensors, but " + method + " takes " + arguments.size(),
                    "leave the others out");
        return arguments;
    }
}
