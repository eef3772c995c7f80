package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;

/// Two steps with a contiguous tensor in scratch memory between them. The steps are made again when the scratch memory
/// is not that of the last run; in steady state it is.
final class MappedReduction implements Call {
    private final int[] dims;
    private final DType dtype;
    private final Function<View, Call> first;
    private final Function<View, Call> second;
    private final long bytes;
    private final long rest;
    private Call map = scratch -> {};
    private Call fold = scratch -> {};
    private MemorySegment bound = MemorySegment.NULL;
    private MemorySegment steps = MemorySegment.NULL;

    MappedReduction(int[] dims, DType dtype, Function<View, Call> first, Function<View, Call> second) {
        this.dims = dims;
        this.dtype = dtype;
        this.first = first;
        this.second = second;
        bytes = ((long) View.count(dims) * dtype.bytes() + 63) & -64;
        // How much the steps themselves need depends on shapes only: ask them with memory that is given back at once.
        try (Arena arena = Arena.ofConfined()) {
            View probe = View.of(arena.allocate(bytes, 64), 0, dtype, dims);
            rest = Math.max(first.apply(probe).scratchBytes(), second.apply(probe).scratchBytes());
        }
    }

    @Override
    public long scratchBytes() {
        return bytes + rest;
    }

    @Override
    public void run(MemorySegment scratch) {
        if (!scratch.equals(bound)) {
            View temporary = View.of(scratch, 0, dtype, dims);
            map = first.apply(temporary);
            fold = second.apply(temporary);
            steps = scratch.asSlice(bytes);
            bound = scratch;
        }
        map.run(steps);
        fold.run(steps);
    }
}
