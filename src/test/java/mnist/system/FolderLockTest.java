package mnist.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import libtorch.LibTorchException;
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
                    assertThrows(LibTorchException.class, () -> FolderLock.of(folder))
                            .getMessage());
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
    void aRunThatHasJustTakenTheFolderIsNotNamed() throws IOException {
        try (FolderLock first = FolderLock.of(folder)) {
            Files.writeString(folder.resolve(".lock"), ""); // as before it has written its number
            assertEquals(
                    "another run writes to " + folder + "; wait for it, or name another --saved-dir",
                    assertThrows(LibTorchException.class, () -> FolderLock.of(folder))
                            .getMessage());
        }
    }

    @Test
    void othersWhoMayWriteToTheFolderMayTakeTheLock(@TempDir Path folder) throws IOException {
        FolderLock.of(folder).close();
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder.resolve(".lock"));
        assertEquals("rw-rw-rw-", PosixFilePermissions.toString(permissions));
    }
}
