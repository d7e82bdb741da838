package mnist;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import mnist.data.Mnist;
import mnist.distributed.Rank;
import mnist.formats.Safetensors;
import mnist.formats.StateDict;
import mnist.model.Network;
import mnist.model.Value;
import mnist.prob3.SigmoidNetwork;
import mnist.run.RunRecord;
import mnist.runtime.UserError;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Reads mutated files, the same ones in every run: what is wrong with one is a UserError, in bounded time. A reader may
 * accept a mutated file. The number of mutations is a system property, which {@code make soak} raises.
 */
class MutationTest implements UsesLibTorch {
    private static final int MUTATIONS = Integer.getInteger("mutations", 2000);
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

    @TempDir
    private Path folder;

    private static final class Small extends Network {
        final LinearImpl linear1 = linear("linear1", 3, 2);

        Small() {
            super("Small");
        }

        @Override
        public Value forward(Value x) {
            return x.linear(linear1);
        }
    }

    private void check(byte[] valid, String name, Consumer<Path> reader) throws IOException {
        Path file = Files.write(folder.resolve(name), valid);
        reader.accept(file);
        for (int i = 0; i < MUTATIONS; i++) {
            Files.write(file, mutated(valid, new Random(i)));
            check(name + ", mutation " + i, () -> reader.accept(file));
        }
    }

    private static void check(String what, Runnable reader) {
        long start = System.nanoTime();
        try (PointerScope scope = new PointerScope()) {
            reader.run();
        } catch (UserError expected) {
            assertTrue(!expected.getMessage().contains("\n"), what + ": " + expected.getMessage());
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what + " is no UserError", e);
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

    @Test
    void idxFiles() throws IOException {
        byte[] images = ByteBuffer.allocate(16 + 2 * 784)
                .putInt(0x803)
                .putInt(2)
                .putInt(28)
                .putInt(28)
                .array();
        byte[] labels = ByteBuffer.allocate(8 + 2).putInt(0x801).putInt(2).array();
        for (String split : new String[] {"train", "t10k"}) {
            Files.write(folder.resolve(split + "-images-idx3-ubyte"), images);
            Files.write(folder.resolve(split + "-labels-idx1-ubyte"), labels);
        }
        Consumer<Path> reader =
                file -> Mnist.load(folder, /*verified*/ false, null, null, new Device("cpu"), ScalarType.Float);
        check(labels, "t10k-labels-idx1-ubyte", reader);
        Files.write(folder.resolve("t10k-labels-idx1-ubyte"), labels);
        check(images, "t10k-images-idx3-ubyte", reader);
    }

    @Test
    void safetensors() throws IOException {
        Path file = folder.resolve("valid.safetensors");
        Safetensors.save(file, new Small().state(), Map.of("run.json", "{}"));
        check(Files.readAllBytes(file), "small.safetensors", mutated -> Safetensors.load(mutated, new Small()));
    }

    @Test
    void stateDicts() throws IOException {
        Path file = folder.resolve("valid.pth");
        StateDict.save(file, new Small().state(), Map.of("run.json", "{}"));
        check(Files.readAllBytes(file), "small.pth", mutated -> StateDict.load(mutated, new Small()));
    }

    @Test
    void runRecords() throws IOException {
        byte[] record = Files.readAllBytes(Path.of("saved/mnist-cae-skip.json"));
        check(record, "record.json", file -> {
            RunRecord.read(file);
            try {
                new CommandLine(new Main()).parseArgs("prob6", "--from-record", file.toString());
            } catch (CommandLine.ParameterException refused) { // names the option, as of one that was typed
                if (refused.getCause() instanceof RuntimeException e
                        && !(e instanceof UserError)
                        && !(e instanceof CommandLine.TypeConversionException)) throw e;
            }
        });
    }

    @Test
    void networksOfProblem3() throws IOException {
        byte[] properties = Files.readAllBytes(Path.of("docs/prob3.properties"));
        check(properties, "network.properties", SigmoidNetwork::read);
    }

    @Test
    void variablesOfLaunchers() {
        String[] names = {
            "RANK",
            "WORLD_SIZE",
            "LOCAL_RANK",
            "LOCAL_WORLD_SIZE",
            "MASTER_ADDR",
            "MASTER_PORT",
            "SLURM_PROCID",
            "SLURM_NTASKS",
            "SLURM_LOCALID",
            "SLURM_STEP_TASKS_PER_NODE",
            "TORCHELASTIC_USE_AGENT_STORE",
            "TORCHELASTIC_RESTART_COUNT"
        };
        String[] values = {
            "",
            " ",
            "0",
            "1",
            "2",
            "-1",
            "3.5",
            "2(x3),1",
            "True",
            "localhost",
            "65536",
            "2147483647",
            "4294967296",
            "99999999999999999999",
            "٣",
            "x",
            "1e3"
        };
        for (int i = 0; i < 20 * MUTATIONS; i++) {
            Random random = new Random(i);
            Map<String, String> environment = new TreeMap<>();
            for (String name : names) {
                if (random.nextInt(4) > 0) environment.put(name, values[random.nextInt(values.length)]);
            }
            check(environment.toString(), () -> Rank.of(environment, random.nextBoolean() ? null : 2));
        }
    }
}
