package dev.gatun.ops;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Numbers from the host into tensors and back.
final class Create {
    private Create() {}

    static Tensor of(MemorySegment values, DType dtype, int count, int[] dims) {
        Shape shape = dims.length == 0 ? Shape.of(count) : new Shape(dims);
        long bytes = (long) shape.count() * dtype.bytes();
        if (shape.count() != count || values.byteSize() != bytes) {
            throw new IllegalArgumentException("of: " + values.byteSize() / dtype.bytes() + " values do not fill shape "
                    + shape + " (" + shape.count() + " elements)");
        }
        Tensor tensor = Tensor.allocate(Engine.current(), dtype, shape, "of");
        MemorySegment.copy(values, 0, tensor.view().segment(), tensor.view().offset(), bytes);
        return tensor;
    }

    static Tensor full(Engine engine, DType dtype, Shape shape, double value) {
        Tensor tensor = Tensor.allocate(engine, dtype, shape, "full");
        if (shape.count() == 1) {
            tensor.view().setDouble(0, value);
        } else if (shape.count() > 1) {
            Eager.compute(engine, engine.kernels().copy().fill(tensor.view(), value), "full");
        }
        return tensor;
    }

    static Tensor arange(long start, long end, long step) {
        if (step == 0) {
            throw new IllegalArgumentException("arange: the step must not be 0");
        }
        long span = Math.subtractExact(end, start);
        int n = Math.toIntExact(Math.max(0, Math.ceilDiv(span, step)));
        Tensor tensor = Tensor.allocate(Engine.current(), DType.I64, Shape.of(n), "arange");
        for (int i = 0; i < n; i++) {
            tensor.view().setLong(i, start + i * step);
        }
        return tensor;
    }

    static Tensor arange(double start, double end, double step) {
        if (step == 0 || Double.isNaN(step)) {
            throw new IllegalArgumentException("arange: the step must not be " + step);
        }
        int n = (int) Math.max(0, Math.ceil((end - start) / step));
        Tensor tensor = Tensor.allocate(Engine.current(), DType.F32, Shape.of(n), "arange");
        for (int i = 0; i < n; i++) {
            tensor.view().setDouble(i, start + i * step);
        }
        return tensor;
    }

    static Tensor linspace(double start, double end, int steps) {
        Tensor tensor = Tensor.allocate(Engine.current(), DType.F32, Shape.of(steps), "linspace");
        double step = steps > 1 ? (end - start) / (steps - 1) : 0;
        for (int i = 0; i < steps; i++) {
            // Counted from the nearer end, so that both ends are met exactly.
            tensor.view().setDouble(i, i < steps - i ? start + i * step : end - (steps - 1 - i) * step);
        }
        return tensor;
    }

    static Tensor eye(int n, int m) {
        Tensor tensor = full(Engine.current(), DType.F32, Shape.of(n, m), 0);
        for (int i = 0; i < Math.min(n, m); i++) {
            tensor.view().setDouble((long) i * m + i, 1);
        }
        return tensor;
    }

    static Tensor cat(int dim, Tensor... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException("cat: needs at least one tensor");
        }
        DType type = Promotion.of(Arrays.stream(parts).map(Tensor::signature).toList());
        Cat op = new Cat(parts[0].shape().axis("cat", dim));
        return Tensor.applyOne(op, Arrays.stream(parts).map(t -> t.to(type)).toArray(Tensor[]::new));
    }

    /// Position of the element at `indices` within the view, strides applied.
    static long offset(View view, int[] indices) {
        if (indices.length != view.rank()) {
            throw new IllegalArgumentException("get: one index per dim is needed: " + Arrays.toString(indices)
                    + " for shape " + Shape.of(view));
        }
        long at = 0;
        for (int i = 0; i < indices.length; i++) {
            int size = view.dim(i);
            int index = indices[i] < 0 ? indices[i] + size : indices[i];
            if (index < 0 || index >= size) {
                throw new IndexOutOfBoundsException("get: index " + indices[i] + " at dim " + i + " is outside shape "
                        + Shape.of(view));
            }
            at += (long) index * view.stride(i);
        }
        return at;
    }

    /// A visitor of elements: row-major position and place within the view.
    interface Visitor {
        void visit(int position, long at);
    }

    static void each(View view, Visitor visitor) {
        int rank = view.rank();
        int[] index = new int[rank];
        long at = 0;
        for (int position = 0; position < view.count(); position++) {
            visitor.visit(position, at);
            for (int d = rank - 1; d >= 0; d--) {
                at += view.stride(d);
                if (++index[d] < view.dim(d)) {
                    break;
                }
                at -= (long) view.stride(d) * index[d];
                index[d] = 0;
            }
        }
    }

    static double[] doubles(View view) {
        double[] values = new double[view.count()];
        each(view, (position, at) -> values[position] = view.getDouble(at));
        return values;
    }

    static long[] longs(View view) {
        long[] values = new long[view.count()];
        each(view, (position, at) -> values[position] = view.getLong(at));
        return values;
    }

    static float[] floats(View view) {
        float[] values = new float[view.count()];
        if (view.dtype() == DType.F32 && view.isContiguous()) {
            MemorySegment.copy(view.segment(), JAVA_FLOAT, view.offset(), values, 0, values.length);
        } else {
            each(view, (position, at) -> values[position] = (float) view.getDouble(at));
        }
        return values;
    }
}
