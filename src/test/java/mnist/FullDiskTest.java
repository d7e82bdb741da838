package mnist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs on disks so small that some file does not fit: the checkpoint, a model, or its weights. */
class FullDiskTest implements UsesLibTorch {
    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 330, 372})
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
            for (String name : files) {
                if (name.endsWith(".pt") || name.endsWith(".safetensors")) {
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
