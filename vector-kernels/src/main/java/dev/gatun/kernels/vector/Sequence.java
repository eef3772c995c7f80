package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Calls one after another that hand tensors on in scratch memory. They are made again when the scratch memory is not
/// that of the last run; in steady state it is.
final class Sequence implements Call {
    private final Function<MemorySegment, List<Call>> maker;
    private final long bytes;
    private final long rest;
    private Call[] calls = {};
    private @Nullable MemorySegment bound;
    private MemorySegment steps = MemorySegment.NULL;

    /// `maker` makes the calls for `temporaries` bytes of memory.
    Sequence(long temporaries, Function<MemorySegment, List<Call>> maker) {
        this.maker = maker;
        bytes = (temporaries + 63) & -64;
        // What the calls themselves need depends on shapes only: ask them with memory that is given back at once.
        try (Arena arena = Arena.ofShared()) {
            rest = maker.apply(arena.allocate(Math.max(64, bytes), 64)).stream().mapToLong(Call::scratchBytes).max()
                    .orElse(0);
        }
    }

    @Override
    public long scratchBytes() {
        return bytes + rest;
    }

    @Override
    public void run(MemorySegment scratch) {
        if (!scratch.equals(bound)) {
            calls = maker.apply(scratch).toArray(Call[]::new);
            steps = scratch.asSlice(bytes);
            bound = scratch;
        }
        for (Call call : calls) {
            call.run(steps);
        }
    }
}
