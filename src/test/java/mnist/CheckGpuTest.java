package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
class CheckGpuTest implements UsesLibTorch {
    @TempDir
    private Path folder;

    /** Writes the first 256 training and 50 test images of the sample: two steps an epoch. */
    private Path smallerSample() throws IOException {
        for (String split : List.of("train", "t10k")) {
            int count = split.equals("train") ? 256 : 50;
            writeFirst(count, split + "-images-idx3-ubyte", /*header*/ 16, 28 * 28);
            writeFirst(count, split + "-labels-idx1-ubyte", /*header*/ 8, 1);
        }
        return folder;
    }

    private void writeFirst(int count, String name, int header, int size) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(SAMPLE.resolve(name + ".gz")))) {
            byte[] file = in.readNBytes(header + count * size);
            Files.write(
                    folder.resolve(name),
                    ByteBuffer.wrap(file).putInt(Integer.BYTES, count).array());
        }
    }

    @Test
    void withTheCpuInTheGpusPlaceEveryCheckIsDoneAndNothingDiffers() throws Exception {
        Path report = folder.resolve("GPU.md");
        CommandLineRun run = CommandLineRun.of(
                "check-gpu",
                "--device",
                "cpu",
                "--data-dir",
                smallerSample(),
                "--unverified-data",
                "--python",
                "/nowhere/python3",
                "--report",
                report);
        assertEquals(0, run.status(), run.err());
        String table = Files.readString(report);
        assertTrue(table.contains("The CPU stood in for the GPU"), table);
        assertFalse(table.contains("FAILED"), table);
        assertEquals(
                6,
                Pattern.compile("CPU and GPU \\| ok \\| .* first step 0\\.0e\\+00 .*, first 2 steps 0\\.0e\\+00 ")
                        .matcher(table)
                        .results()
                        .count(),
                table);
        assertTrue(
                table.contains("| resumed run | ok | weights: repeated run the same bits, resumed run the same"),
                table);
        assertTrue(
                Pattern.compile("\\| two ranks \\| ok \\| Gloo; ")
                        .matcher(table)
                        .find(),
                table);
        assertTrue(table.contains("| opened on the CPU in Java | ok | 12 files; "), table);
        assertTrue(
                table.contains("| opened on the CPU in Python | skipped | /nowhere/python3 has no PyTorch |"), table);
        assertTrue(Pattern.compile("\\| mnist_cae, images/s \\| measured \\| Java on the CPU [0-9,]+")
                .matcher(table)
                .find());
    }
}
