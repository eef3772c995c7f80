package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Layer norm (Ba and others, 2016) over the last `dims` dims: x, and optionally weight and bias, give
/// `y = (x − mean)·(variance + eps)^−½·weight + bias`, and per row the mean and `(variance + eps)^−½`. The variance is
/// biased.
///
/// @param dims how many of the last dims are normalised together
/// @param eps what keeps the division from zero
public record LayerNorm(int dims, double eps) implements RowNorm {
    @Override
    public String name() {
        return "layerNorm";
    }

    @Override
    public List<String> parameters() {
        return List.of("weight", "bias");
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature x = check(inputs);
        return List.of(x, perRow(x), perRow(x));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.norm().layerNorm(RowNorm.rows(in.get(0), dims), in.size() > 1 ? RowNorm.flat(in.get(1)) : null,
                in.size() > 2 ? RowNorm.flat(in.get(2)) : null, eps, RowNorm.rows(out.get(0), dims),
                RowNorm.flat(out.get(1)), RowNorm.flat(out.get(2)));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        onlyFirst(context, 3);
        int inputs = context.inputs();
        List<Tensor> operands = new ArrayList<>(List.of(context.input(0), context.output(2),
                context.gradient().contiguous(), context.output(1)));
        if (inputs > 1) {
            operands.add(context.input(1));
        }
        List<Tensor> all = Tensor.apply(new RowNormGradient(true, dims, inputs > 1, inputs > 2),
                operands.toArray(Tensor[]::new));
        return new ArrayList<>(all);
    }

    @Override
    public boolean savesInput(int index) {
        return index < 2;
    }

    @Override
    public boolean savesOutput(int index) {
        return index > 0;
    }
}
