package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.OperatorException;
import mnist.PythonRun;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packages of AOTInductor, where Python can make one. */
class CompiledModelTest implements UsesLibTorch {
    private static final String COMPILER = ProgramTest.TORCH + "; import shutil; assert shutil.which('g++')";

    @TempDir
    static Path folder;

    private record Expected(float[] inputs, float[] answers) {}

    @BeforeAll
    static void compile() throws Exception {
        PythonRun.of(COMPILER, Files.readString(Path.of("src/test/resources/export/compile.py")), folder);
    }

    private static long unpacked() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(path -> path.getFileName().toString().startsWith("compiled"))
                    .count();
        }
    }

    @Test
    void aPackageAnswersAsInPythonAndLeavesNothingBehind() throws IOException {
        Path file = folder.resolve("compiled.pt2");
        Expected expected = new Gson().fromJson(Files.readString(folder.resolve("compiled.json")), Expected.class);
        long before = unpacked();
        assertTrue(Model.isCompiled(file));
        try (Model model = Model.openTrusted(file, new Device("cpu"))) {
            assertEquals(before + 1, unpacked());
            assertArrayEquals(expected.answers, model.call(expected.inputs, 4, 5), 1e-6f);
            assertEquals(
                    "the file does not name the inputs of forward: give them as 0, 1, ... in their order, not as [x]",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> model.with("x", expected.inputs, 4, 5).call())
                            .getMessage());
        }
        assertEquals(before, unpacked());
    }

    @Test
    void whatAPackageRefusesIsSaidInOneLine() {
        try (PointerScope scope = new PointerScope();
                Model model = Model.openTrusted(folder.resolve("compiled.pt2"), new Device("cpu"))) {
            Tensor sparse = Tensors.of(new float[20], 4, 5).to_sparse();
            OperatorException error =
                    assertThrows(OperatorException.class, () -> model.call("forward", List.of(sparse)));
            assertEquals("forward: the compiled code fails; libtorch wrote why to standard error", error.getMessage());
        }
    }

    @Test
    void aPackageIsNotOpenedWithoutConsent() throws IOException {
        long before = unpacked();
        assertRefused(() -> Model.open(folder.resolve("compiled.pt2")), "is compiled: machine code");
        assertEquals(before, unpacked());
    }

    @Test
    void aPackageForAnotherMachineIsRefused() throws IOException {
        long before = unpacked();
        Map<String, String> changes = new LinkedHashMap<>();
        changes.put("\"AOTI_DEVICE_KEY\": \"cpu\" -> \"AOTI_DEVICE_KEY\": \"cuda\"", "for the device cuda, not cpu");
        changes.put("\"AOTI_MACHINE\": \"[^\"]*\" -> \"AOTI_MACHINE\": \"riscv\"", "for the processor riscv, not ");
        changes.put("\"AOTI_CPU_ISA\": \"[^\"]*\" -> \"AOTI_CPU_ISA\": \"AMX_9\"", "for a processor with AMX_9");
        for (Map.Entry<String, String> change : changes.entrySet()) {
            String[] words = change.getKey().split(" -> ");
            Path file = edited(words[0], words[1]);
            assertRefused(() -> Model.openTrusted(file, new Device("cpu")), change.getValue());
        }
        assertEquals(before, unpacked());
    }

    private static void assertRefused(Runnable open, String words) {
        LibTorchException error = assertThrows(LibTorchException.class, open::run);
        assertTrue(error.getMessage().contains(words), error.getMessage());
    }

    /** Writes the package with other metadata. */
    private static Path edited(String old, String replacement) throws IOException {
        Path file = folder.resolve("edited.pt2");
        try (ZipFile in = new ZipFile(folder.resolve("compiled.pt2").toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (ZipEntry entry : Collections.list(in.entries())) {
                byte[] content = in.getInputStream(entry).readAllBytes();
                if (entry.getName().endsWith("_metadata.json"))
                    content = new String(content, StandardCharsets.UTF_8)
                            .replaceAll(old, replacement)
                            .getBytes(StandardCharsets.UTF_8);
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(content);
            }
        }
        return file;
    }
}
