package dev.gatun.ops;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `y = epilogue(x ∗ w, extras…)`: x `[n, c, h, w]`, weights `[oc, c/groups, kh, kw]`, y `[n, oc, oh, ow]`, and further
/// operands that broadcast to y as inputs 1, 2, … of the epilogue (a bias has shape `[oc, 1, 1]`). Differentiable when
/// the epilogue is nothing or a bias.
///
/// @param spec stride, padding, dilation, groups
/// @param epilogue what happens to a value before it is stored; input 0 is the value
public record Conv2d(ConvSpec spec, Expr epilogue) implements Fusible {
    /// Without a bias.
    public static Conv2d plain(ConvSpec spec) {
        return new Conv2d(spec, MatMul.PLAIN.epilogue());
    }

    /// With a bias as third operand.
    public static Conv2d biased(ConvSpec spec) {
        return new Conv2d(spec, MatMul.BIASED.epilogue());
    }

    @Override
    public String name() {
        return "conv2d";
    }

    @Override
    public List<Signature> infer(List<Signature> inputs) {
        if (inputs.size() < 2) {
            Arity.check(name(), inputs, 2);
        }
        Arity.floating(name(), inputs);
        Arity.sameType(name(), inputs);
        Signature x = inputs.getFirst();
        Signature y = x.with(outputShape(name(), spec, x.shape(), inputs.get(1).shape()));
        MatMul.checkExtras(name(), inputs, y.shape());
        return List.of(y);
    }

    /// Shape of the convolution of `x` with weights `w`, all rules checked.
    static Shape outputShape(String op, ConvSpec spec, Shape x, Shape w) {
        if (x.rank() != 4 || w.rank() != 4) {
            throw new IllegalArgumentException(
                    op + ": needs input [n, c, h, w] and weight [oc, c/groups, kh, kw]: " + x + " and " + w);
        }
        int groups = spec.groups();
        if (x.dim(1) != (long) w.dim(1) * groups || w.dim(0) % groups != 0) {
            throw new IllegalArgumentException(op + ": channels do not fit: input " + x + ", weight " + w + ", groups "
                    + groups + " (input has " + x.dim(1) + ", weight takes " + w.dim(1) + "·" + groups + ", gives "
                    + w.dim(0) + ")");
        }
        int oh = spec.outHeight(x.dim(2), w.dim(2));
        int ow = spec.outWidth(x.dim(3), w.dim(3));
        if (oh < 1 || ow < 1 || w.dim(2) < 1 || w.dim(3) < 1) {
            throw new IllegalArgumentException(op + ": the filter is larger than the padded input: input " + x
                    + ", weight " + w + ", " + spec);
        }
        return Shape.of(x.dim(0), w.dim(0), oh, ow);
    }

    @Override
    public Call bind(Kernels kernels, List<View> in, List<View> out) {
        View y = out.getFirst();
        return kernels.conv().forward(spec, in.get(0), in.get(1), y, MatMul.epilogue(epilogue, in, y));
    }

    /// The convolution with packed weights.
    public Call bind(Kernels kernels, View x, PackedFilter w, List<View> extras, View y) {
        Epilogue last = new Epilogue(epilogue, extras.stream().map(v -> v.expand(y.dims())).toList());
        return kernels.conv().forward(spec, x, w, y, last);
    }

    @Override
    public long terms(int[] weights) {
        return (long) weights[1] * weights[2] * weights[3];
    }

    @Override
    public Conv2d withEpilogue(Expr other) {
        return new Conv2d(spec, other);
    }

    @Override
    public List<@Nullable Tensor> backward(Backward context) {
        Shape x = context.inputSignature(0).shape();
        Shape w = context.inputSignature(1).shape();
        Tensor gradient = Dense.plane(context.gradient());
        List<@Nullable Tensor> results = new ArrayList<>();
        results.add(context.needs(0)
                ? Tensor.applyOne(new ConvTranspose2d(spec, x.dim(2), x.dim(3)), gradient, context.input(1))
                : null);
        results.add(context.needs(1)
                ? Tensor.applyOne(new ConvWeightGradient(spec, w.dim(2), w.dim(3)), context.input(0), gradient)
                : null);
        MatMul.addExtras(name(), epilogue, context, results);
        return results;
    }

    @Override
    public boolean savesInput(int index) {
        return index < 2;
    }
}
