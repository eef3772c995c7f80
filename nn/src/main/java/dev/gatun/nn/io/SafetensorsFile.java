package dev.gatun.nn.io;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.gatun.kernels.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An open safetensors file: eight bytes of header length (little-endian), a JSON header with the dtype, shape and
/// byte range of each tensor, then the tensors. The header is checked on opening: ranges inside the file, lengths equal
/// to shape × dtype, no hole, overlap or trailing byte, no unknown dtype, no duplicate name. Tensors are read on demand
/// through a small buffer, so nothing larger than the header is allocated here.
public final class SafetensorsFile implements AutoCloseable {
    private static final int CHUNK = 1 << 16;

    /// One tensor of the file: bytes `begin` to `end` of the data that follow the header.
    public record Entry(String name, StoredType type, long[] shape, long begin, long end) {
        /// Number of elements.
        public long count() {
            return (end - begin) / type.bytes();
        }
    }

    private final String file;
    private final FileChannel channel;
    private final long dataStart;
    private final SafetensorsHeader header;
    private final Map<String, Entry> byName = new LinkedHashMap<>();

    private SafetensorsFile(String file, FileChannel channel, long dataStart, SafetensorsHeader header) {
        this.file = file;
        this.channel = channel;
        this.dataStart = dataStart;
        this.header = header;
        for (Entry e : header.entries()) {
            byName.put(e.name(), e);
        }
    }

    /// Opens and checks `path`; throws [FileFormatException] when a rule of the format is broken.
    public static SafetensorsFile open(Path path) throws IOException {
        String file = path.toString();
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            long size = channel.size();
            if (size < 8) {
                throw new FileFormatException(file, 0, "shorter than the 8 bytes of header length: " + size);
            }
            ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            readFully(file, channel, length, 0);
            long headerBytes = length.getLong(0);
            if (headerBytes < 2 || headerBytes > SafetensorsHeader.LIMIT || headerBytes > size - 8) {
                throw new FileFormatException(
                        file, 0, "header length " + Long.toUnsignedString(headerBytes) + " is not between 2 and the "
                                + Math.min(SafetensorsHeader.LIMIT, size - 8) + " bytes allowed");
            }
            byte[] json = new byte[(int) headerBytes];
            readFully(file, channel, ByteBuffer.wrap(json), 8);
            long dataStart = 8 + headerBytes;
            return new SafetensorsFile(
                    file, channel, dataStart, SafetensorsHeader.parse(file, json, size - dataStart));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /// The tensors, in the order of the header.
    public List<Entry> entries() {
        return header.entries();
    }

    /// The tensor of that name.
    public Optional<Entry> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /// The tensor of that name; throws IllegalArgumentException when there is none.
    public Entry get(String name) {
        return find(name).orElseThrow(
                () -> new IllegalArgumentException("safetensors: " + file + " has no tensor " + name));
    }

    /// The free text stored beside the tensors; empty when there is none.
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /// Reads a tensor, row-major, as elements of `dtype` to byte `at` of `to`. Floats of any width are read as F32 or
    /// F64 (rounded to nearest), integers as their own type; other pairs throw IllegalArgumentException, and so does a
    /// segment that is too small. Throws [FileFormatException] when the file became shorter since it was opened.
    public void read(Entry entry, DType dtype, MemorySegment to, long at) throws IOException {
        checkReadable(entry, dtype);
        if (at < 0 || to.byteSize() - at < entry.count() * dtype.bytes()) {
            throw new IllegalArgumentException(
                    "safetensors: tensor " + entry.name() + " needs " + entry.count() * dtype.bytes()
                            + " bytes, the segment has " + (to.byteSize() - at));
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
        MemorySegment chunk = MemorySegment.ofBuffer(buffer);
        int size = entry.type().bytes();
        long position = at;
        for (long begin = entry.begin(); begin < entry.end(); begin += CHUNK) {
            int bytes = (int) Math.min(CHUNK, entry.end() - begin);
            readFully(file, channel, buffer.clear().limit(bytes), dataStart + begin);
            convert(chunk, entry.type(), bytes / size, to, dtype, position);
            position += (long) bytes / size * dtype.bytes();
        }
    }

    /// Throws IllegalArgumentException when `entry` cannot be read as `dtype` (see [#read]).
    public void checkReadable(Entry entry, DType dtype) {
        boolean floats = dtype.isFloating() && entry.type().dtype().isFloating();
        if (!floats && entry.type().dtype() != dtype) {
            throw new IllegalArgumentException(
                    "safetensors: tensor " + entry.name() + " is stored as " + entry.type() + " and cannot be read as "
                            + dtype);
        }
    }

    private static void convert(MemorySegment from, StoredType type, int n, MemorySegment to, DType dtype, long at) {
        switch (type) {
            case F32 -> {
                if (dtype == DType.F32) {
                    MemorySegment.copy(from, order(JAVA_FLOAT), 0, to, JAVA_FLOAT, at, n);
                } else {
                    for (int i = 0; i < n; i++) {
                        to.set(JAVA_DOUBLE, at + 8L * i, from.get(order(JAVA_FLOAT), 4L * i));
                    }
                }
            }
            case F64 -> {
                if (dtype == DType.F64) {
                    MemorySegment.copy(from, order(JAVA_DOUBLE), 0, to, JAVA_DOUBLE, at, n);
                } else {
                    for (int i = 0; i < n; i++) {
                        to.set(JAVA_FLOAT, at + 4L * i, (float) from.get(order(JAVA_DOUBLE), 8L * i));
                    }
                }
            }
            case F16, BF16 -> {
                for (int i = 0; i < n; i++) {
                    short bits = from.get(order(JAVA_SHORT), 2L * i);
                    float value =
                            type == StoredType.F16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
                    if (dtype == DType.F32) {
                        to.set(JAVA_FLOAT, at + 4L * i, value);
                    } else {
                        to.set(JAVA_DOUBLE, at + 8L * i, value);
                    }
                }
            }
            case I64 -> MemorySegment.copy(from, order(JAVA_LONG), 0, to, JAVA_LONG, at, n);
            case I32 -> MemorySegment.copy(from, order(JAVA_INT), 0, to, JAVA_INT, at, n);
            case I16 -> {
                for (int i = 0; i < n; i++) {
                    to.set(JAVA_INT, at + 4L * i, from.get(order(JAVA_SHORT), 2L * i));
                }
            }
            case I8 -> {
                for (int i = 0; i < n; i++) {
                    to.set(JAVA_INT, at + 4L * i, from.get(JAVA_BYTE, i));
                }
            }
            case U8 -> MemorySegment.copy(from, 0, to, at, n);
            case BOOL -> {
                for (int i = 0; i < n; i++) {
                    to.set(JAVA_BYTE, at + i, (byte) (from.get(JAVA_BYTE, i) != 0 ? 1 : 0));
                }
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends ValueLayout> T order(T layout) {
        return (T) layout.withOrder(ByteOrder.LITTLE_ENDIAN);
    }

    private static void readFully(String file, FileChannel channel, ByteBuffer to, long position) throws IOException {
        while (to.hasRemaining()) {
            int n = channel.read(to, position);
            if (n < 0) {
                throw new FileFormatException(file, position, "the file ends here, " + to.remaining() + " bytes early");
            }
            position += n;
        }
    }

    /// Closes the file; what was read stays valid.
    @Override
    public void close() throws IOException {
        channel.close();
    }
}
