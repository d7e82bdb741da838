package libtorch.training;

import java.io.IOException;
import java.io.OutputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.ArchiveWriter;
import org.jspecify.annotations.Nullable;

/** Writes libtorch's output to a stream and keeps its first error, on which libtorch would abort the process. */
final class ArchiveOutput extends ArchiveWriter {
    private final OutputStream out;
    private final byte[] block = new byte[1 << 16];
    private @Nullable IOException failure;

    ArchiveOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public long call(Pointer data, long size) {
        BytePointer bytes = new BytePointer(data);
        try {
            for (long at = 0; failure == null && at < size; at += block.length) {
                int length = (int) Math.min(block.length, size - at);
                bytes.position(at).get(block, 0, length);
                out.write(block, 0, length);
            }
        } catch (IOException e) {
            failure = e;
        }
        return size;
    }

    void requireWritten() throws IOException {
        if (failure != null) throw failure;
    }
}
