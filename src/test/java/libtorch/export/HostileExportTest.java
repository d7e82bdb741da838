package libtorch.export;

import static libtorch.export.ExportedProgramTest.CPU;
import static libtorch.export.ExportedProgramTest.LINEAR;
import static libtorch.export.ExportedProgramTest.RELU;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import libtorch.LibTorchException;
import mnist.UsesLibTorch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a .pt2 file must not do. Each is a good file but for one thing. */
class HostileExportTest implements UsesLibTorch {
    private static final String GRAPH = "hand/models/model.json";
    private static final String WEIGHTS = "hand/data/weights/model_weights_config.json";
    private static final String LINEAR_TARGET = "torch.ops.aten.linear.default";

    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Path good;

    @BeforeAll
    static void writeAGoodFile() throws IOException {
        good = ExportedProgramTest.write(shared, ExportedProgramTest.program(List.of(LINEAR, RELU), "relu"));
        assertTrue(Program.open(good, CPU).description().methods().containsKey("forward"));
    }

    /**
     * A change to the good file.
     *
     * @param words what the message says
     */
    private record Case(String name, String words, Consumer<Map<String, byte[]>> change) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Replaces a text in an entry. */
    private static Case edit(String name, String words, String entry, String old, String replacement) {
        return new Case(name, words, entries -> {
            String text = new String(entries.get(entry), StandardCharsets.UTF_8);
            assertTrue(text.contains(old), text);
            entries.put(entry, text.replace(old, replacement).getBytes(StandardCharsets.UTF_8));
        });
    }

    private static Case graph(String name, String words, String old, String replacement) {
        return edit(name, words, GRAPH, old, replacement);
    }

    private static Case weights(String name, String words, String old, String replacement) {
        return edit(name, words, WEIGHTS, old, replacement);
    }

