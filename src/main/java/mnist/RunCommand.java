package mnist;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.export.Format;
import libtorch.export.Model;
import libtorch.export.ModelDescription;
import libtorch.export.ModelInput;
import libtorch.export.Safetensors;
import libtorch.export.StateDict;
import mnist.evaluation.Sample;
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
    private static final int FIRST = 5; // values of a result that are printed

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
            Format kind = Format.of(file);
            if (inputs == null && kind.hasWeightsAlone()) {
                describe(kind, kind == Format.SAFETENSORS ? Safetensors.read(file) : StateDict.read(file));
                return 0;
            }
            Device device = LibTorch.device(options.device);
            try (Model model = trustCode ? Model.openTrusted(file, device) : Model.open(file, device)) {
                LibTorch.setThreads(options.threads, model.description().pool());
                if (inputs == null) describe(model);
                else run(model, device, inputs);
            }
        }
        return 0;
    }

    private void describe(Model model) {
        ModelDescription description = model.description();
        System.out.println(file + ": " + description.kind());
        if (description.weights() >= 0) System.out.printf("%,d numbers in its weights%n", description.weights());
        description.methods().forEach((name, method) -> {
            System.out.println(name);
            for (ModelInput input : method.inputs()) System.out.println("  input   " + input.description());
            List<String> types = method.outputTypes();
            for (int i = 0; i < method.outputs().size(); i++)
                System.out.println(
                        "  output  " + method.outputs().get(i) + (i < types.size() ? ": " + types.get(i) : ""));
            String operators = method.operators().entrySet().stream()
                    .map(e -> e.getValue() + " " + e.getKey().replaceFirst("^torch\\.ops\\.aten\\.", ""))
                    .collect(Collectors.joining(", "));
            if (!operators.isEmpty()) System.out.println("  calls   " + operators);
        });
    }

    private void describe(Format kind, Map<String, Tensor> weights) {
        System.out.println(file + ": " + kind.words());
        System.out.printf(
                "%,d numbers in %,d tensors%n",
                weights.values().stream().mapToLong(Tensor::numel).sum(), weights.size());
        weights.forEach((name, tensor) -> System.out.println(
                "  " + name + ": " + tensor.scalar_type().intern() + " " + Arrays.toString(tensor.shape())));
    }

    private void run(Model model, Device device, Path from) {
        if (!model.has(method))
            throw new UserError(file + " has no method " + method, "name one of " + String.join(", ", model.methods()));
        Map<String, Tensor> arguments = Safetensors.read(from);
        arguments.replaceAll(
                (name, tensor) -> tensor.to(device, tensor.scalar_type().intern()));
        torch.manual_seed(0);
        Map<String, Tensor> named = new LinkedHashMap<>();
        firstResults(model, arguments).forEach((name, result) -> {
            String number = Integer.toString(named.size());
            System.out.println(number + (name.equals(number) ? "" : " (" + name + ")") + ": "
                    + result.scalar_type().intern() + " " + Arrays.toString(result.shape()) + values(result));
            if (outputs != null && !dense(result))
                throw new UserError(
                        "result " + number + " is sparse or quantized, which " + outputs + " cannot hold",
                        "leave --outputs out");
            named.put(number, result);
        });
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
        if (repeat == 0) return;
        double milliseconds = 1000 * new Sample(seconds).median();
        System.out.printf(milliseconds < 10 ? "%.3f ms%n" : "%.1f ms%n", milliseconds);
    }

    private Map<String, Tensor> firstResults(Model model, Map<String, Tensor> arguments) {
        try {
            return model.call(method, arguments);
        } catch (LibTorchException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new UserError(
                    file + " cannot be called with these tensors (" + LibTorch.firstLine(e) + ")",
                    "see what it takes with: run " + file,
                    e);
        }
    }

    /** Returns whether a result is neither sparse nor quantized. */
    private static boolean dense(Tensor result) {
        return result.layout().intern() == torch.Layout.Strided && !result.is_quantized();
    }

    /** Returns the first values of a result, and its mean, as "  0.25 0.5 ..., mean 0.31". */
    private static String values(Tensor result) {
        if (result.numel() == 0 || !dense(result) || result.is_complex()) return "";
        double[] values = Tensors.doubles(result);
        String first = Arrays.stream(values)
                .limit(FIRST)
                .mapToObj(value -> String.format("%.6g", value))
                .collect(Collectors.joining(" ", "  ", ""));
        return values.length <= FIRST ? first : String.format("%s ..., mean %.6g", first, new Sample(values).mean());
    }
}
