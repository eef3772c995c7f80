package dev.gatun.nn.data;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Some samples of another data set, in an order of their own.
record Subset(Dataset base, int[] indices) implements Dataset {
    Subset {
        for (int i = 0; i < indices.length; i++) {
            if (indices[i] < 0 || indices[i] >= base.size()) {
                throw new IndexOutOfBoundsException(
                        "subset: index " + indices[i] + " at position " + i + " is outside 0 … " + (base.size() - 1));
            }
        }
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public Layout layout() {
        return base.layout();
    }

    @Override
    public void read(int index, MemorySegment input, long inputAt, MemorySegment target, long targetAt) {
        base.read(indices[Objects.checkIndex(index, indices.length)], input, inputAt, target, targetAt);
    }
}
