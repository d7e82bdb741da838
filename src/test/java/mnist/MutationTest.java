package mnist;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import libtorch.LibTorchException;
import libtorch.distributed.Rank;
import libtorch.export.Safetensors;
import libtorch.export.StateDict;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import mnist.data.MnistFiles;
import mnist.prob3.SigmoidNetwork;
import mnist.run.RunRecord;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Reads mutated files and variables. A checkpoint's are in CheckpointTest. */
class MutationTest implements UsesLibTorch {
    @TempDir
    private Path folder;

    private static final class Small extends Network {
        final LinearImpl linear1 = linear("linear1", 3, 2);

        Small() {
            super("Small");
        }

        @Override
        public Activation forward(Activation x) {
            return x.linear(linear1);
        }
    }

    private void check(byte[] valid, String name, Consumer<Path> reader) throws IOException {
        Mutations.check(valid, folder.resolve(name), Mutations.COUNT, reader);
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
        Consumer<Path> reader = file ->
                MnistFiles.read(folder, /*verified*/ false).load(null, null, new Device("cpu"), ScalarType.Float);
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
                Main.commandLine("prob6").parseArgs("prob6", "--from-record", file.toString());
            } catch (CommandLine.ParameterException refused) { // names the option, as of one that was typed
                if (refused.getCause() instanceof RuntimeException e
                        && !(e instanceof LibTorchException)
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
        for (int i = 0; i < 20 * Mutations.COUNT; i++) {
            Random random = new Random(i);
            Map<String, String> environment = new TreeMap<>();
            for (String name : names) {
                if (random.nextInt(4) > 0) environment.put(name, values[random.nextInt(values.length)]);
            }
            Mutations.check(environment.toString(), () -> Rank.of(environment, random.nextBoolean() ? null : 2));
        }
    }
}
