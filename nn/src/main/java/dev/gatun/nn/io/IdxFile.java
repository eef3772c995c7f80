package dev.gatun.nn.io;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// An IDX file of unsigned bytes (the MNIST family): two zero bytes, the type (8), the number of dims, each dim as a
/// big-endian 32-bit integer, then the bytes, row-major. `bytes` has exactly ∏ dims elements.
public record IdxFile(int[] dims, byte[] bytes) {
    /// A file may not ask for more memory than this.
    public static final long LIMIT = 1L << 31;

    private static final int READ_STEP = 1 << 20;

    /// Reads `path`, unpacking it first when its first bytes are those of gzip. Throws [FileFormatException] for another
    /// element type, sizes that overflow, a file that is too short or too long.
    public static IdxFile read(Path path) throws IOException {
        String file = path.toString();
        try (InputStream raw = Files.newInputStream(path)) {
            return parse(file, new DataInputStream(unpacked(raw)));
        } catch (ZipException e) {
            throw new FileFormatException(file, 0, "not a valid gzip file: " + e.getMessage(), e);
        } catch (EOFException e) {
            throw new FileFormatException(file, 0, "the file ends before the end of its gzip data", e);
        }
    }

    /// `raw`, or what it unpacks to when it is gzip.
    static InputStream unpacked(InputStream raw) throws IOException {
        InputStream in = raw.markSupported() ? raw : new java.io.BufferedInputStream(raw, 1 << 16);
        in.mark(2);
        int first = in.read();
        int second = in.read();
        in.reset();
        return first == 0x1f && second == 0x8b ? new GZIPInputStream(in, 1 << 16) : in;
    }

    private static IdxFile parse(String file, DataInputStream in) throws IOException {
        byte[] magic = in.readNBytes(4);
        if (magic.length < 4 || magic[0] != 0 || magic[1] != 0) {
            throw new FileFormatException(file, 0, "an IDX file starts with two zero bytes, found " + hex(magic));
        }
        if (magic[2] != 8) {
            throw new FileFormatException(file, 2, "element type 0x" + hex(new byte[] {magic[2]})
                    + " is not supported; unsigned bytes (0x08) are");
        }
        int rank = magic[3] & 0xFF;
        if (rank < 1 || rank > 8) {
            throw new FileFormatException(file, 3, "the number of dims must be 1 to 8, found " + rank);
        }
        int[] dims = new int[rank];
        long count = 1;
        for (int i = 0; i < rank; i++) {
            byte[] four = in.readNBytes(4);
            if (four.length < 4) {
                throw new FileFormatException(file, 4 + 4L * i, "the file ends inside its sizes");
            }
            dims[i] = java.nio.ByteBuffer.wrap(four).getInt();
            count = dims[i] < 0 ? LIMIT + 1 : count * dims[i];
            if (count > LIMIT - 64) {
                throw new FileFormatException(file, 4 + 4L * i, "sizes are out of range: " + Arrays.toString(dims));
            }
        }
        byte[] bytes = readExactly(file, in, 4 + 4L * rank, (int) count);
        if (in.read() >= 0) {
            throw new FileFormatException(
                    file, 4 + 4L * rank + count, "bytes follow the last element of sizes " + Arrays.toString(dims));
        }
        return new IdxFile(dims, bytes);
    }

    /// Grows with what the file really holds, so that a short file cannot ask for gigabytes.
    private static byte[] readExactly(String file, InputStream in, long at, int count) throws IOException {
        byte[] bytes = new byte[Math.min(count, READ_STEP)];
        int filled = 0;
        while (filled < count) {
            if (filled == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(count, 2L * bytes.length));
            }
            int n = in.read(bytes, filled, bytes.length - filled);
            if (n < 0) {
                throw new FileFormatException(
                        file, at + filled, "the file ends " + (count - filled) + " bytes before its last element");
            }
            filled += n;
        }
        return bytes;
    }

    private static String hex(byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes);
    }
}
