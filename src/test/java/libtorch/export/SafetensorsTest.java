package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.LinearImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest implements UsesLibTorch {
    private static final class Pair extends Network {
        final LinearImpl linear1 = linear("linear1", 3, 2);
        final LinearImpl linear2 = linear("linear2", 2, 1);

        Pair() {
            super("Pair");
        }

        @Override
        public Activation forward(Activation x) {
            return x.linear(linear1).linear(linear2);
        }
    }

    @Test
    void theFileIsLaidOutAsTheFormatSays(@TempDir Path folder) throws IOException {
        Pair network = new Pair();
        Safetensors.save(folder.resolve("pair.safetensors"), network.state(), Map.of("run.json", "{}"));
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("pair.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) file.getLong();
        assertEquals(0, length % 8);
        byte[] text = new byte[length];
        file.get(text);
        JsonObject header =
                JsonParser.parseString(new String(text, StandardCharsets.UTF_8)).getAsJsonObject();
        assertEquals(
                "{}", header.getAsJsonObject("__metadata__").get("run.json").getAsString());
        assertEquals(
                List.of("__metadata__", "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"),
                List.copyOf(header.keySet()));
        // 2×3 + 2 + 1×2 + 1 floats of 4 bytes
        assertEntry(header, "linear1.weight", "[2,3]", "[0,24]");
        assertEntry(header, "linear1.bias", "[2]", "[24,32]");
        assertEntry(header, "linear2.weight", "[1,2]", "[32,40]");
        assertEntry(header, "linear2.bias", "[1]", "[40,44]");
        assertEquals(44, file.remaining());
        float[] weight = Tensors.floats(network.linear1.weight());
        for (float value : weight) assertEquals(value, file.getFloat());
        file.getFloat();
        file.getFloat();
        assertEquals(Tensors.floats(network.linear2.weight())[0], file.getFloat());
    }

    /** The first layer of a {@link Pair}. */
    private static final class Half extends Network {
        final LinearImpl linear1 = linear("linear1", 3, 2);

        Half() {
            super("Half");
        }

        @Override
        public Activation forward(Activation x) {
            return x.linear(linear1);
        }
    }

    @Test
    void weightsThatTheNetworkDoesNotHaveAreRefused(@TempDir Path folder) {
        Path file = folder.resolve("pair.safetensors");
        Safetensors.save(file, new Pair().state(), Map.of());
        LibTorchException error = assertThrows(LibTorchException.class, () -> Safetensors.load(file, new Half()));
        assertTrue(error.getMessage().contains("it also has linear2.bias"), error.getMessage());
    }

    @Test
    void whatWasSavedIsLoaded(@TempDir Path folder) {
        Path file = folder.resolve("pair.safetensors");
        Pair saved = new Pair();
        Safetensors.save(file, saved.state(), Map.of("run.json", "{\"×\": 1}"));
        Pair loaded = new Pair();
        assertEquals(Map.of("run.json", "{\"×\": 1}"), Safetensors.load(file, loaded));
        assertArrayEquals(Tensors.floats(saved.linear1.weight()), Tensors.floats(loaded.linear1.weight()));
        assertArrayEquals(Tensors.floats(saved.linear2.bias()), Tensors.floats(loaded.linear2.bias()));
    }

    @Test
    void headersThatLieAreRefused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("pair.safetensors");
        Safetensors.save(file, new Pair().state(), Map.of());
        String good = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        for (String[] lie : new String[][] {
            {"[40,44]", "[44,48]"},
            {"[40,44]", "[-4, 0]"},
            {"\"F32\"", "\"F64\""},
            {"[2,3]", "[3,2]"},
            {"[0,24]", "[  24]"},
            {"linear2.bias", "linear2.bios"},
            {"{\"__meta", "[\"__meta"}
        }) {
            assertTrue(good.contains(lie[0]), lie[0]);
            Files.write(file, good.replace(lie[0], lie[1]).getBytes(StandardCharsets.ISO_8859_1));
            LibTorchException error =
                    assertThrows(LibTorchException.class, () -> Safetensors.load(file, new Pair()), lie[1]);
            assertTrue(error.getMessage().startsWith(file + " "), error.getMessage());
        }
    }

    @Test
    void aHeaderOfNegativeLengthIsRefusedBeforeMemoryIsTakenForIt(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("negative.safetensors");
        ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, length.putLong(Long.MIN_VALUE + Integer.MAX_VALUE).array()); // as an int, 2 GiB
        LibTorchException error = assertThrows(LibTorchException.class, () -> Safetensors.read(file));
        assertTrue(error.getMessage().contains("its header is malformed"), error.getMessage());
    }

    private static void assertEntry(JsonObject header, String name, String shape, String offsets) {
        JsonObject entry = header.getAsJsonObject(name);
        assertEquals("F32", entry.get("dtype").getAsString());
        assertEquals(shape, entry.get("shape").toString());
        assertEquals(offsets, entry.get("data_offsets").toString());
    }
}
