package libtorch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    Path folder;

    @Test
    void theOldContentStandsUntilTheNewIsComplete() throws IOException {
        Path file = folder.resolve("file");
        Files.writeString(file, "old");
        AtomicFile.write(file, temporary -> {
            Files.writeString(temporary, "new");
            assertEquals("old", Files.readString(file));
            assertEquals(folder, temporary.getParent().getParent()); // a rename across disks would not be atomic
        });
        assertEquals("new", Files.readString(file));
    }

    @Test
    void aWriterThatFailsHalfWayChangesNothing() throws IOException {
        Path file = folder.resolve("file");
        Files.writeString(file, "old");
        LibTorchException error = assertThrows(
                LibTorchException.class,
                () -> AtomicFile.write(file, temporary -> {
                    Files.writeString(temporary, "ne");
                    throw new IOException("No space left on device");
                }));
        assertEquals(
                "cannot write " + file
                        + " (No space left on device); check the folder's permissions and the free space on its disk",
                error.getMessage());
        assertEquals("old", Files.readString(file));
        assertArrayEquals(new String[] {"file"}, folder.toFile().list());
    }

    @Test
    void aFolderThatCannotBeWrittenIsFoundOutBeforehand() throws IOException {
        AtomicFile.requireWritable(folder.resolve("new"));
        assertArrayEquals(new String[0], folder.resolve("new").toFile().list());
        Files.writeString(folder.resolve("file"), "");
        LibTorchException error =
                assertThrows(LibTorchException.class, () -> AtomicFile.requireWritable(folder.resolve("file")));
        assertEquals(
                "cannot write to " + folder.resolve("file")
                        + " (a file is in the way of a folder); check the folder's permissions and the free space on its disk",
                error.getMessage());
    }

    @Test
    void missingFoldersAreMade() throws IOException {
        AtomicFile.write(folder.resolve("a/b/file"), temporary -> Files.writeString(temporary, "new"));
        assertEquals("new", Files.readString(folder.resolve("a/b/file")));
    }

    @Test
    void aFileInTheWayOfAFolderIsNamed() throws IOException {
        Files.writeString(folder.resolve("a"), "");
        LibTorchException error = assertThrows(
                LibTorchException.class,
                () -> AtomicFile.write(folder.resolve("a/file"), temporary -> Files.writeString(temporary, "")));
        assertEquals(
                "cannot write " + folder.resolve("a/file")
                        + " (a file is in the way of a folder); check the folder's permissions and the free space on its disk",
                error.getMessage());
    }

    @Test
    void whatKilledProcessesLeftIsClearedAwayWhereNobodyElseWritesAndElsewhereWhenItIsOld() throws IOException {
        Path fresh = Files.createFile(folder.resolve(".mnist_cae.pt." + UUID.randomUUID() + ".tmp"));
        Path old = Files.createFile(folder.resolve(".mnist_cae.pt." + UUID.randomUUID() + ".tmp"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
        Path other = Files.createFile(folder.resolve(".notes.tmp"));
        AtomicFile.clear(folder, Duration.ofDays(1));
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(fresh));
        AtomicFile.clear(folder, Duration.ZERO);
        assertFalse(Files.exists(fresh));
        assertTrue(Files.exists(other));
    }

    @Test
    void aLinkStaysALinkAndItsTargetIsReplaced() throws IOException {
        Path target = Files.writeString(folder.resolve("target"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        AtomicFile.write(link, temporary -> Files.writeString(temporary, "new"));
        assertTrue(Files.isSymbolicLink(link));
        assertEquals("new", Files.readString(target));
    }

    @Test
    void twoWritersOfOneFileDoNotShareATemporaryFile() {
        List<Path> temporaries = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            AtomicFile.write(folder.resolve("file"), temporary -> {
                temporaries.add(temporary);
                Files.writeString(temporary, "");
            });
        }
        assertNotEquals(temporaries.get(0), temporaries.get(1));
    }
}
