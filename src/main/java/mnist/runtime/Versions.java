package mnist.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Names the versions a result depends on; asking for them does not load libtorch. */
public record Versions(String libtorch, String java, String project) {
    public static Versions current() {
        Properties pinned = new Properties();
        try (InputStream in = Versions.class.getResourceAsStream("/mnist/version.properties")) {
            pinned.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Versions(
                pinned.getProperty("libtorch"), System.getProperty("java.version"), pinned.getProperty("project"));
    }
}
