package dev.gatun.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablesTest {
    @TempDir Path folder;

    @Test
    void idxPlainAndGzip() throws IOException {
        byte[] bytes = HexFormat.of().parseHex("00000802" + "00000002" + "00000003" + "0102030405ff");
        Path plain = Files.write(folder.resolve("plain"), bytes);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        Path zipped = Files.write(folder.resolve("zipped.gz"), packed.toByteArray());
        for (Path path : new Path[] {plain, zipped}) {
            IdxFile idx = IdxFile.read(path);
            assertThat(idx.dims()).containsExactly(2, 3);
            assertThat(idx.bytes()).containsExactly(1, 2, 3, 4, 5, -1);
        }
        Path cut = Files.write(folder.resolve("cut.gz"), Arrays.copyOf(packed.toByteArray(), packed.size() - 12));
        assertThatThrownBy(() -> IdxFile.read(cut)).isInstanceOf(FileFormatException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                  | 0  | two zero bytes
            01000801000000010a                  | 0  | two zero bytes
            00000d01000000010a                  | 2  | element type 0x0d
            00000800                            | 3  | number of dims
            00000809                            | 3  | number of dims
            0000080200000001                    | 8  | inside its sizes
            00000801ffffffff                    | 4  | out of range
            00000803000100000001000000010000    | 8  | out of range
            000008017fffffbf01                  | 9  | before its last element
            00000801000000020a0b0c              | 10 | bytes follow the last element
            """)
    void hostileIdxIsRefused(String hex, long offset, String reason) throws IOException {
        Path path = Files.write(folder.resolve("bad"), HexFormat.of().parseHex(hex == null ? "" : hex));
        assertThatThrownBy(() -> IdxFile.read(path)).isInstanceOf(FileFormatException.class)
                .hasMessageContaining(reason).hasMessageContaining("at byte " + offset);
    }

    @Test
    void numberTables() throws IOException {
        NumberTable table = table("a,b\n1,2.5\r\n-3,4e2\n");
        assertThat(table.rows()).isEqualTo(2);
        assertThat(table.columns()).isEqualTo(2);
        assertThat(table.values()).containsExactly(1, 2.5, -3, 400);
        assertThat(table.at(1, 1)).isEqualTo(400);
        assertThatThrownBy(() -> table.at(0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> table("a,b\n1,2\n3\n")).isInstanceOf(FileFormatException.class)
                .hasMessageContaining("at byte 8: this row has 1 fields, the first has 2");
        assertThatThrownBy(() -> table("a,b\n1,two\n")).isInstanceOf(FileFormatException.class)
                .hasMessageContaining("field 1 is not a number: two");
        assertThat(table("a,b\n").rows()).isZero();
    }

    private static NumberTable table(String text) throws IOException {
        return NumberTable.read("t.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), 1);
    }
}
