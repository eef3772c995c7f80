package dev.gatun.onnx.file;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A protocol buffer message under construction: fields one behind the other. Weights stay where they are until the
/// message is written, so that a large model is never in memory twice.
public final class Message {
    private static final int VARINT = 0;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;

    /// `byte[]` and `MemorySegment`, in the order of the file.
    private final List<Object> parts = new ArrayList<>();
    private ByteArrayOutputStream open = new ByteArrayOutputStream();
    private long size;

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            put((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        put((int) rest);
    }

    private void put(int b) {
        open.write(b);
        size++;
    }

    private void tag(int field, int type) {
        varint(((long) field << 3) | type);
    }

    /// An integer, a flag or an enum constant.
    public Message whole(int field, long value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    /// A 32-bit float.
    public Message real(int field, float value) {
        tag(field, FIXED32);
        int bits = Float.floatToRawIntBits(value);
        for (int shift = 0; shift < 32; shift += 8) {
            put((bits >>> shift) & 0xFF);
        }
        return this;
    }

    /// Text as UTF-8.
    public Message text(int field, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        tag(field, LENGTH);
        varint(bytes.length);
        open.writeBytes(bytes);
        size += bytes.length;
        return this;
    }

    /// A message inside this one; it must not be changed afterwards.
    public Message message(int field, Message inner) {
        tag(field, LENGTH);
        varint(inner.size);
        seal();
        inner.seal();
        parts.addAll(inner.parts);
        size += inner.size;
        return this;
    }

    /// Bytes that are read when the message is written.
    public Message bytes(int field, MemorySegment data) {
        tag(field, LENGTH);
        varint(data.byteSize());
        seal();
        parts.add(data);
        size += data.byteSize();
        return this;
    }

    private void seal() {
        if (open.size() > 0) {
            parts.add(open.toByteArray());
            open = new ByteArrayOutputStream();
        }
    }

    /// Bytes of the whole message.
    public long size() {
        return size;
    }

    /// Writes the message at the channel's position.
    public void writeTo(FileChannel channel) throws IOException {
        seal();
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(1 << 20, Math.max(size, 1)));
        MemorySegment window = MemorySegment.ofBuffer(buffer);
        for (Object part : parts) {
            MemorySegment from = part instanceof byte[] bytes ? MemorySegment.ofArray(bytes) : (MemorySegment) part;
            for (long at = 0; at < from.byteSize();) {
                int n = (int) Math.min(buffer.remaining(), from.byteSize() - at);
                MemorySegment.copy(from, at, window, buffer.position(), n);
                buffer.position(buffer.position() + n);
                at += n;
                if (!buffer.hasRemaining()) {
                    drain(channel, buffer);
                }
            }
        }
        drain(channel, buffer);
    }

    private static void drain(FileChannel channel, ByteBuffer buffer) throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }
}
