package dev.gatun.peers;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// The fields of one protocol-buffer message in the order in which they lie in memory.
final class ProtoReader implements Iterable<ProtoReader.Field> {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteBuffer message;

    ProtoReader(ByteBuffer message) {
        this.message = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /// One field: its number and, by its wire type, a number or bytes.
    record Field(int number, int wire, long bits, ByteBuffer payload) {
        ByteBuffer bytes() {
            if (wire != BYTES) {
                throw new IllegalArgumentException("protobuf: field " + number + " holds no bytes");
            }
            return payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }

        String text() {
            return StandardCharsets.UTF_8.decode(bytes()).toString();
        }

        long number64() {
            return bits;
        }

        float real() {
            return Float.intBitsToFloat((int) bits);
        }

        /// A repeated whole number, packed or not.
        void numbers(List<Long> into) {
            if (wire == BYTES) {
                ByteBuffer packed = bytes();
                while (packed.hasRemaining()) {
                    into.add(varint(packed));
                }
            } else {
                into.add(bits);
            }
        }

        /// A repeated float, packed or not.
        void reals(List<Float> into) {
            if (wire == BYTES) {
                ByteBuffer packed = bytes();
                while (packed.hasRemaining()) {
                    into.add(packed.getFloat());
                }
            } else {
                into.add(real());
            }
        }

        /// The message in field `wanted` of the message in this field; empty when it is not there.
        ByteBuffer child(int wanted) {
            for (Field field : new ProtoReader(bytes())) {
                if (field.number == wanted) {
                    return field.bytes();
                }
            }
            return ByteBuffer.allocate(0);
        }

        /// The number in field `wanted` of the message in this field; 0 when it is not there.
        long inner(int wanted) {
            for (Field field : new ProtoReader(bytes())) {
                if (field.number == wanted) {
                    return field.bits;
                }
            }
            return 0;
        }
    }

    private static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = from.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("protobuf: a number of more than 64 bits");
    }

    @Override
    public Iterator<Field> iterator() {
        ByteBuffer rest = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rest.hasRemaining();
            }

            @Override
            public Field next() {
                if (!rest.hasRemaining()) {
                    throw new NoSuchElementException();
                }
                int tag = (int) varint(rest);
                int wire = tag & 7;
                ByteBuffer none = ByteBuffer.allocate(0);
                return switch (wire) {
                    case VARINT -> new Field(tag >>> 3, wire, varint(rest), none);
                    case FIXED64 -> new Field(tag >>> 3, wire, rest.getLong(), none);
                    case FIXED32 -> new Field(tag >>> 3, wire, rest.getInt(), none);
                    case BYTES -> {
                        int length = Math.toIntExact(varint(rest));
                        ByteBuffer payload = rest.slice(rest.position(), length);
                        rest.position(rest.position() + length);
                        yield new Field(tag >>> 3, wire, 0, payload);
                    }
                    default -> throw new IllegalArgumentException("protobuf: wire type " + wire);
                };
            }
        };
    }
}
