package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.FLOAT;

import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Operands of an epilogue that no kernel can read where they lie, copied to memory of this object's own before each
/// run. Slow, and rare: plans lay operands out as their result.
final class ExtraCopies {
    private record Copy(View from, View to) {}

    private final List<Copy> copies = new ArrayList<>();

    /// A view of the copy of `extra`, without gaps in this layout.
    View add(View extra, ImageLayout layout) {
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(64, 4L * extra.count()), 64);
        View to = new View(memory, 0, extra.dtype(), extra.dims(), layout.strides(extra.dims()));
        copies.add(new Copy(extra, to));
        return to;
    }

    /// To be called before each run.
    void prepare() {
        for (int i = 0; i < copies.size(); i++) {
            copy(copies.get(i).from, copies.get(i).to);
        }
    }

    private static void copy(View from, View to) {
        MemorySegment source = OffHeap.of(from.segment());
        MemorySegment target = OffHeap.of(to.segment());
        for (int n = 0; n < from.dim(0); n++) {
            for (int c = 0; c < from.dim(1); c++) {
                for (int i = 0; i < from.dim(2); i++) {
                    for (int j = 0; j < from.dim(3); j++) {
                        target.set(FLOAT, at(to, n, c, i, j), source.get(FLOAT, at(from, n, c, i, j)));
                    }
                }
            }
        }
    }

    private static long at(View v, int n, int c, int i, int j) {
        return v.offset() + 4 * ((long) n * v.stride(0) + (long) c * v.stride(1) + (long) i * v.stride(2)
                + (long) j * v.stride(3));
    }
}
