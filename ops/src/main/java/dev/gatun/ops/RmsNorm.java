package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// RMS norm (Zhang and Sennrich, 2019) over the last `dims` dims: x, and optionally a weight, give
/// `y = x·(Σx²/n + eps)^−½·weight`, and per row the factor.
///
/// @param dims how many of the last dims are normalised together
/// @param eps what keeps the division from zero
public record RmsNorm(int dims, double eps) implements RowNorm {
    @Override
    public String name() {
        return "rmsNorm";
    }

    @Override
    public List<String> parameters() {
        return List.of("weight");
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        Signature x = check(inputs);
        return List.of(x, perRow(x));
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        return kernels.norm().rmsNorm(RowNorm.rows(in.get(0), dims), in.size() > 1 ? RowNorm.flat(in.get(1)) : null,
                eps, RowNorm.rows(out.get(0), dims), RowNorm.flat(out.get(1)));
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        onlyFirst(context, 2);
        List<Tensor> operands = new ArrayList<>(
                List.of(context.input(0), context.output(1), context.gradient().contiguous()));
        if (context.inputs() > 1) {
            operands.add(context.input(1));
        }
        return new ArrayList<>(Tensor.apply(new RowNormGradient(false, dims, context.inputs() > 1, false),
                operands.toArray(Tensor[]::new)));
    }

    @Override
    public boolean savesOutput(int index) {
        return index > 0;
    }
}
