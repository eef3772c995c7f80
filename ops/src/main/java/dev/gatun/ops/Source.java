package dev.gatun.ops;

import org.jspecify.annotations.Nullable;

/// Where a gradient of a tensor goes: to the node that made the tensor, or, for a leaf, into its slot.
sealed interface Source {
    /// Output `index` of `node`.
    record Output(Node node, int index) implements Source {
        @Override
        public boolean equals(Object other) {
            return other instanceof Output o && o.node == node && o.index == index;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(node) * 31 + index;
        }
    }

    /// A tensor that the user asked gradients for.
    final class Leaf implements Source {
        @Nullable Tensor gradient;
    }
}
