package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import mnist.PythonRun;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles examples/finetune against the library's classes, and does what it shows. */
class FineTuneExampleTest implements UsesLibTorch {
    private static final Path EXAMPLE = Path.of("examples/finetune");

    @TempDir
    Path folder;

    @Test
    void aHeadFromJavaIsTrainedTheFrozenLayersStayAndPythonAnswersAlike() throws Exception {
        Path body = folder.resolve("body.pt2");
        Path tuned = folder.resolve("tuned.pt2");
        PythonRun.of(ProgramTest.TORCH, Files.readString(EXAMPLE.resolve("export.py")), body);
        int compiled = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-d",
                        folder.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EXAMPLE.resolve("src/main/java/finetune/FineTune.java").toString());
        assertEquals(0, compiled);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Object accuracy = loader.loadClass("finetune.FineTune")
                    .getMethod("run", Path.class, Path.class)
                    .invoke(null, body, tuned);
            assertTrue((double) accuracy >= 0.9, "accuracy " + accuracy);
        }
        try (PointerScope scope = new PointerScope()) {
            Program before = Program.open(body, new Device("cpu"));
            Program after = Program.open(tuned, new Device("cpu"));
            before.state().forEach((name, tensor) -> {
                boolean frozen = name.matches("(stem|layer1).*\\.(weight|bias)");
                assertEquals(frozen, Weights.sameBits(tensor, after.state().get("body." + name)), name);
            });
            Tensor x = torch.arange(new Scalar(2 * 3 * 32 * 32.0))
                    .remainder(new Scalar(11))
                    .div(new Scalar(11))
                    .view(2, 3, 32, 32);
            Path onnx = folder.resolve("tuned.onnx");
            Networks.save(after, x, onnx); // what was saved is a program again, and has other formats
            String answers = PythonRun.of(ProgramTest.TORCH + "; import onnxruntime", """
                    import sys, json
                    x = (torch.arange(2 * 3 * 32 * 32.) % 11 / 11).view(2, 3, 32, 32)
                    print(json.dumps(torch.export.load(sys.argv[1]).module()(x).flatten().tolist()))
                    session = onnxruntime.InferenceSession(sys.argv[2], providers=["CPUExecutionProvider"])
                    print(json.dumps(session.run(None, {"images": x.numpy()})[0].flatten().tolist()))
                    """, tuned, onnx);
            List<String> lines =
                    answers.lines().filter(text -> text.startsWith("[")).toList();
            assertEquals(2, lines.size());
            for (String line : lines)
                assertArrayEquals(
                        new Gson().fromJson(line, float[].class), libtorch.Tensors.floats(after.forward(x)), 1e-5f);
        }
    }
}
