package libtorch;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;

/** Converts strings for libtorch, which takes bytes; JavaCPP by itself encodes them in the platform's charset. */
public final class NativeText {
    /** The charset of Java's file names. */
    private static final Charset PATHS =
            Charset.forName(System.getProperty("sun.jnu.encoding", StandardCharsets.UTF_8.name()));

    private NativeText() {}

    /** Encodes a string in UTF-8. */
    public static BytePointer of(String text) {
        return new BytePointer(text, StandardCharsets.UTF_8);
    }

    /** Encodes a path in the charset of file names. */
    public static BytePointer of(Path path) {
        return new BytePointer(path.toString(), PATHS);
    }

    /** Decodes a string in UTF-8. */
    public static String string(BytePointer text) {
        return text.getString(StandardCharsets.UTF_8);
    }
}
