package dev.gatun.ops;

import dev.gatun.kernels.DType;

/// What an operation knows of a tensor before there are numbers: element type and shape.
public record Signature(DType dtype, Shape shape) {
    /// A signature with these sizes.
    public static Signature of(DType dtype, int... dims) {
        return new Signature(dtype, new Shape(dims));
    }

    /// The same type with another shape.
    public Signature with(Shape other) {
        return new Signature(dtype, other);
    }

    /// Bytes of the elements, row-major without holes.
    public long bytes() {
        return (long) shape.count() * dtype.bytes();
    }

    /// Type and sizes, `F32[2, 3]`.
    @Override
    public String toString() {
        return dtype + shape.toString();
    }
}
