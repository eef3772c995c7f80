package dev.gatun.onnx.file;

import java.util.Arrays;
import java.util.List;

/// A setting of a [Node].
public sealed interface Attribute {
    /// An integer or a flag.
    record Whole(long value) implements Attribute {}

    /// A number.
    record Real(float value) implements Attribute {}

    /// Integers.
    record Wholes(List<Long> values) implements Attribute {
        /// Copies the list.
        public Wholes {
            values = List.copyOf(values);
        }
    }

    /// A word.
    record Text(String value) implements Attribute {}

    /// Words.
    record Texts(List<String> values) implements Attribute {
        /// Copies the list.
        public Texts {
            values = List.copyOf(values);
        }
    }

    /// An integer.
    static Attribute of(long value) {
        return new Whole(value);
    }

    /// A number.
    static Attribute of(double value) {
        return new Real((float) value);
    }

    /// Integers.
    static Attribute of(int... values) {
        return new Wholes(Arrays.stream(values).asLongStream().boxed().toList());
    }

    /// A word.
    static Attribute of(String value) {
        return new Text(value);
    }

    /// AttributeProto under this name.
    default Message message(String name) {
        Message out = new Message().text(1, name);
        return switch (this) {
            case Real(float value) -> out.real(2, value).whole(20, 1);
            case Whole(long value) -> out.whole(3, value).whole(20, 2);
            case Text(String value) -> out.text(4, value).whole(20, 3);
            case Texts(List<String> values) -> {
                values.forEach(v -> out.text(9, v));
                yield out.whole(20, 8);
            }
            case Wholes(List<Long> values) -> {
                values.forEach(v -> out.whole(8, v));
                yield out.whole(20, 7);
            }
        };
    }
}
