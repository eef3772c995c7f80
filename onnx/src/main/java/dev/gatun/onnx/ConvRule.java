package dev.gatun.onnx;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.onnx.file.Attribute;
import dev.gatun.ops.Conv2d;
import dev.gatun.ops.ConvTranspose2d;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.Reshape;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.graph.Step;
import dev.gatun.ops.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Convolutions. One of height 1 over a reshaped `[n, c, l]` is written as the 1-D convolution that it is.
final class ConvRule {
    private ConvRule() {}

    static void write(Emission out, Step step, Conv2d op) {
        Value x = step.inputs().get(0);
        Value w = step.inputs().get(1);
        Value y = step.output();
        int channels = y.signature().shape().dim(1);
        boolean plain = op.epilogue().equals(Expr.input(0));
        boolean biased = op.epilogue().equals(MatMul.BIASED.epilogue()) && step.inputs().size() == 3;
        String bias = biased ? vector(out, step.inputs().get(2), channels) : null;
        boolean rest = !plain && bias == null;
        Value row = rest ? null : row(out, x, w, op.spec());
        List<String> operands = new ArrayList<>();
        operands.add(out.name(row == null ? x : row));
        operands.add(row == null ? out.name(w) : taps(out, w));
        if (bias != null) {
            operands.add(bias);
        }
        Shape shape = y.signature().shape();
        if (row != null) {
            Value flat = Value.of(y.signature().with(Shape.of(shape.dim(0), channels, shape.dim(3))));
            out.define(flat, out.emit(List.of(flat.signature()), "Conv", attributes(op.spec(), w, true), operands)
                    .getFirst());
            out.same(y, flat);
            return;
        }
        String name = out.emit(List.of(y.signature()), "Conv", attributes(op.spec(), w, false), operands).getFirst();
        out.define(y, rest ? PointwiseRule.epilogue(out, step, op.epilogue(), name) : name);
    }

    /// The `[n, c, l]` that `x` is a reshape of, where the convolution goes along it alone.
    private static @Nullable Value row(Emission out, Value x, Value w, ConvSpec spec) {
        Value root = out.root(x);
        Shape from = root.signature().shape();
        Shape to = x.signature().shape();
        boolean fits = from.rank() == 3 && to.equals(Shape.of(from.dim(0), from.dim(1), 1, from.dim(2)))
                && w.signature().shape().dim(2) == 1 && spec.padTop() == 0 && spec.padBottom() == 0 && out.isKnown(w);
        return fits ? root : null;
    }

    /// Weights `[oc, c, 1, k]` as `[oc, c, k]`: the parameter they were made of, where there is one.
    private static String taps(Emission out, Value w) {
        Shape shape = w.signature().shape();
        return reshape(out, w, Shape.of(shape.dim(0), shape.dim(1), shape.dim(3)));
    }

    /// A known value with one number per channel as a vector; null for any other.
    private static @Nullable String vector(Emission out, Value value, int channels) {
        Shape shape = value.signature().shape();
        boolean perChannel = shape.count() == channels
                && (channels == 1 || (shape.rank() >= 3 && shape.dim(shape.rank() - 3) == channels));
        return perChannel && out.isKnown(value) ? reshape(out, value, Shape.of(channels)) : null;
    }

    private static String reshape(Emission out, Value value, Shape shape) {
        Step origin = out.origin(value);
        if (origin != null && origin.op() instanceof Reshape
                && origin.inputs().getFirst().signature().shape().equals(shape)) {
            return out.name(origin.inputs().getFirst());
        }
        return out.initializer("constant", out.tensor(value).detach().reshape(shape.dims()));
    }

    private static Map<String, Attribute> attributes(ConvSpec spec, Value w, boolean row) {
        Shape filter = w.signature().shape();
        return row
                ? Map.of("kernel_shape", Attribute.of(new int[] {filter.dim(3)}), "strides",
                        Attribute.of(new int[] {spec.strideW()}), "dilations",
                        Attribute.of(new int[] {spec.dilationW()}), "pads",
                        Attribute.of(spec.padLeft(), spec.padRight()), "group", Attribute.of(spec.groups()))
                : Map.of("kernel_shape", Attribute.of(filter.dim(2), filter.dim(3)), "strides",
                        Attribute.of(spec.strideH(), spec.strideW()), "dilations",
                        Attribute.of(spec.dilationH(), spec.dilationW()), "pads",
                        Attribute.of(spec.padTop(), spec.padLeft(), spec.padBottom(), spec.padRight()), "group",
                        Attribute.of(spec.groups()));
    }

    static void write(Emission out, Step step, ConvTranspose2d op) {
        Value y = step.output();
        Shape x = step.inputs().get(0).signature().shape();
        ConvSpec spec = op.spec();
        Value w = step.inputs().get(1);
        Shape filter = w.signature().shape();
        int least = (x.dim(2) - 1) * spec.strideH() - spec.padTop() - spec.padBottom()
                + spec.dilationH() * (filter.dim(2) - 1) + 1;
        int narrowest = (x.dim(3) - 1) * spec.strideW() - spec.padLeft() - spec.padRight()
                + spec.dilationW() * (filter.dim(3) - 1) + 1;
        Map<String, Attribute> attributes = new java.util.HashMap<>(attributes(spec, w, false));
        attributes.put("output_padding", Attribute.of(op.height() - least, op.width() - narrowest));
        Signature result = y.signature();
        out.define(y, out.emit(result, "ConvTranspose", attributes, out.name(step.inputs().get(0)), out.name(w)));
    }
}
