package dev.gatun.kernels.vector;

import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// All lines along one dim of operands whose other dims agree, numbered so that neighbours lie together.
///
/// @param walk the other dims
/// @param count how many lines
record Lines(Walk walk, int count) {
    private static final int GRAIN = 16384;

    /// Lines along `dim`; the sizes along it may differ.
    static Lines along(int dim, View... views) {
        List<Integer> order = new ArrayList<>();
        View lead = views[views.length - 1];
        for (int i = 0; i < lead.rank(); i++) {
            if (i != dim && lead.dim(i) != 1) {
                order.add(i);
            }
        }
        order.sort((x, y) -> Integer.compare(lead.stride(y), lead.stride(x)));
        Walk walk = Walk.of(lead.dims(), Arrays.asList(views), order);
        return new Lines(walk, walk.count());
    }

    /// Elements from the start of an operand to its first element of line `i`.
    long offset(int operand, int i) {
        return walk.offset(operand, i, walk.rank() - 1);
    }

    /// Into how many chunks the lines are cut when each has `n` elements of simple work.
    int chunks(Threads threads, int n) {
        long work = (long) count * Math.max(1, n);
        return (int) Math.max(1, Math.min(Math.min(count, work / GRAIN), threads.count() * 8L));
    }

    /// The first line of a chunk.
    int first(int chunk, int chunks) {
        return (int) ((long) count * chunk / chunks);
    }
}
