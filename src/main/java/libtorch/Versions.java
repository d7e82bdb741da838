package libtorch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The versions that a result depends on; reading them does not load libtorch.
 *
 * @param commit of this project's repository, ending in "-dirty" if files were changed since; null if make did not
 *     build it, or not in a repository
 */
public record Versions(
        String libtorch,
        String java,
        String project,
        @Nullable String commit) {
    public static Versions current() {
        Properties pinned = new Properties();
        try (InputStream in = Versions.class.getResourceAsStream("/libtorch/version.properties")) {
            if (in == null)
                throw new LibTorchException(
                        "the program cannot read its own files",
                        "Java reads no jar in a folder whose name ends in !: rename it");
            pinned.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String commit = pinned.getProperty("commit");
        return new Versions(
                pinned.getProperty("libtorch"),
                System.getProperty("java.version"),
                pinned.getProperty("project"),
                commit.isEmpty() ? null : commit);
    }
}
