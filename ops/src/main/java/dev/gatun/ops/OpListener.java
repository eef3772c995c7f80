package dev.gatun.ops;

import java.util.List;

/// Told of every operation that tensors run while it listens (see [Eager#listen]).
public interface OpListener {
    /// `op` has computed `outputs` from `inputs`. A view operation's output aliases its input.
    void ran(Op op, List<Tensor> inputs, List<Tensor> outputs);

    /// `op` is about to overwrite `target`, its first input, in place. A listener that cannot follow throws.
    void overwrites(Op op, Tensor target);

    /// True when an operation on `inputs` shall not be computed: its outputs are allocated, their numbers are anything.
    default boolean defers(List<Tensor> inputs) {
        return false;
    }

    /// The program is about to read the numbers of `tensor`.
    default void reads(Tensor tensor) {}

    /// `alias` is another handle on the numbers of `tensor`.
    default void aliases(Tensor tensor, Tensor alias) {}
}
