package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs on disks so small that some files do not fit: the checkpoint, the weights, or a model in some format. */
class FullDiskTest implements UsesLibTorch {
    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 330, 372, 400, 500})
    void aFullDiskIsOneLineAndLeavesNoHalfFile(int kilobytes, @TempDir Path disk, @TempDir Path figures)
            throws Exception {
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=" + kilobytes + "k", "tmpfs", disk.toString()) == 0,
                "only root can make a small disk");
        try {
            CommandLineRun run = CommandLineRun.of(
                    "prob6",
                    "--only",
                    "plain",
                    "--epochs",
                    "1",
                    "--data-dir",
                    SAMPLE,
                    "--unverified-data",
                    "--saved-dir",
                    disk,
                    "--figures-dir",
                    figures);
            List<String> files = Arrays.stream(disk.toFile().list()).sorted().toList();
            assertEquals(1, run.status());
            assertTrue(
                    run.err()
                            .matches(
                                    "error: cannot write " + disk
                                            + "/mnist_cae[^\\n]*; check the folder's permissions and the free space on its disk\\n"),
                    run.err());
            assertTrue(files.stream().noneMatch(name -> name.endsWith(".tmp")), files.toString());
            assertEquals(
                    kilobytes > 100,
                    figures.resolve("prob6-plain-embedding.png").toFile().exists());
            // 246 for the checkpoint, 70 for the weights and 90 for TorchScript leave less than the 190 that the
            // exported
            // program takes, but enough for the next format
            if (kilobytes == 500) {
                assertFalse(files.contains("mnist_cae.pt2"), files.toString());
                assertTrue(files.contains("mnist_cae.pth"), files.toString());
            }
            for (String name : files) {
                if (name.matches(".*\\.(pt|pt2|pth|safetensors)")) {
                    assertEquals(
                            0,
                            CommandLineRun.of("eval", disk.resolve(name), "--data-dir", SAMPLE, "--unverified-data")
                                    .status(),
                            name);
                }
            }
        } finally {
            run("umount", disk.toString());
        }
    }
}
