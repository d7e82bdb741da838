package libtorch.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import libtorch.LibTorchException;
import libtorch.Tensors;
import libtorch.nn.Activation;
import libtorch.nn.Network;
import mnist.PythonRun;
import mnist.UsesLibTorch;
import org.bytedeco.pytorch.BatchNorm1dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateDictTest implements UsesLibTorch {
    @TempDir
    Path folder;

    /** As in src/test/resources/pth/make.py. */
    private static final class Pair extends Network {
        final LinearImpl linear1 = linear("linear1", 3, 2);
        final BatchNorm1dImpl norm1 = register_module("norm1", new BatchNorm1dImpl(new BatchNormOptions(2)));

        Pair() {
            super("Pair");
        }

        @Override
        public Activation forward(Activation x) {
            return x.linear(linear1).batchNorm(norm1);
        }
    }

    /** Two layers whose buffers must come between their parameters. */
    private static final class Twice extends Network {
        Twice() {
            super("Twice");
            register_module("norm1", new BatchNorm1dImpl(new BatchNormOptions(2)));
            register_module("norm2", new BatchNorm1dImpl(new BatchNormOptions(2)));
        }

        @Override
        public Activation forward(Activation x) {
            return x;
        }
    }

    private static void fill(Network network) {
        Map<String, Tensor> state = new LinkedHashMap<>();
        float next = 0;
        for (Map.Entry<String, Tensor> named :
                network.snapshot(List.of()).state().entrySet()) {
            float[] values = new float[(int) named.getValue().numel()];
            for (int i = 0; i < values.length; i++) values[i] = next++;
            state.put(named.getKey(), Tensors.of(values, named.getValue().shape()));
        }
        network.load(state);
    }

    private static void assertCounted(Pair network) {
        assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, Tensors.floats(network.linear1.weight()));
        assertArrayEquals(new float[] {6, 7}, Tensors.floats(network.linear1.bias()));
        assertArrayEquals(new float[] {8, 9}, Tensors.floats(network.norm1.weight()));
        assertArrayEquals(new float[] {10, 11}, Tensors.floats(network.norm1.bias()));
        assertArrayEquals(new float[] {12, 13}, Tensors.floats(network.norm1.running_mean()));
        assertArrayEquals(new float[] {14, 15}, Tensors.floats(network.norm1.running_var()));
        assertArrayEquals(new long[] {16}, Tensors.longs(network.norm1.num_batches_tracked()));
    }

    private Path save(Network network, Map<String, String> texts) {
        Path file = folder.resolve("ours.pth");
        StateDict.save(file, network.snapshot(List.of()).state(), texts);
        return file;
    }

    @Test
    void whatWasSavedIsLoadedWithItsTexts() {
        Pair saved = new Pair();
        fill(saved);
        Pair loaded = new Pair();
        assertEquals(Map.of("run.json", "×"), StateDict.load(save(saved, Map.of("run.json", "×")), loaded));
        assertCounted(loaded);
    }

    @Test
    void networksOfThousandsOfTensorsAreSaved(@TempDir Path folder) {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (int i = 0; i < 6000; i++) state.put("layers." + i + ".attention.output.projection.weight", torch.zeros(1));
        StateDict.save(folder.resolve("many.pth"), state, Map.of()); // which reads it back
    }

    @Test
    void sizesOfThreeBytesAreSavedAndLoaded() {
        Path file = folder.resolve("long.pth");
        Tensor weights = torch.arange(new Scalar(0x012345)).to(torch.ScalarType.Float);
        StateDict.save(file, Map.of("weights", weights), Map.of());
        Network network = new Network("Long") {
            {
                buffer("weights", torch.zeros(0x012345));
            }

            @Override
            public Activation forward(Activation x) {
                return x;
            }
        };
        StateDict.load(file, network);
        assertTrue(torch.equal(weights, network.state().get("weights")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "torch-1.13",
                "torch-2.10",
                "torch-2.15",
                "parameters-2.15",
                "views-1.13",
                "views-2.15",
                "legacy-2.10",
                "legacy-views-2.10",
                "protocol4-2.10"
            })
    void whatPythonSavedIsLoadedWhateverItsTypesAndStrides(String name) {
        Pair loaded = new Pair();
        assertEquals(Map.of(), StateDict.load(Path.of("src/test/resources/pth", name + ".pth"), loaded));
        assertCounted(loaded);
    }

    @Test
    void whatPythonSavesInEachOfItsFormatsAndProtocolsIsLoaded() throws Exception {
        PythonRun.of("import torch", """
                import sys
                pair = torch.nn.ModuleDict({"linear1": torch.nn.Linear(3, 2), "norm1": torch.nn.BatchNorm1d(2)})
                first = 0
                with torch.no_grad():
                    for tensor in pair.state_dict().values():
                        tensor.copy_(torch.arange(first, first + tensor.numel()).view(tensor.shape))
                        first += tensor.numel()
                for protocol in (2, 3, 4, 5):
                    for zipped in (False, True):
                        for parameters in (False, True):
                            name = f"{sys.argv[1]}/{protocol}{zipped}{parameters}.pth"
                            torch.save(pair.state_dict(keep_vars=parameters), name, pickle_protocol=protocol,
                                _use_new_zipfile_serialization=zipped)
                """, folder);
        File[] files = folder.toFile().listFiles();
        assertEquals(16, files.length);
        for (File file : files) {
            Pair loaded = new Pair();
            StateDict.load(file.toPath(), loaded);
            assertCounted(loaded);
        }
    }

    @Test
    void weightsOfOtherTypesAreConvertedInBothFormats() {
        for (ScalarType type :
                List.of(ScalarType.Half, ScalarType.BFloat16, ScalarType.Double, ScalarType.Long, ScalarType.Byte)) {
            Pair counted = new Pair();
            fill(counted);
            Map<String, Tensor> state = new LinkedHashMap<>();
            counted.state()
                    .forEach((name, tensor) -> state.put(name, tensor.detach().to(type)));
            Path pth = folder.resolve("converted.pth");
            StateDict.save(pth, state, Map.of());
            Path safetensors = folder.resolve("converted.safetensors");
            Safetensors.save(safetensors, state, Map.of());
            Pair loaded = new Pair();
            StateDict.load(pth, loaded);
            assertCounted(loaded);
            loaded = new Pair();
            Safetensors.load(safetensors, loaded);
            assertCounted(loaded);
        }
    }

    @Test
    void buffersOfOtherTypesThanFloatKeepThem() {
        Network network = new Network("Flags") {
            {
                for (ScalarType type : List.of(ScalarType.Bool, ScalarType.Int, ScalarType.Byte))
                    buffer(type.toString(), torch.ones(2).to(type));
            }

            @Override
            public Activation forward(Activation x) {
                return x;
            }
        };
        Path file = folder.resolve("flags.safetensors");
        Safetensors.save(file, network.snapshot(List.of()).state(), Map.of());
        Safetensors.read(file)
                .forEach((name, tensor) ->
                        assertEquals(name, tensor.scalar_type().intern().toString()));
        Path pth = save(network, Map.of());
        network.state().values().forEach(Tensor::zero_);
        StateDict.load(pth, network);
        network.state().forEach((name, tensor) -> assertEquals(2, tensor.sum().item_long(), name));
    }

    @Test
    void contentsLieAtMultiplesOf64AndTheSameWeightsGiveTheSameBytes() throws IOException {
        Pair network = new Pair();
        byte[] bytes = Files.readAllBytes(save(network, Map.of("run.json", "{}")));
        assertArrayEquals(bytes, Files.readAllBytes(save(network, Map.of("run.json", "{}"))));
        ByteBuffer zip = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (zip.getInt(at) == 0x04034b50) { // local headers of the zip format
            int start = at + 30 + zip.getShort(at + 26) + zip.getShort(at + 28);
            assertEquals(0, start % 64);
            at = start + zip.getInt(at + 18);
        }
        assertTrue(at > 64 * 10, "seven tensors and three other entries");
    }

    @Test
    void pythonOpensItWithItsKeysInOrder() throws Exception {
        Twice network = new Twice();
        fill(network);
        String output = PythonRun.of("import torch", """
                import sys
                loads = [torch.load(sys.argv[1], weights_only=True)]
                if int(torch.__version__.split(".")[0]) >= 2:
                    loads.append(torch.load(sys.argv[1], weights_only=True, mmap=True))
                for state in loads:
                    pair = torch.nn.ModuleDict({"norm1": torch.nn.BatchNorm1d(2), "norm2": torch.nn.BatchNorm1d(2)})
                    assert list(state) == list(pair.state_dict()), list(state)
                    assert [t.dtype for t in state.values()] == [t.dtype for t in pair.state_dict().values()]
                    print(pair.load_state_dict(state), torch.cat([t.reshape(-1) for t in state.values()]).tolist())
                """, save(network, Map.of()));
        for (String line : output.lines().toList()) {
            assertEquals(
                    "<All keys matched successfully> [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, "
                            + "11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0]",
                    line);
        }
        assertFalse(output.isEmpty());
    }

    @Test
    void weightsOfAnotherNetworkAreRefusedAsInSafetensors() {
        Path file = save(new Pair(), Map.of());
        Path safetensors = folder.resolve("ours.safetensors");
        Safetensors.save(safetensors, new Pair().snapshot(List.of()).state(), Map.of());
        String why = " does not fit the network: it lacks norm2.weight, and has linear1.bias, linear1.weight;"
                + " load weights that were saved from such a network";
        assertRefused(file + why, () -> StateDict.load(file, new Twice()));
        assertRefused(safetensors + why, () -> Safetensors.load(safetensors, new Twice()));
        Path twice = save(new Twice(), Map.of());
        assertRefused(
                twice
                        + " does not fit the network: it lacks linear1.weight, and has norm2.bias,"
                        + " norm2.num_batches_tracked; load weights that were saved from such a network",
                () -> StateDict.load(twice, new Pair()));
    }

    @Test
    void ofWeightsUnderOtherNamesSomeAreSaid() {
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        new Pair().state().forEach((name, tensor) -> renamed.put("module." + name, tensor));
        Path file = folder.resolve("module.pth");
        StateDict.save(file, renamed, Map.of());
        assertRefused(
                file + " does not fit the network: it lacks linear1.weight, and has module.linear1.bias,"
                        + " module.linear1.weight; load weights that were saved from such a network",
                () -> StateDict.load(file, new Pair()));
    }

    @Test
    void aMissingFileIsSaidToBeMissing() {
        Path file = folder.resolve("missing.pth");
        String missing = "cannot read " + file + " (no such file or folder); check the path and its permissions";
        assertRefused(missing, () -> StateDict.load(file, new Pair()));
        assertRefused(missing, () -> Safetensors.load(file, new Pair()));
        assertRefused(missing, () -> Program.open(file));
        assertRefused(missing, () -> Model.open(file));
    }

    private static void assertRefused(String expected, Executable load) {
        assertEquals(expected, assertThrows(LibTorchException.class, load).getMessage());
    }

    // Files that lie

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The pickle of a {@link Pair}, a character a byte. */
    private static String goodPickle() {
        return new String(StatePickle.write(new Pair().snapshot(List.of()).state()), StandardCharsets.ISO_8859_1);
    }

    private Path archive(int method, Object... namesAndContents) throws IOException {
        Path file = folder.resolve("theirs.pth");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                byte[] content = namesAndContents[i + 1] instanceof String text
                        ? latin1(text)
                        : (byte[]) namesAndContents[i + 1];
                ZipEntry entry = new ZipEntry((String) namesAndContents[i]);
                entry.setMethod(method);
                entry.setSize(content.length);
                CRC32 crc = new CRC32();
                crc.update(content);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(content);
                zip.closeEntry();
            }
        }
        return file;
    }

    /** Lets Java open a file with this pickle, and with the first storage of a {@link Pair}: 24 bytes. */
    private void assertPickleRefused(String why, String pickle) throws IOException {
        Path file = archive(ZipEntry.STORED, "a/data.pkl", pickle, "a/data/0", new byte[24]);
        assertRefused(
                file + " is not a state_dict (" + why + "); save it with torch.save(model.state_dict(), f)",
                () -> StateDict.load(file, new Pair()));
    }

    @Test
    void picklesBeyondAStateDictAreRefusedByName() throws IOException {
        String[][] cases = {
            {"its pickle names os.system", "cos\nsystem\n(X\2\0\0\0lstR."},
            {"its pickle names builtins.eval", "\200\2cbuiltins\neval\n(K\1tR."},
            {"its pickle names torch.load", "ctorch\nload\n."},
            {"its pickle names torch._utils._rebuild_tensor", "ctorch._utils\n_rebuild_tensor\n."},
            {"its pickle names a.?[31mred", "ca\n\33[31mred\n."},
            {"its pickle has the instruction INST", "(ios\nsystem\n."},
            {"its pickle has the instruction OBJ", "(o."},
            {"its pickle has the instruction NEWOBJ", "))\201."},
            {"its pickle has the instruction EXT1", "\202\1."},
            {"its pickle names os.system", "X\2\0\0\0osX\6\0\0\0system\223)R."},
            {"its pickle names os.system", "\214\2os\214\6system\223)R."},
            {"its pickle is damaged", "\223."},
            {"its pickle is damaged", "K\1K\1\223."},
            {"its pickle is damaged", "\225\0\0"},
            {"its pickle is damaged", "\214\5abc"},
            {"its pickle is damaged", "N."},
            {"its pickle is damaged", "](e."},
            {"its pickle has the instruction PERSID", "P0\n."},
            {"its pickle has the instruction 0x53", "S'os'\n."},
            {"its pickle calls torch.FloatStorage", "ctorch\nFloatStorage\n)R."},
            {"its pickle calls collections.OrderedDict with arguments", "ccollections\nOrderedDict\nK\1\205R."},
            {"its pickle sets attributes", "}}X\1\0\0\0aK\1sb."},
            {"its pickle refers to something that is no storage", "X\6\0\0\0module\205Q."},
            {"its pickle is damaged", "K\1Q."},
            {"its pickle is damaged", "h\5."},
            {"its pickle is damaged", "X\377\377\377\177."},
            {"its pickle is damaged", "X\377\377\377\377."},
            {"its pickle is damaged", "K\1."},
            {"its pickle is damaged", "cos"},
            {"its pickle is damaged", "t."},
            {"its pickle is damaged", "}X\1\0\0\0a"},
            {"its pickle is damaged", ""},
            {"its a is no tensor", "}q\0X\1\0\0\0ah\0s."}, // a dict in itself
            {"a number in its pickle is too large", "\212\11123456789."},
        };
        for (String[] c : cases) assertPickleRefused(c[0], c[1]);
    }

    @Test
    void hugePicklesAreRefusedInBoundedTimeAndMemory() throws IOException {
        assertPickleRefused("its pickle is damaged", "(".repeat(1_000_000) + "."); // nested deeply
        assertPickleRefused(
                "its pickle is damaged", ")q\0" + "h\0h\0\206q\0".repeat(140_000) + "."); // 2 to the 140,000
        assertPickleRefused("its pickle is damaged", "}".repeat(1_000_000));
        assertPickleRefused("a/data.pkl is too large", ")".repeat((4 << 20) + 1));
    }

    /** Changes the description of the first tensor: 2×3 numbers, of a storage of 6, from the beginning on. */
    @Test
    void viewsOutsideTheirStorageAreRefused() throws IOException {
        String six = "X\1\0\0\0" + "0X\3\0\0\0cpuJ\6\0\0\0tQ";
        String view = "J\0\0\0\0(J\2\0\0\0J\3\0\0\0t(J\3\0\0\0J\1\0\0\0t"; // offset 0, sizes 2×3, strides 3 and 1
        assertTrue(goodPickle().contains(six + view));
        String outside = "a tensor lies outside its storage";
        String[][] cases = {
            {outside, six + view.replaceFirst("J\0", "J\1")}, // one number too far
            {outside, six + view.replaceFirst("J\0\0\0\0", "J\377\377\377\377")},
            {outside, six + view.replace("(J\3\0\0\0J\1", "(J\4\0\0\0J\1")},
            {outside, six + view.replace("(J\3\0\0\0J\1", "(J\375\377\377\377J\1")}, // a stride of −3
            {outside, six + view.replace("(J\3\0\0\0J\1\0\0\0", "(\212\10\377\377\377\377\377\377\377\177J\1\0\0\0")},
            {outside, six + view.replace("(J\3\0\0\0J\1\0\0\0t", "(J\1\0\0\0t")}, // one stride for two sizes
            {outside, six + view.replace("(J\2\0\0\0", "(J\0\312\232\73")}, // a billion rows
            {"a storage has 24 bytes, not 16000000000", six.replace("J\6\0\0\0", "\212\5\0\50\153\356\0") + view},
            {
                "a storage has 24 bytes, not 9223372036854775807",
                six.replace("J\6\0\0\0", "\212\10\377\377\377\377\377\377\377\177") + view
            },
            {
                "a storage has 24 bytes, not 20",
                six.replace("J\6", "J\5") + view.replace("(J\3\0\0\0J\1", "(J\2\0\0\0J\1")
            },
            {"a storage has a negative length", six.replace("J\6\0\0\0", "J\377\377\377\377") + view},
            {"it has no a/data/../../etc/passwd", six.replace("\1\0\0\0" + "0X", "\20\0\0\0../../etc/passwdX") + view},
        };
        for (String[] c : cases) assertPickleRefused(c[0], goodPickle().replace(six + view, c[1]));
        String types = "a tensor has numbers of a type that is not read";
        assertPickleRefused(types, goodPickle().replaceFirst("FloatStorage", "QInt8Storage"));
    }

    @Test
    void archivesOfAnotherKindAreRefused() throws IOException {
        String state = " is not a state_dict (%s); save it with torch.save(model.state_dict(), f)";
        byte[] data = new byte[24];
        Path file = archive(ZipEntry.STORED, "a/constants.pkl", "");
        assertRefused(file + state.formatted("it has no data.pkl"), () -> StateDict.load(file, new Pair()));
        archive(ZipEntry.DEFLATED, "a/data.pkl", goodPickle(), "a/data/0", data);
        assertRefused(file + state.formatted("a/data.pkl is compressed"), () -> StateDict.load(file, new Pair()));
        archive(ZipEntry.STORED, "a/data.pkl", goodPickle(), "a/byteorder", "big", "a/data/0", data);
        assertRefused(
                file + state.formatted("its numbers are not little-endian"), () -> StateDict.load(file, new Pair()));
        archive(ZipEntry.STORED, "a/data.pkl", goodPickle(), "a/data/0", data);
        assertRefused(file + state.formatted("it has no a/data/1"), () -> StateDict.load(file, new Pair()));
        Files.writeString(file, "\200\2}.");
        assertRefused(file + state.formatted("zip END header not found"), () -> StateDict.load(file, new Pair()));
    }

    @Test
    void liesInFilesOfBeforeZipArchivesAreRefused() throws IOException {
        Path file = folder.resolve("theirs.pth");
        byte[] bytes = Files.readAllBytes(Path.of("src/test/resources/pth/legacy-2.10.pth"));
        String good = new String(bytes, StandardCharsets.ISO_8859_1);
        int data = good.length() - 8 * Long.BYTES - 16 * Float.BYTES; // seven lengths, 16 floats and one long
        String[][] cases = {
            {"its numbers are not little-endian", good.replaceFirst("(little_endianq.)\210", "$1\211")},
            {"a storage has another length", good.substring(0, data) + "\7" + good.substring(data + 1)},
            {"its storages are damaged", good.substring(0, good.length() - 1)},
            {"its storages are damaged", good.substring(0, data + 3)},
            {"its pickle is damaged", good.substring(0, data - 3)},
            {"its pickle names os.system", good.replace("ccollections\nOrderedDict", "cos\nsystem")},
        };
        for (String[] c : cases) {
            assertNotEquals(good, c[1]);
            Files.write(file, latin1(c[1]));
            assertRefused(
                    file + " is not a state_dict (" + c[0] + "); save it with torch.save(model.state_dict(), f)",
                    () -> StateDict.load(file, new Pair()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"views-2.15", "legacy-2.10"})
    void whateverIsCutOffOrChangedTheFileIsLoadedOrRefusedInOneLine(String name) throws IOException {
        byte[] good = Files.readAllBytes(Path.of("src/test/resources/pth", name + ".pth"));
        Path file = folder.resolve("theirs.pth");
        Pair network = new Pair();
        int refused = 0;
        for (int i = 0; i < good.length; i++) {
            byte[] bad = i % 3 == 0 ? Arrays.copyOf(good, i) : good.clone();
            if (i % 3 != 0) bad[i] ^= i % 3 == 1 ? (byte) 0xff : 1;
            Files.write(file, bad);
            try {
                StateDict.load(file, network);
                assertTrue(i % 3 != 0, "cut off at " + i);
            } catch (LibTorchException e) {
                refused++;
                assertEquals(1, e.getMessage().lines().count());
            }
        }
        assertTrue(refused > good.length / 2, refused + " of " + good.length);
    }
}
