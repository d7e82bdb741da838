package libtorch.export;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import libtorch.AtomicFile;
import libtorch.LibTorch;
import libtorch.LibTorchException;
import libtorch.NativeText;
import libtorch.TemporaryFiles;
import libtorch.nn.OperatorException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.AOTIModelContainerRunner;
import org.bytedeco.pytorch.AOTIModelContainerRunnerCpu;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.cuda.AOTIModelContainerRunnerCuda;

/**
 * Runs a package that AOTInductor compiled: machine code for one kind of device and processor, which is unpacked into a
 * private folder until the model is closed.
 */
final class CompiledModel implements LoadedModel {
    /** The archive's folder of models, which are each in a folder of their own. */
    static final String FOLDER = "data/aotinductor/";

    private final AOTIModelContainerRunner runner;
    private final Path folder;
    private final ModelDescription description;

    private CompiledModel(AOTIModelContainerRunner runner, Path folder) {
        this.runner = runner;
        this.folder = folder;
        StringVector spec = runner.get_call_spec();
        List<ModelInput> inputs = inputs(spec.get(0).getString());
        List<String> names = OutputNames.leaves(spec.get(1).getString());
        List<String> outputs = names.equals(List.of("")) ? List.of("0") : names;
        ModelMethod forward = new ModelMethod("forward", inputs, outputs, List.of(), Map.of());
        String kind = Format.COMPILED.words();
        description = new ModelDescription(kind, Map.of("forward", forward), -1, LibTorch.Pool.OPENMP, "");
    }

    /**
     * Opens a package, in the open scope.
     *
     * @throws LibTorchException if it was compiled for another device, processor or libtorch
     */
    static LoadedModel load(Path file, Device device) {
        Path folder = TemporaryFiles.createFolder("compiled"); // deleted at exit if the model is not closed
        try {
            BytePointer code = NativeText.of(unpack(file, folder, device));
            AOTIModelContainerRunner runner =
                    device.is_cuda() ? new AOTIModelContainerRunnerCuda(code) : new AOTIModelContainerRunnerCpu(code);
            return new CompiledModel(runner, folder);
        } catch (IOException | RuntimeException e) {
            TemporaryFiles.delete(folder);
            if (e instanceof LibTorchException known) throw known;
            if (e instanceof IOException io)
                throw AtomicFile.cannotRead(
                        file, "check the file, and the room in " + System.getProperty("java.io.tmpdir"), io);
            throw new LibTorchException(
                    file + " cannot be opened as a compiled package (" + LibTorch.firstLine(e) + ")",
                    "compile it with the PyTorch whose libtorch this is",
                    e);
        }
    }

    /** Unpacks a package and returns the path of its machine code. */
    private static Path unpack(Path file, Path folder, Device device) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            List<ZipEntry> entries = zip.stream()
                    .<ZipEntry>map(entry -> entry)
                    .filter(entry -> entry.getName().matches("[^/]+/" + FOLDER + "model/[^/]+"))
                    .toList();
            ZipEntry library = only(file, entries, ".so");
            require(file, zip, only(file, entries, ".wrapper_metadata.json"), device);
            for (ZipEntry entry : entries) {
                if (entry.getName().endsWith(".cpp")) continue;
                try (InputStream in = zip.getInputStream(entry)) {
                    Files.copy(in, folder.resolve(fileName(entry)));
                }
            }
            return folder.resolve(fileName(library));
        }
    }

    private static String fileName(ZipEntry entry) {
        return entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
    }

    private static ZipEntry only(Path file, List<ZipEntry> entries, String suffix) {
        List<ZipEntry> found = entries.stream()
                .filter(entry -> entry.getName().endsWith(suffix))
                .toList();
        if (found.size() == 1) return found.get(0);
        throw new LibTorchException(
                file + " has " + found.size() + " files " + suffix + " of a model, not one",
                "write it with torch._inductor.aoti_compile_and_package");
    }

    /** Checks that a package was compiled for this machine and device. */
    private static void require(Path file, ZipFile zip, ZipEntry metadata, Device device) throws IOException {
        Json json;
        try (InputStream in = zip.getInputStream(metadata)) {
            json = Json.parse("metadata", in.readAllBytes());
        }
        require(file, "device", text(json, "AOTI_DEVICE_KEY"), LibTorch.kind(device));
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        require(file, "system", text(json, "AOTI_PLATFORM"), system.startsWith("mac") ? "darwin" : system);
        String processor = System.getProperty("os.arch").replace("amd64", "x86_64");
        require(file, "processor", text(json, "AOTI_MACHINE"), processor);
        List<String> missing =
                new ArrayList<>(List.of(text(json, "AOTI_CPU_ISA").split(" ")));
        missing.removeIf(extension -> !extension.startsWith("AVX512") && !extension.startsWith("AMX"));
        missing.removeAll(extensions());
        if (!missing.isEmpty())
            throw new LibTorchException(
                    file + " was compiled for a processor with " + missing.get(0) + ", which this one does not have",
                    "compile it on this machine");
    }

    private static String text(Json json, String name) {
        return json.has(name) ? json.get(name).text() : "";
    }

    private static void require(Path file, String what, String compiled, String here) {
        if (compiled.isEmpty() || compiled.equals(here)) return;
        throw new LibTorchException(
                file + " was compiled for the " + what + " " + compiled + ", not " + here, "compile it for " + here);
    }

    /** Returns the processor's instruction set extensions, by PyTorch's names; all if the system does not list them. */
    private static Set<String> extensions() throws IOException {
        Path flags = Path.of("/proc/cpuinfo");
        if (!Files.exists(flags)) return Set.of("AVX512", "AVX512_VNNI", "AMX_TILE");
        String text = Files.readString(flags);
        Set<String> extensions = new HashSet<>();
        if (text.contains("avx512f")) extensions.add("AVX512");
        if (text.contains("avx512_vnni")) extensions.add("AVX512_VNNI");
        if (text.contains("amx_tile")) extensions.add("AMX_TILE");
        return extensions;
    }

    @Override
    public ModelDescription description() {
        return description;
    }

    /** Returns the inputs: positional arguments by their numbers, keyword arguments by their names. */
    private static List<ModelInput> inputs(String spec) {
        return OutputNames.leaves(spec).stream()
                .map(path -> ModelInput.declared(path.replaceFirst("^[01]\\.", ""), "Tensor", false))
                .toList();
    }

    @Override
    public List<Tensor> call(String method, List<Tensor> arguments) {
        int inputs = description.method(method).inputs().size();
        if (arguments.size() != inputs)
            throw new IllegalArgumentException("it takes " + inputs + " tensors, not " + arguments.size());
        try {
            TensorVector results = runner.run(new TensorVector(arguments.toArray(Tensor[]::new)));
            List<Tensor> tensors = new ArrayList<>();
            for (long i = 0; i < results.size(); i++) tensors.add(new Tensor(results.get(i)));
            return tensors;
        } catch (RuntimeException e) {
            if (!LibTorch.isNative(e)) throw e;
            throw new OperatorException(method, "the compiled code fails; libtorch wrote why to standard error", e);
        }
    }

    @Override
    public void answerAsExported(boolean asExported) {
        if (!asExported) throw new IllegalStateException("the mode is compiled into the model");
    }

    @Override
    public void dispose() {
        runner.close();
        TemporaryFiles.delete(folder);
    }
}
