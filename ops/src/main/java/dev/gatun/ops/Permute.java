package dev.gatun.ops;

import dev.gatun.kernels.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Dims in another order: dim i of the result is dim `order[i]` of the input.
///
/// @param order a permutation of the dims
public record Permute(List<Integer> order) implements ViewOp {
    /// Copies the list.
    public Permute {
        order = List.copyOf(order);
    }

    @Override
    public String name() {
        return "permute";
    }

    @Override
    public Signature infer(Signature in) {
        int rank = in.shape().rank();
        if (order.size() != rank || order.stream().distinct().filter(d -> d >= 0 && d < rank).count() != rank) {
            throw new IllegalArgumentException(
                    "permute: the order must name every dim once: " + order + " for shape " + in.shape());
        }
        return in.with(new Shape(order.stream().mapToInt(in.shape()::dim).toArray()));
    }

    @Override
    public View apply(View in) {
        return in.permute(order.stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        int[] inverse = new int[order.size()];
        for (int i = 0; i < inverse.length; i++) {
            inverse[order.get(i)] = i;
        }
        return Backward.only(context.gradient().permute(inverse));
    }
}
