package libtorch;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;

/** Texts for libtorch, which takes bytes; JavaCPP alone would encode them in the platform's charset. */
public final class NativeText {
    /** The charset in which Java names files to the system. */
    private static final Charset PATHS =
            Charset.forName(System.getProperty("sun.jnu.encoding", StandardCharsets.UTF_8.name()));

    private NativeText() {}

    /** Encodes a text in UTF-8. */
    public static BytePointer of(String text) {
        return new BytePointer(text, StandardCharsets.UTF_8);
    }

    /** Encodes a path as the system names files. */
    public static BytePointer of(Path path) {
        return new BytePointer(path.toString(), PATHS);
    }

    /** Decodes a text in UTF-8. */
    public static String string(BytePointer text) {
        return text.getString(StandardCharsets.UTF_8);
    }
}
