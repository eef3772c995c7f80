package dev.gatun.tests.conformance;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/// One operand of a case: its type, sizes, layout and numbers.
record Operand(DType dtype, int[] dims, Layout layout, Domain domain) {
    private static final int MARGIN = 64;

    static Operand of(DType dtype, Domain domain, int... dims) {
        return new Operand(dtype, dims, Layout.PLAIN, domain);
    }

    static Operand f32(int... dims) {
        return of(DType.F32, Domain.NORMAL, dims);
    }

    static Operand out(DType dtype, int... dims) {
        return of(dtype, dtype.isFloating() ? Domain.GARBAGE : Domain.constant(1), dims);
    }

    Operand as(Layout other) {
        return new Operand(dtype, dims, other, domain);
    }

    Operand of(DType other) {
        return new Operand(other, dims, layout, domain);
    }

    Operand with(Domain other) {
        return new Operand(dtype, dims, layout, other);
    }

    /// Fresh memory with margins on both sides and the numbers of `seed` in it, each through `change` first.
    Placed place(long seed, DoubleUnaryOperator change) {
        int[] strides = layout.strides(dims);
        long bytes = (long) (Layout.extent(dims, strides) + layout.shift()) * dtype.bytes();
        MemorySegment memory = Arena.ofAuto().allocate(MARGIN + (bytes + 63) / 64 * 64 + MARGIN, 64);
        memory.fill((byte) 0xA5);
        View view = new View(memory, MARGIN + (long) layout.shift() * dtype.bytes(), dtype, dims, strides);
        Placed placed = new Placed(memory, view);
        SplittableRandom random = new SplittableRandom(seed);
        int[] i = {0};
        Elements.forEach(view, at -> view.setDouble(at, change.applyAsDouble(domain.value(i[0]++, random))));
        return placed;
    }

    /// An operand in memory of its own.
    record Placed(MemorySegment memory, View view) {
        byte[] bytes() {
            return memory.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        }

        void restore(byte[] bytes) {
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
        }

        double[] values() {
            return Elements.values(view);
        }

        /// Throws when a byte outside the elements differs from `before`.
        void checkSurroundings(byte[] before) {
            byte[] now = bytes();
            int size = view.dtype().bytes();
            Elements.forEach(view, at -> {
                int start = (int) (view.offset() + at * size);
                Arrays.fill(now, start, start + size, (byte) 0);
                Arrays.fill(before, start, start + size, (byte) 0);
            });
            int wrong = Arrays.mismatch(now, before);
            if (wrong >= 0) {
                throw new AssertionError(
                        "wrote outside its output: byte " + (wrong - view.offset()) + " from the start of " + view);
            }
        }
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(dims) + (layout == Layout.PLAIN ? "" : "/" + layout);
    }
}
