package dev.gatun.kernels.gemm;

import dev.gatun.kernels.codegen.MicroKernel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What runs on the tiles of one panel of C, or of several taken together.
///
/// @param vectors per row of the tile
/// @param first the products of the first block, for the taller and the lower tiles
/// @param next those of further blocks, which go on with what the tile holds
/// @param scaled brings the old C into the tile before the first block; null where sums begin with zeros
/// @param old the same before a further block that finds its sums in C
/// @param part brings the sums from the tile to C after a block that is not the last of its sum
/// @param last the same after the last, with the epilogue; null where they went there at once
record PanelKernels(
        int vectors, Pair first, Pair next, @Nullable MicroKernel scaled, @Nullable MicroKernel old,
        @Nullable MicroKernel part, @Nullable MicroKernel last) {
    /// Kernels of the two heights of tiles; null for one that does not occur.
    record Pair(@Nullable MicroKernel tall, @Nullable MicroKernel low) {
        static final Pair NONE = new Pair(null, null);

        MicroKernel of(boolean lower) {
            return Objects.requireNonNull(lower ? low : tall);
        }
    }

    /// What runs before a block; null for nothing.
    @Nullable
    MicroKernel before(boolean isFirst) {
        return isFirst ? scaled : old;
    }

    /// What runs after a block; null for nothing.
    @Nullable
    MicroKernel after(boolean isLast) {
        return isLast ? last : part;
    }
}
