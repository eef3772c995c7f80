package dev.gatun.nn.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gatun.kernels.View;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Writes tensors to a safetensors file: wider types first, then by name, so that every tensor is aligned to its type.
public final class SafetensorsWriter {
    private static final int CHUNK = 1 << 20;

    private SafetensorsWriter() {}

    /// Writes contiguous `tensors` by name, with `metadata` as free text beside them. The file appears under its name
    /// only when it is whole and on the disk. Throws IllegalArgumentException for a view that is not contiguous and for
    /// the reserved name `__metadata__`.
    public static void write(Path path, Map<String, View> tensors, Map<String, String> metadata) throws IOException {
        List<Map.Entry<String, View>> order = new ArrayList<>(tensors.entrySet());
        order.sort(Comparator.comparingInt((Map.Entry<String, View> e) -> -e.getValue().dtype().bytes())
                .thenComparing(Map.Entry::getKey));
        byte[] header = header(order, metadata);
        AtomicFile.write(path, channel -> {
            ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            writeFully(channel, start.putLong(header.length).put(header).flip());
            for (Map.Entry<String, View> e : order) {
                writeTensor(channel, e.getValue());
            }
        });
    }

    private static byte[] header(List<Map.Entry<String, View>> order, Map<String, String> metadata) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart("__metadata__");
                for (Map.Entry<String, String> e : metadata.entrySet()) {
                    json.writeStringField(e.getKey(), e.getValue());
                }
                json.writeEndObject();
            }
            long at = 0;
            for (Map.Entry<String, View> e : order) {
                View view = e.getValue();
                if (e.getKey().equals("__metadata__") || !view.isContiguous()) {
                    throw new IllegalArgumentException(
                            "safetensors: a tensor must be contiguous and not be named __metadata__: " + e.getKey()
                                    + " "
                                    + view);
                }
                json.writeObjectFieldStart(e.getKey());
                json.writeStringField("dtype", StoredType.of(view.dtype()).name());
                json.writeFieldName("shape");
                int[] dims = view.dims();
                json.writeArray(dims, 0, dims.length);
                long bytes = (long) view.count() * view.dtype().bytes();
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {at, at + bytes}, 0, 2);
                json.writeEndObject();
                at += bytes;
            }
            json.writeEndObject();
        }
        // Spaces up to a multiple of 8 are part of the format: they align the data.
        while (out.size() % 8 != 0) {
            out.writeBytes(" ".getBytes(StandardCharsets.US_ASCII));
        }
        return out.toByteArray();
    }

    private static void writeTensor(FileChannel channel, View view) throws IOException {
        MemorySegment bytes = view.bytes();
        int size = view.dtype().bytes();
        boolean swap = size > 1 && ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(CHUNK, bytes.byteSize()));
        for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
            int n = (int) Math.min(CHUNK, bytes.byteSize() - at);
            MemorySegment.copy(bytes, at, MemorySegment.ofBuffer(buffer.clear()), 0, n);
            if (swap) {
                swap(buffer, n, size);
            }
            writeFully(channel, buffer.limit(n));
        }
    }

    private static void swap(ByteBuffer buffer, int n, int size) {
        for (int i = 0; i < n; i += size) {
            for (int lo = i, hi = i + size - 1; lo < hi; lo++, hi--) {
                byte b = buffer.get(lo);
                buffer.put(lo, buffer.get(hi)).put(hi, b);
            }
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer from) throws IOException {
        while (from.hasRemaining()) {
            channel.write(from);
        }
    }
}
