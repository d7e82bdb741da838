package mnist;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import libtorch.LibTorchException;
import org.bytedeco.javacpp.PointerScope;

/**
 * Mutates files, in the same ways in every run: what is wrong with one must be a LibTorchException, in bounded time. A reader
 * may accept a mutated file. The number of mutations is a system property, which {@code make soak} raises.
 */
public final class Mutations {
    public static final int COUNT = Integer.getInteger("mutations", 2000);

    private static final double MOST_SECONDS = 10; // the slowest takes milliseconds

    /** Texts that numbers, names and structures of the formats are replaced with. */
    private static final String[] TEXTS = {
        "null",
        "{}",
        "[]",
        "\"\"",
        "-1",
        "0",
        "1e999",
        "9223372036854775807",
        "99999999999",
        "NaN",
        "[[[[",
        "\n",
        "=",
        "\\u"
    };

    private Mutations() {}

    /** Reads a valid file, and then so many mutations of it. */
    public static void check(byte[] valid, Path file, int count, Consumer<Path> reader) throws IOException {
        Files.write(file, valid);
        reader.accept(file);
        for (int i = 0; i < count; i++) {
            Files.write(file, mutated(valid, new Random(i)));
            check(file.getFileName() + ", mutation " + i, () -> reader.accept(file));
        }
    }

    static void check(String what, Runnable reader) {
        long start = System.nanoTime();
        try (PointerScope scope = new PointerScope()) {
            reader.run();
        } catch (LibTorchException expected) {
            assertTrue(!expected.getMessage().contains("\n"), what + ": " + expected.getMessage());
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what + " is no LibTorchException", e);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        assertTrue(seconds < MOST_SECONDS, what + " takes " + seconds + " seconds");
    }

    /** Changes one to four places; one in a hundred is nothing but random bytes. */
    private static byte[] mutated(byte[] valid, Random random) {
        if (random.nextInt(100) == 0) return bytes(random, random.nextInt(200));
        byte[] content = valid;
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            int from = random.nextInt(content.length + 1);
            int rest = content.length - from;
            switch (random.nextInt(5)) {
                case 0 -> content = Arrays.copyOf(content, from);
                case 1 -> content = replaced(content, from, Math.min(rest, 1), bytes(random, 1));
                case 2 ->
                    content = replaced(
                            content, from, Math.min(rest, random.nextInt(9)), bytes(random, random.nextInt(9)));
                case 3 -> content = replaced(content, from, Math.min(rest, random.nextInt(12)), text(random));
                default -> { // a part of the file, once more
                    int length = random.nextInt(Math.min(rest, 40) + 1);
                    content = replaced(content, from, 0, Arrays.copyOfRange(content, from, from + length));
                }
            }
        }
        return content;
    }

    private static byte[] bytes(Random random, int n) {
        byte[] bytes = new byte[n];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] text(Random random) {
        return TEXTS[random.nextInt(TEXTS.length)].getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] replaced(byte[] content, int from, int length, byte[] replacement) {
        return ByteBuffer.allocate(content.length - length + replacement.length)
                .put(content, 0, from)
                .put(replacement)
                .put(content, from + length, content.length - from - length)
                .array();
    }
}
