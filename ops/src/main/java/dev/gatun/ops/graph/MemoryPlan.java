package dev.gatun.ops.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Places in one slab for things that live for a while each: two share bytes only when their times do not meet. Largest
/// first, each at the lowest place that is free all its time (the greedy-by-size heuristic of Pisarchyk and Lee, 2020,
/// "Efficient memory management for deep neural net inference").
public record MemoryPlan(long[] offsets, long bytes) {
    private static final long ALIGNMENT = 64;

    /// Something of `bytes` bytes, in use from step `first` to step `last`, both included.
    public record Lifetime(long bytes, int first, int last) {
        boolean meets(Lifetime other) {
            return first <= other.last && other.first <= last;
        }
    }

    /// The places, in the order of `lifetimes`.
    public static MemoryPlan of(List<Lifetime> lifetimes) {
        long[] offsets = new long[lifetimes.size()];
        Integer[] order = new Integer[offsets.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingLong((Integer i) -> -lifetimes.get(i).bytes()));
        List<Integer> placed = new ArrayList<>();
        long total = 0;
        for (int i : order) {
            offsets[i] = lowest(lifetimes, offsets, placed, lifetimes.get(i));
            placed.add(i);
            total = Math.max(total, offsets[i] + padded(lifetimes.get(i)));
        }
        return new MemoryPlan(offsets, total);
    }

    private static long lowest(List<Lifetime> lifetimes, long[] offsets, List<Integer> placed, Lifetime wanted) {
        List<Integer> neighbours = new ArrayList<>(placed);
        neighbours.removeIf(j -> !lifetimes.get(j).meets(wanted));
        neighbours.sort(Comparator.comparingLong(j -> offsets[j]));
        long at = 0;
        for (int j : neighbours) {
            if (offsets[j] >= at + padded(wanted)) {
                break;
            }
            at = Math.max(at, offsets[j] + padded(lifetimes.get(j)));
        }
        return at;
    }

    private static long padded(Lifetime lifetime) {
        return (lifetime.bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MemoryPlan p && p.bytes == bytes && Arrays.equals(p.offsets, offsets);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(offsets);
    }

    @Override
    public String toString() {
        return bytes + " bytes " + Arrays.toString(offsets);
    }
}