    private static Case whole(String name, String words, String json) {
        return new Case(name, words, entries -> entries.put(GRAPH, json.getBytes(StandardCharsets.UTF_8)));
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("no graph", "there is no program in it", entries -> entries.remove(GRAPH)),
                new Case("no weights", "it lacks data/weights/weight_1", e -> e.remove("hand/data/weights/weight_1")),
                new Case("no list of weights", "it lacks data/weights/model_weights", e -> e.remove(WEIGHTS)),
                new Case("no format", "archive_format is not pt2", e -> e.remove("hand/archive_format")),
                edit("another format", "archive_format is not pt2", "hand/archive_format", "pt2", "pt3"),
                edit("big-endian", "byteorder is not little", "hand/byteorder", "little", "big"),
                new Case("entry above", "outside the archive's folder", e -> e.put("hand/../../x", new byte[1])),
                new Case("entry at the root", "outside the archive's folder", e -> e.put("/etc/x", new byte[1])),
                new Case("second folder", "outside the archive's folder", e -> e.put("other/x", new byte[1])),
                new Case("backslashes", "outside the archive's folder", e -> e.put("hand/..\\x", new byte[1])),
                weights("weights elsewhere", "it lacks data/weights/../../x", "weight_0", "../../x"),
                new Case(
                        "short weights",
                        "does not fit the 12 bytes",
                        e -> e.put("hand/data/weights/weight_0", new byte[12])),
                new Case(
                        "odd weights",
                        "does not fit the 17 bytes",
                        e -> e.put("hand/data/weights/weight_0", new byte[17])),
                weights(
                        "sizes that lie",
                        "does not fit the 16 bytes",
                        "[{\"as_int\":2},{\"as_int\":2}]",
                        "[{\"as_int\":2},{\"as_int\":3}]"),
                weights(
                        "sizes that overflow",
                        "does not fit the",
                        "\"sizes\":[{\"as_int\":2}",
                        "\"sizes\":[{\"as_int\":9223372036854775807}"),
                weights(
                        "negative sizes",
                        "is not 0 or more",
                        "\"sizes\":[{\"as_int\":2}",
                        "\"sizes\":[{\"as_int\":-2}"),
                weights(
                        "negative strides",
                        "is not 0 or more",
                        "\"strides\":[{\"as_int\":2}",
                        "\"strides\":[{\"as_int\":-2}"),
                weights(
                        "offset behind the end",
                        "does not fit the",
                        "\"storage_offset\":{\"as_int\":0}",
                        "\"storage_offset\":{\"as_int\":9}"),
                weights(
                        "negative offset",
                        "is not 0 or more",
                        "\"storage_offset\":{\"as_int\":0}",
                        "\"storage_offset\":{\"as_int\":-1}"),
                weights(
                        "fewer strides than sizes",
                        "one stride for each size",
                        "\"strides\":[{\"as_int\":2},{\"as_int\":1}]",
                        "\"strides\":[{\"as_int\":1}]"),
                weights("unknown type", "is not the code of a type", "\"dtype\":7", "\"dtype\":77"),
                weights("sparse weights", "is not that of a dense tensor", "\"layout\":7", "\"layout\":1"),
                weights("pickled weights", "pickles are not read", "\"use_pickle\":false", "\"use_pickle\":true"),
                weights("weights of another name", "is not among the weights", "\"weight\":", "\"other\":"),
                weights("text for a number", "is not an integer", "\"dtype\":7", "\"dtype\":\"7\""),
                weights("fraction for an integer", "is not an integer", "\"dtype\":7", "\"dtype\":7.5"),
                weights("null for a number", "is not an integer", "\"dtype\":7", "\"dtype\":null"),
                whole("no JSON", "models/model.json is not JSON", "{]"),
                whole("empty JSON", "is not an object", ""),
                whole("array for an object", "is not an object", "[]"),
                whole("deep nesting", "is not JSON", "[".repeat(1_000_000)),
                whole("too many values", "has more than 2000000 values", "[" + "1,".repeat(2_000_000) + "1]"),
                whole("too much text", "is larger than 32 MB", "\"" + "a".repeat(33 << 20) + "\""),
                graph("another schema", "is not 8, the one that can be read", "\"major\":8", "\"major\":9"),
                graph("object for an array", "nodes is not an array", "\"nodes\":[", "\"nodes\":{},\"was\":["),
                graph("node without a target", "has no target", "\"target\"", "\"tarot\""),
                graph(
                        "unknown operator",
                        "there is no operator torch.ops.aten.frob.default",
                        LINEAR_TARGET,
                        "torch.ops.aten.frob.default"),
                graph(
                        "unknown overload",
                        "there is no operator torch.ops.aten.linear.fast",
                        LINEAR_TARGET,
                        "torch.ops.aten.linear.fast"),
                graph(
                        "control flow",
                        "is not what torch.ops.higher_order.cond needs",
                        LINEAR_TARGET,
                        "torch.ops.higher_order.cond"),
                graph("Python function", "os.system is not an operator of ATen", LINEAR_TARGET, "os.system"),
                graph(
                        "unknown argument",
                        "has no argument wait",
                        "\"name\":\"weight\",\"arg\"",
                        "\"name\":\"wait\",\"arg\""),
                graph(
                        "argument given twice",
                        "is not given once",
                        "\"name\":\"bias\",\"arg\"",
                        "\"name\":\"weight\",\"arg\""),
                graph(
                        "argument that is missing",
                        "relu.default needs self",
                        "[{\"name\":\"self\",\"arg\":{\"as_tensor\":{\"name\":\"linear\"}},\"kind\":1}]",
                        "[]"),
                graph(
                        "argument of another type",
                        "is not of type Tensor",
                        "{\"as_tensor\":{\"name\":\"p_weight\"}},\"kind\"",
                        "{\"as_string\":\"p_weight\"},\"kind\""),
                graph(
                        "argument of an unknown kind",
                        "is not of type Tensor",
                        "{\"as_tensor\":{\"name\":\"p_weight\"}},\"kind\"",
                        "{\"as_graph\":{}},\"kind\""),
                graph(
                        "argument of two kinds",
                        "is not an object with one field",
                        "{\"as_tensor\":{\"name\":\"p_weight\"}},\"kind\"",
                        "{\"as_none\":true,\"as_int\":1},\"kind\""),
                graph(
                        "cycle",
                        "is not computed before it is used",
                        "\"arg\":{\"as_tensor\":{\"name\":\"x\"}},\"kind\"",
                        "\"arg\":{\"as_tensor\":{\"name\":\"relu\"}},\"kind\""),
                graph(
                        "name defined twice",
                        "is defined twice",
                        "\"outputs\":[{\"as_tensor\":{\"name\":\"linear\"}}]",
                        "\"outputs\":[{\"as_tensor\":{\"name\":\"x\"}}]"),
                graph(
                        "two results of one",
                        "is not of 1 results",
                        "\"outputs\":[{\"as_tensor\":{\"name\":\"linear\"}}]",
                        "\"outputs\":[{\"as_tensor\":{\"name\":\"linear\"}},{\"as_tensor\":{\"name\":\"l2\"}}]"),
                graph(
                        "result that nothing computes",
                        "is not computed",
                        "{\"user_output\":{\"arg\":{\"as_tensor\":{\"name\":\"relu\"}",
                        "{\"user_output\":{\"arg\":{\"as_tensor\":{\"name\":\"nothing\"}"),
                graph(
                        "constant that names a value",
                        "x is used before it is computed",
                        "{\"user_input\":{\"arg\":{\"as_tensor\":{\"name\":\"x\"}}}}",
                        "{\"user_input\":{\"arg\":{\"as_tensor\":{\"name\":\"x\"}}}},"
                                + "{\"constant_input\":{\"name\":\"c\",\"value\":{\"as_sym_int\":{\"as_name\":\"x\"}}}}"),
                graph(
                        "changed buffer",
                        "buffer_mutation has no buffer_name",
                        "{\"user_output\":",
                        "{\"buffer_mutation\":"),
                graph("custom object", "it is a custom_obj", "{\"user_input\":", "{\"custom_obj\":"));
    }

    private static Map<String, byte[]> entries() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(good.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    entries.put(entry.getName(), in.readAllBytes());
                }
            }
        }
        return entries;
    }

    private Path write(Map<String, byte[]> entries, int method) throws IOException {
        Path file = folder.resolve("hostile.pt2");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> content : entries.entrySet()) {
                CRC32 checksum = new CRC32();
                checksum.update(content.getValue());
                ZipEntry entry = new ZipEntry(content.getKey());
                entry.setMethod(method);
                entry.setSize(content.getValue().length);
                entry.setCrc(checksum.getValue());
                zip.putNextEntry(entry);
                zip.write(content.getValue());
            }
        }
        return file;
    }

    private static void assertRefused(Path file, String words) {
        LibTorchException error = assertThrows(LibTorchException.class, () -> Program.open(file, CPU));
        assertTrue(
                error.getMessage().startsWith(file + " cannot be opened as an exported program ("), error.getMessage());
        assertTrue(error.getMessage().contains(words), error.getMessage());
        assertFalse(error.getMessage().contains("\n"), error.getMessage());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aFileIsRefusedThatIsWrongInOneThing(Case hostile) throws IOException {
        Map<String, byte[]> entries = entries();
        hostile.change.accept(entries);
        assertRefused(write(entries, ZipEntry.STORED), hostile.words);
        assertEquals(1, folder.toFile().list().length);
    }

    @Test
    void theFileIsGoodWhereNothingIsChanged() throws IOException {
        assertTrue(Program.open(write(entries(), ZipEntry.STORED), CPU)
                .description()
                .methods()
                .containsKey("forward"));
    }

    @Test
    void compressedEntriesAreRefused() throws IOException {
        Map<String, byte[]> entries = entries();
        entries.put("hand/data/weights/weight_0", new byte[64 << 20]); // a bomb: 64 kB in the file
        assertRefused(write(entries, ZipEntry.DEFLATED), "is compressed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "aten.from_file.default", // opens files
                "aten._print.default", // prints
                "aten.save.default", // is not one of the dispatcher's
                "aten.set_.source_Tensor", // has a tensor take another's memory
                "aten.resize_.default",
                "aten.add.out", // writes to what the caller names
                "aten._empty_affine_quantized.default", // returns memory as it finds it
                "aten.fbgemm_linear_fp16_weight.default", // takes a pointer from a tensor's numbers
                "aten._cufft_clear_plan_cache.default", // changes the process's settings
                "aten.linear_backward.default",
                "prim.RaiseException.default",
                "quantized.linear.default",
                "c10d.barrier.default",
                "aten..default",
                "aten",
            })
    void operatorsThatDoMoreThanComputeTensorsAreRefused(String name) throws IOException {
        Map<String, byte[]> entries = entries();
        String text = new String(entries.get(GRAPH), StandardCharsets.UTF_8);
        entries.put(GRAPH, text.replace(LINEAR_TARGET, "torch.ops." + name).getBytes(StandardCharsets.UTF_8));
        assertRefused(write(entries, ZipEntry.STORED), "torch.ops." + name);
    }

    @Test
    void aFileCutOffAnywhereIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(good);
        Path file = folder.resolve("cut.pt2");
        for (int length = 0; length < whole.length; length += 61) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertRefused(file, "");
        }
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        assertRefused(file, "");
    }

    @Test
    void aFileWithAnyByteChangedIsRefusedOrStillRuns() throws IOException {
        byte[] whole = Files.readAllBytes(good);
        Path file = folder.resolve("flipped.pt2");
        for (int i = 0; i < whole.length; i += 13) {
            byte[] flipped = whole.clone();
            flipped[i] ^= 0x5A;
            Files.write(file, flipped);
            try {
                Program.open(file, CPU); // a byte that nobody reads, as in a date
            } catch (LibTorchException refused) {
                assertFalse(refused.getMessage().contains("\n"), refused.getMessage());
            }
        }
    }

    @Test
    void changedWeightsAreDamage() throws IOException {
        byte[] whole = Files.readAllBytes(good);
        byte[] four = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(4)
                .array();
        int at = new String(whole, StandardCharsets.ISO_8859_1).indexOf(new String(four, StandardCharsets.ISO_8859_1));
        whole[at + 2] ^= 1;
        Path file = folder.resolve("damaged.pt2");
        Files.write(file, whole);
        assertRefused(file, "data/weights/weight_0 is damaged");
    }

    @Test
    void sizesInTheTableOfContentsThatLieAreRefused() throws IOException {
        byte[] whole = Files.readAllBytes(good);
        ByteBuffer table = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        int entry = table.getInt(whole.length - 22 + 16); // of the table, which the last 22 bytes tell
        for (int size : new int[] {17, 1 << 30, -1, -2}) { // −1 says: see the 64-bit field, which is not there
            table.putInt(entry + 20, size).putInt(entry + 24, size);
            Path file = folder.resolve("lying.pt2");
            Files.write(file, whole);
            assertRefused(file, "");
        }
    }
}
