package libtorch.export;

import static libtorch.export.ExportedProgramTest.LINEAR;
import static libtorch.export.ExportedProgramTest.RELU;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.MethodGraph;
import libtorch.nn.MethodGraph.Node;
import libtorch.nn.MethodGraph.Ref;
import libtorch.nn.MethodGraph.Symbol;
import libtorch.nn.OperatorException;
import libtorch.nn.SavedNetwork;
import mnist.PythonRun;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelTest implements UsesLibTorch {
    private static final Path SAVED = Path.of("saved");

    @TempDir
    Path folder;

    private Path hand() throws IOException {
        return ExportedProgramTest.write(folder, ExportedProgramTest.program(List.of(LINEAR, RELU), "relu", "linear"));
    }

    @Test
    void javasArraysGoInAndOut() throws IOException {
        try (Model model = Model.open(hand())) { // (1·1 + 2·2 − 10, 3·1 + 4·2 + 20), then relu
            assertArrayEquals(new float[] {0, 31}, model.call(new float[] {1, 2}, 1, 2));
            ModelCall.Results results =
                    model.with("x", new float[] {1, 2, 10, 0}, 2, 2).call();
            assertEquals(List.of("0", "1"), results.names());
            assertArrayEquals(new float[] {-5, 31, 0, 50}, results.floats("1"));
            assertArrayEquals(new long[] {0, 31, 0, 50}, results.longs());
            assertArrayEquals(new long[] {2, 2}, results.shape("1"));
        }
    }

    @Test
    void arraysThatDoNotFitAreRefusedInJava() throws IOException {
        try (Model model = Model.open(hand())) {
            Map<Runnable, String> wrong = new LinkedHashMap<>();
            wrong.put(() -> model.call(new float[7], 1, 2), "7 values do not fill a tensor of shape [1, 2]");
            wrong.put(() -> model.call(new float[2], -1, -2), "2 values do not fill a tensor of shape [-1, -2]");
            wrong.put(() -> model.call(new float[3], 1, 3), "x is of sizes [1, 3], not [s77, 2]");
            wrong.put(() -> model.call(new long[2], 1, 2), "x is of type Long, not Float");
            wrong.put(() -> model.with("y", new float[2], 1, 2).call(), "the model needs an input x, beside [y]");
            wrong.put(() -> model.with("x", new float[2], 1, 2).call("go"), "there is no method go but [forward]");
            wrong.forEach((call, words) -> assertEquals(
                    words,
                    assertThrows(IllegalArgumentException.class, call::run).getMessage()));
        }
    }

    @Test
    void integersThatTheInputsTypeCannotHoldAreRefused() throws IOException {
        Map<ScalarType, Long> tooLarge = Map.of(
                ScalarType.Int, 1L << 31, ScalarType.Short, -40_000L, ScalarType.Byte, 256L, ScalarType.Bool, 2L);
        for (Map.Entry<ScalarType, Long> entry : tooLarge.entrySet()) {
            ScalarType type = entry.getKey();
            Symbol x = new Symbol("x", type, List.of(MethodGraph.BATCH, 2L));
            Symbol copy = new Symbol("copy", type, x.shape());
            Node clone = new Node("clone", Map.of("self", new Ref("x")), List.of(copy));
            MethodGraph forward = new MethodGraph("forward", List.of(x), List.of(clone), List.of("copy"), false);
            SavedNetwork program = new SavedNetwork("Hand", List.of(forward), Map.of(), Map.of());
            try (Model model = Model.open(ExportedProgramTest.write(folder, program))) {
                assertArrayEquals(new float[] {0, 1}, model.call(new long[] {0, 1}, 1, 2));
                assertEquals(
                        "x is of type " + type + ", which does not hold " + entry.getValue(),
                        assertThrows(
                                        IllegalArgumentException.class,
                                        () -> model.call(new long[] {1, entry.getValue()}, 1, 2))
                                .getMessage());
            }
        }
    }

    private Path script(String code) {
        Path file = folder.resolve("script.pt");
        JitModule script = new JitModule(new QualifiedName("Script"));
        script.define(code);
        script.save(file.toString());
        return file;
    }

    @Test
    void theWeightsOfTorchScriptAreFreedWhenItIsClosed() {
        Path file = folder.resolve("large.pt");
        try (PointerScope scope = new PointerScope()) {
            JitModule script = new JitModule(new QualifiedName("Large"));
            script.register_buffer("weight", Tensors.of(new float[1 << 20], 1 << 20)); // 4 MiB
            script.define("def forward(self, x):\n    return x + self.weight[0]\n");
            script.save(file.toString());
        }
        long before = Pointer.physicalBytes();
        for (int i = 0; i < 64; i++) {
            try (Model model = Model.open(file)) {
                assertArrayEquals(new float[] {3}, model.call(new float[] {3}, 1));
            }
        }
        long kept = Pointer.physicalBytes() - before;
        assertTrue(kept < 128 << 20, kept + " bytes"); // 256 MiB if every weight were kept
    }

    @Test
    void torchScriptTakesItsInputsByTheNamesInItsSchema() {
        Path file = script("def forward(self, a, b, n: int = 2):\n    return (a - b) * n, a\n");
        try (Model model = Model.open(file)) {
            assertEquals(
                    List.of("a: Tensor", "b: Tensor", "n: Long number, may be left out"),
                    model.inputs("forward").stream()
                            .map(ModelInput::description)
                            .toList());
            assertEquals(
                    List.of("Tensor", "Tensor"),
                    model.description().method("forward").outputTypes());
            ModelCall call = model.with("b", new float[] {1, 2}, 2).with("a", new float[] {5, 5}, 2);
            assertArrayEquals(new float[] {8, 6}, call.call().floats());
            assertArrayEquals(
                    new float[] {12, 9}, call.with("n", new long[] {3}).call().floats());
            assertEquals(
                    "the model needs an input a, beside [c]",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> model.with("c", new float[1], 1).call())
                            .getMessage());
        }
    }

    @Test
    void resultsOfTorchScriptInContainersAreNamedAsThoseOfPrograms() {
        Path file = script("""
                def forward(self, x):
                    return {"a": x, "b": x + 1}, [x + 2], ((x + 3, 4, 0.5), None, "text", True)
                def lone(self, x):
                    return {"a": [x, x + 1]}
                def numbers(self, x):
                    return [1, 2]
                def same(self, x):
                    return {"a.0": {"b": x}, "a": {"0.b": x + 1}}
                """);
        try (PointerScope scope = new PointerScope();
                Model model = Model.open(file)) {
            ModelCall call = model.with("x", new float[] {1}, 1);
            Map<String, Float> results = new LinkedHashMap<>();
            call.call().names().forEach(name -> results.put(name, call.call().floats(name)[0]));
            assertEquals("{0.a=1.0, 0.b=2.0, 1.0=3.0, 2.0.0=4.0, 2.0.1=4.0, 2.0.2=0.5, 2.3=1.0}", results.toString());
            assertArrayEquals(new long[0], call.call().shape("2.0.1"));
            assertEquals(
                    "[0, 1, 2.0.0, 2.0.1, 2.0.2, 2.1, 2.2, 2.3]",
                    model.description().method("forward").outputs().toString());
            assertEquals("[a.0, a.1]", call.call("lone").names().toString());
            assertArrayEquals(new float[] {2}, call.call("lone").floats("a.1"));
            assertEquals("[0, 1]", call.call("numbers").names().toString());
            assertArrayEquals(new long[] {2}, call.call("numbers").longs("1"));
            assertEquals("[0, 1]", call.call("same").names().toString());
            assertEquals(
                    7,
                    model.call("forward", List.of(Tensors.of(new float[1], 1))).size());
        }
    }

    @Test
    void torchScriptFromPythonNamesItsResultsAsTheSameNetworkExported() throws Exception {
        Files.writeString(folder.resolve("containers.py"), """
                import torch
                from typing import Dict, List, Optional, Tuple
                class Containers(torch.nn.Module):
                    def forward(self, x) -> Tuple[Dict[str, torch.Tensor], List[torch.Tensor],
                            Optional[torch.Tensor], Tuple[torch.Tensor, int, float, bool]]:
                        return {"z": x, "a": x + 1}, [x * 2, x * 3], None, (x - 1, 3, 0.5, True)
                """); // TorchScript reads the source
        PythonRun.of(ProgramTest.TORCH + "; import sys", """
                sys.path.append(sys.argv[1])
                from containers import Containers
                torch.jit.script(Containers()).save(sys.argv[1] + "/containers.pt")
                exported = torch.export.export(Containers(), (torch.ones(2),))
                torch.export.save(exported, sys.argv[1] + "/containers.pt2")
                """, folder);
        try (Model script = Model.open(folder.resolve("containers.pt"));
                Model exported = Model.open(folder.resolve("containers.pt2"))) {
            ModelCall.Results expected =
                    exported.with("x", new float[] {1, 2}, 2).call();
            ModelCall.Results actual = script.with("x", new float[] {1, 2}, 2).call();
            assertEquals(expected.names(), actual.names());
            for (String name : expected.names()) assertArrayEquals(expected.floats(name), actual.floats(name), name);
        }
    }

    @Test
    void whatTorchScriptRefusesIsSaidInOneLine() {
        Path file = script("""
                def forward(self, x):
                    assert x.size(0) != 3, "three are one too many"
                    return torch.mm(x, x)
                """);
        try (PointerScope scope = new PointerScope();
                Model model = Model.open(file)) {
            Map<Runnable, String> wrong = new LinkedHashMap<>();
            wrong.put(
                    () -> model.call(new float[8], 2, 4),
                    "forward: mat1 and mat2 shapes cannot be multiplied (2x4 and 2x4)");
            wrong.put(() -> model.call(new float[3], 3, 1), "forward: AssertionError: three are one too many");
            Tensor x = Tensors.of(new float[1], 1, 1);
            wrong.put(
                    () -> model.call("forward", List.of(x, x)),
                    "forward: Expected at most 2 argument(s) for operator 'forward', but received 3 argument(s)."
                            + " Declaration: forward(__torch__.Script self, Tensor x) -> Tensor");
            wrong.forEach((call, words) -> assertEquals(
                    words, assertThrows(OperatorException.class, call::run).getMessage()));
        }
    }

    @Test
    void sparseAndComplexTensorsAreNamedWhereTheyCannotBeTaken() throws IOException {
        try (PointerScope scope = new PointerScope();
                Model model = Model.open(hand());
                Model fft = Model.open(script("def forward(self, x):\n    return torch.fft_fft(x)\n"))) {
            Tensor sparse = Tensors.of(new float[] {1, 2}, 1, 2).to_sparse();
            assertEquals(
                    "x is sparse or quantized: give it as a dense tensor of numbers",
                    assertThrows(IllegalArgumentException.class, () -> model.call("forward", sparse))
                            .getMessage());
            Tensor complex = fft.call("forward", Tensors.of(new float[] {1, 2}, 2)); // 3, −1
            assertArrayEquals(new float[] {3, -1}, Tensors.floats(org.bytedeco.pytorch.global.torch.real(complex)));
            assertEquals(
                    "result 0 is complex, sparse or quantized, for which Java has no arrays: call with tensors",
                    assertThrows(IllegalArgumentException.class, () -> fft.call(new float[] {1, 2}, 2))
                            .getMessage());
            Json number = Json.parse(
                    "number", "{\"as_complex\": {\"real\": 1.0, \"imag\": 2.0}}".getBytes(StandardCharsets.UTF_8));
            Device cpu = new Device("cpu");
            Tensor product = new ArgumentReader(new HashSet<>(), cpu)
                    .read("Tensor", number)
                    .get(Step.Values.of(Map.of(), cpu))
                    .toTensor()
                    .mul(complex); // (1 + 2i)·(3, −1)
            assertArrayEquals(new float[] {6, -2}, Tensors.floats(org.bytedeco.pytorch.global.torch.imag(product)));
        }
    }

    @Test
    void anArchiveOfAnotherSchemaSaysWhichAndWhoWroteIt() throws IOException {
        Path file = folder.resolve("future.pt2");
        try (ExportedArchive archive = new ExportedArchive(SAVED.resolve("mnist_cnn.pt2"));
                StoredZip zip = new StoredZip(file, "future")) {
            for (String name : archive.names("", "")) {
                if (!name.equals("models/model.json")) zip.add(name, archive.content(name));
                else
                    zip.add(
                            name,
                            archive.text(name)
                                    .replaceFirst("\"major\": ?8", "\"major\":9")
                                    .replaceFirst("(\"torch_version\": ?)\"[^\"]*\"", "$1\"3.1.0\""));
            }
        }
        assertRefused(file, "its schema is not 8, the one that can be read; it has schema 9");
        assertRefused(file, "written by PyTorch 3.1.0); have PyTorch 2.10 export the network");
        Path old = folder.resolve("old.pt2");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(old))) {
            zip.putNextEntry(new ZipEntry("serialized_exported_program.json"));
        }
        assertRefused(old, "is a program of torch.export in the format of an older PyTorch");
        assertRefused(SAVED.resolve("mnist_cnn.onnx"), "is an ONNX model");
    }

    @Test
    void modelsAreRecognisedByTheirContent() throws IOException {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("mnist_cnn.pth", "holds weights without a network (a state_dict)");
        words.put("mnist_cnn.safetensors", "holds weights without a network (safetensors)");
        for (String name : List.of("mnist_cnn.pt", "mnist_cnn.pt2", "mnist_cnn.pth", "mnist_cnn.safetensors")) {
            Path file = folder.resolve("model.bin");
            Files.write(file, Files.readAllBytes(SAVED.resolve(name)));
            if (words.containsKey(name)) assertRefused(file, words.get(name));
            else
                try (Model model = Model.open(file)) {
                    assertEquals(10, model.call(new float[784], 1, 1, 28, 28).length);
                }
        }
        Path text = Files.writeString(folder.resolve("text.pt2"), "no model at all");
        assertRefused(text, "is no model that can be opened");
        assertRefused(folder.resolve("missing.pt2"), "cannot read");
        Path damaged = Files.write(folder.resolve("damaged.pt2"), new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0});
        assertRefused(damaged, "is damaged");
    }

    private static void assertRefused(Path file, String words) {
        LibTorchException error = assertThrows(LibTorchException.class, () -> Model.open(file));
        assertTrue(error.getMessage().contains(words), error.getMessage());
        assertFalse(error.getMessage().contains("\n"), error.getMessage());
    }

    @Test
    void aModelLivesUntilItIsClosedAndItsResultsBelongToTheCaller() throws IOException {
        Path file = hand();
        Model model;
        try (PointerScope opening = new PointerScope()) {
            model = Model.open(file, new Device("cpu"));
        }
        Tensor answer;
        try (PointerScope caller = new PointerScope()) {
            answer = model.call("forward", Tensors.of(new float[] {1, 2}, 1, 2));
            model.close();
            assertArrayEquals(new float[] {0, 31}, Tensors.floats(answer));
        }
        assertTrue(answer.isNull());
        model.close();
        IllegalStateException closed =
                assertThrows(IllegalStateException.class, () -> model.call(new float[] {1, 2}, 1, 2));
        assertEquals("model hand.pt2 is closed", closed.getMessage());
    }

    @Test
    void closingWhileThreadsCallIsSafe() throws Exception {
        Path file = hand();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        for (int round = 0; round < 20; round++) {
            Model model = Model.open(file);
            CountDownLatch called = new CountDownLatch(8);
            AtomicInteger refused = new AtomicInteger();
            List<Future<?>> calls = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                calls.add(threads.submit(() -> {
                    try {
                        while (true) {
                            assertArrayEquals(new float[] {0, 31}, model.call(new float[] {1, 2}, 1, 2));
                            called.countDown();
                        }
                    } catch (IllegalStateException closed) {
                        if (closed.getMessage().equals("model hand.pt2 is closed")) refused.incrementAndGet();
                    }
                }));
            }
            called.await();
            model.close();
            for (Future<?> call : calls) call.get();
            assertEquals(8, refused.get());
        }
        threads.shutdown();
    }

    @Test
    @Tag("soak")
    void memoryIsFlatWhenModelsAreOpenedAndClosedAndCalledByThreads() throws Exception {
        Path file = SAVED.resolve("mnist_cnn.pt2");
        openAndClose(file, 200);
        long before = Pointer.physicalBytes();
        openAndClose(file, 1000);
        long opened = Pointer.physicalBytes() - before;
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (Model model = Model.open(file)) {
            callFrom(threads, model, 2_000);
            before = Pointer.physicalBytes();
            callFrom(threads, model, 100_000);
        }
        long called = Pointer.physicalBytes() - before;
        threads.shutdown();
        System.out.printf(
                "memory grew by %d kB in 1000 openings, %d kB in 100,000 calls%n", opened >> 10, called >> 10);
        assertTrue(opened < 32 << 20, opened + " bytes in 1000 openings");
        assertTrue(called < 32 << 20, called + " bytes in 100,000 calls");
    }

    private static void openAndClose(Path file, int times) {
        for (int i = 0; i < times; i++) {
            try (Model model = Model.open(file)) {
                model.call(new float[784], 1, 1, 28, 28);
            }
        }
    }

    private static void callFrom(ExecutorService threads, Model model, int times) throws Exception {
        List<Future<?>> calls = new ArrayList<>();
        for (int thread = 0; thread < 8; thread++) {
            calls.add(threads.submit(() -> {
                org.bytedeco.pytorch.global.torch.set_num_threads(1);
                for (int i = 0; i < times / 8; i++) model.call(new float[784], 1, 1, 28, 28);
            }));
        }
        for (Future<?> call : calls) call.get();
    }
}
