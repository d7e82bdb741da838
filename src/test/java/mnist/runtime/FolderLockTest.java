package mnist.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    @TempDir
    Path folder;

    @Test
    void theSecondRunIsToldWhoHasTheFolder() {
        try (FolderLock first = FolderLock.of(folder)) {
            assertEquals(
                    "another run, process " + ProcessHandle.current().pid() + ", writes to " + folder
                            + "; wait for it, or name another --saved-dir",
                    assertThrows(UserError.class, () -> FolderLock.of(folder)).getMessage());
        }
        FolderLock.of(folder).close();
    }

    @Test
    void aFolderIsThatOfTheRunThatHasItUntilItEnds() {
        assertTrue(FolderLock.isFreeOrOf(folder, 1));
        try (FolderLock lock = FolderLock.of(folder)) {
            assertTrue(FolderLock.isFreeOrOf(folder, ProcessHandle.current().pid()));
            assertFalse(FolderLock.isFreeOrOf(folder, 1));
        }
        assertTrue(FolderLock.isFreeOrOf(folder, 1));
    }

    @Test
    void whatKilledProcessesLeftIsClearedAwayAndTheFilesOfLivingOnesAreNot() throws IOException, InterruptedException {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Path leftover = Files.createFile(folder.resolve(".mnist_cae.pt." + dead.pid() + ".tmp"));
        Path inUse = Files.createFile(
                folder.resolve(".mnist_cae.pt." + ProcessHandle.current().pid() + ".tmp"));
        Path other = Files.createFile(folder.resolve(".notes.tmp"));
        AtomicFile.requireWritable(folder);
        assertFalse(Files.exists(leftover));
        assertTrue(Files.exists(inUse));
        assertTrue(Files.exists(other));
    }
}
