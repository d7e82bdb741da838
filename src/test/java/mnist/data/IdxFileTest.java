package mnist.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import libtorch.LibTorchException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdxFileTest {
    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    @Test
    void imagesAreReadRowByRow() {
        IdxFile file = IdxFile.parse(hex("00000803 00000002 00000001 00000003 010203 fdfeff"), 3, "images");
        assertArrayEquals(new int[] {2, 1, 3}, file.shape());
        assertArrayEquals(new byte[] {1, 2, 3, -3, -2, -1}, file.values());
    }

    @Test
    void labelsAreRead() {
        assertArrayEquals(
                new byte[] {5, 0, 9},
                IdxFile.parse(hex("00000801 00000003 050009"), 1, "labels").values());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 |                            | it ends within its header, after 0 bytes",
                "3 | 00000803 00000002 00000001 | it ends within its header, after 12 bytes",
                "1 | 00000803 00000001 05       | its magic number is 0x00000803, not 0x00000801",
                "1 | 1f8b0800 00000001 05       | its magic number is 0x1F8B0800, not 0x00000801",
                "1 | 00000801 00000004 050009   | its header claims 4 bytes of data, but 3 follow",
                "1 | 00000801 00000002 050009   | its header claims 2 bytes of data, but 3 follow",
                "1 | 00000801 00000000          | its header claims a dimension of 0",
                "1 | 00000801 ffffffff 05       | its header claims a dimension of -1",
                "3 | 00000803 7fffffff 7fffffff 7fffffff 00 | bytes of data, but 1 follow"
            })
    void aBrokenFileIsRefusedWithTheReason(int dimensions, String content, String reason) {
        byte[] bytes = hex(content == null ? "" : content);
        LibTorchException error =
                assertThrows(LibTorchException.class, () -> IdxFile.parse(bytes, dimensions, "labels"));
        assertTrue(error.getMessage().startsWith("labels is not a usable IDX file: "), error.getMessage());
        assertTrue(error.getMessage().contains(reason), error.getMessage());
    }
}
