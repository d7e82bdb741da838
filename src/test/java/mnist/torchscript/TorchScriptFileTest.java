package mnist.torchscript;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mnist.UsesLibTorch;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchScriptFileTest implements UsesLibTorch {
    @TempDir
    Path folder;

    /** A convolution without padding and a linear layer, with a method that answers two tensors. */
    private static final class Tiny extends Network {
        final Conv2dImpl conv1 = conv2d("conv1", 1, 2, 5, 0);
        final LinearImpl linear1 = linear("linear1", 24, 3);
        private final String both;

        Tiny(String both) {
            super("Tiny");
            this.both = both;
        }

        @Override
        public Tensor forward(Tensor x) { // N×1×28×28
            return linear1.forward(torch.relu(conv1.forward(x))); // N×2×24×3
        }

        @Override
        public String torchScript() {
            return """
                    def forward(self, x):
                        return self.linear1.forward(torch.relu(self.conv1.forward(x)))

                    def both(self, x, y):
                        return %s
                    """.formatted(both);
        }

        @Override
        public List<Call> callAll(Tensor x) {
            return List.of(
                    Call.of("forward", x, forward(x)), new Call("both", List.of(x, x), List.of(x.add(x), forward(x))));
        }
    }

    private static JitModule load(Path file, ExtraFilesMap extra) {
        return torch.load(file.toString(), new DeviceOptional(new Device("cpu")), extra, false);
    }

    @Test
    void theFileAnswersBitForBitWhatJavaAnswersAndCarriesItsTexts() {
        Path file = folder.resolve("tiny.pt");
        Tiny network = new Tiny("x + y, self.forward(x)");
        Tensor images = torch.rand(3, 1, 28, 28);
        TorchScriptFile.save(file, network, Map.of("run.json", "{\"seed\": 1, \"text\": \"×\"}"), images);
        ExtraFilesMap extra = new ExtraFilesMap();
        extra.put(new BytePointer("run.json"), new BytePointer(""));
        JitModule script = load(file, extra);
        assertTrue(torch.equal(
                network.forward(images),
                TorchScriptFile.call(script, "forward", List.of(images)).get(0)));
        assertEquals(
                2, TorchScriptFile.call(script, "both", List.of(images, images)).size());
        assertEquals(
                "{\"seed\": 1, \"text\": \"×\"}",
                extra.get(new BytePointer("run.json")).getString());
        assertFalse(script.is_training());
        assertArrayEquals(new String[] {"tiny.pt"}, folder.toFile().list());
    }

    @Test
    void whatWasSavedIsLoadedWithItsRecordOrWithoutOne() {
        Path file = folder.resolve("tiny.pt");
        Tiny network = new Tiny("x + y, self.forward(x)");
        Tensor images = torch.rand(3, 1, 28, 28);
        TorchScriptFile.save(file, network, Map.of("run.json", "{}"), images);
        TorchScriptFile.Scripted loaded = TorchScriptFile.load(file, new Device("cpu"));
        assertEquals("{}", loaded.record());
        assertTrue(torch.equal(network.forward(images), loaded.forward(images)));
        assertTrue(loaded.has("both"));
        assertFalse(loaded.has("encode"));
        TorchScriptFile.save(file, network, Map.of(), images);
        assertEquals("", TorchScriptFile.load(file, new Device("cpu")).record());
    }

    @Test
    void scriptThatAnswersDifferentlyIsRefusedAndTheOldFileStays() throws IOException {
        Path file = folder.resolve("tiny.pt");
        Files.writeString(file, "old");
        for (String wrong : List.of("x + y, self.forward(x) * 1.0000001", "x - y, self.forward(x)")) {
            IllegalStateException error = assertThrows(
                    IllegalStateException.class,
                    () -> TorchScriptFile.save(file, new Tiny(wrong), Map.of(), torch.rand(3, 1, 28, 28)));
            assertEquals("TorchScript's both and Java's answer differently", error.getMessage());
        }
        assertEquals("old", Files.readString(file));
        assertArrayEquals(new String[] {"tiny.pt"}, folder.toFile().list());
    }

    @Test
    void scriptThatDoesNotCompileIsRefusedAndTheOldFileStays() throws IOException {
        Path file = folder.resolve("tiny.pt");
        Files.writeString(file, "old");
        RuntimeException error = assertThrows(
                RuntimeException.class,
                () -> TorchScriptFile.save(
                        file, new Tiny("self.conv2.forward(x), x"), Map.of(), torch.rand(1, 1, 28, 28)));
        assertTrue(error.getMessage().contains("conv2"), error.getMessage());
        assertEquals("old", Files.readString(file));
    }

    @Test
    void savingTwiceGivesTheSameBytes() throws IOException {
        Tiny network = new Tiny("x + y, self.forward(x)");
        Tensor images = torch.rand(1, 1, 28, 28);
        TorchScriptFile.save(folder.resolve("a.pt"), network, Map.of("run.json", "{}"), images);
        byte[] first = Files.readAllBytes(folder.resolve("a.pt"));
        TorchScriptFile.save(folder.resolve("a.pt"), network, Map.of("run.json", "{}"), images);
        assertArrayEquals(first, Files.readAllBytes(folder.resolve("a.pt")));
    }
}
