package dev.gatun.nn.layers;

import dev.gatun.nn.Init;
import dev.gatun.nn.Module;
import dev.gatun.ops.Attention;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import org.jspecify.annotations.Nullable;

/// Attention by several heads (Vaswani and others, 2017), batch first: queries `[n, tq, dim]`, keys `[n, tk, kdim]`, values
/// `[n, tk, vdim]` give `[n, tq, dim]`. The heads share the width: each has `dim / heads`.
///
/// Parameters as in PyTorch: `in_proj_weight` `[3·dim, dim]`, or `q_proj_weight`, `k_proj_weight` and `v_proj_weight` when
/// keys or values have another width; `in_proj_bias` `[3·dim]`; `out_proj.weight`, `out_proj.bias`.
public final class MultiheadAttention extends Module {
    private final int dim;
    private final int heads;
    private final double dropout;
    private final Generator generator;
    private final @Nullable Tensor merged;
    private final Tensor[] separate;
    private final @Nullable Tensor bias;
    private final Linear out;

    /// Widths and options; `keys` and `values` are the widths of keys and values.
    public record Options(int keys, int values, double dropout, boolean bias) {
        /// Keys and values as wide as the queries, biases, no dropout.
        public static Options of(int dim) {
            return new Options(dim, dim, 0, true);
        }

        /// With dropped attention weights.
        public Options withDropout(double p) {
            return new Options(keys, values, p, bias);
        }

        /// With keys and values of other widths.
        public Options withWidths(int newKeys, int newValues) {
            return new Options(newKeys, newValues, dropout, bias);
        }

        /// Without biases.
        public Options withoutBias() {
            return new Options(keys, values, dropout, false);
        }
    }

    /// Result and weights of the attention.
    ///
    /// @param output `[n, tq, dim]`
    /// @param weights `[n, tq, tk]`, mean over the heads; after dropout
    public record Weighted(Tensor output, Tensor weights) {}

    /// With biases, keys and values as wide as queries, without dropout.
    public MultiheadAttention(int dim, int heads, Generator generator) {
        this(dim, heads, Options.of(dim), generator);
    }

    /// Initial values as PyTorch has them; dropout draws from a generator split off `generator`.
    public MultiheadAttention(int dim, int heads, Options options, Generator generator) {
        if (heads < 1 || dim < 1 || dim % heads != 0 || options.keys < 1 || options.values < 1) {
            throw new IllegalArgumentException("multiheadAttention: the width must be a positive multiple of the heads,"
                    + " those of keys and values positive: width " + dim + ", heads " + heads + ", " + options);
        }
        this.dim = dim;
        this.heads = heads;
        this.dropout = options.dropout;
        if (options.keys == dim && options.values == dim) {
            merged = parameter("in_proj_weight", Init.xavierUniform(1).make(generator, 3 * dim, dim));
            separate = new Tensor[0];
        } else {
            merged = null;
            separate = new Tensor[] {
                parameter("q_proj_weight", Init.xavierUniform(1).make(generator, dim, dim)),
                parameter("k_proj_weight", Init.xavierUniform(1).make(generator, dim, options.keys)),
                parameter("v_proj_weight", Init.xavierUniform(1).make(generator, dim, options.values))
            };
        }
        bias = options.bias ? parameter("in_proj_bias", Tensor.zeros(3 * dim)) : null;
        out = child("out_proj", new Linear(dim, dim, options.bias, generator));
        Tensor ofOut = out.parameters().get("bias");
        if (ofOut != null) {
            Init.zeros().fill(ofOut, generator);
        }
        this.generator = generator.split();
    }

    /// Every position of `x` attends to every other.
    @Override
    protected Tensor compute(Tensor x) {
        return attend(x, Attention.DEFAULT);
    }

    /// Self-attention of `x` `[n, t, dim]`; mask, padding and causality as in [Attention], whose scale and dropout are
    /// not read: they are this module's.
    public Tensor attend(Tensor x, Attention options) {
        check("input", x, dim);
        Tensor rows = rows(x.reshape(x.size(0) * x.size(1), dim), x.size(0), options);
        return rows.reshape(x.size(0), x.size(1), dim);
    }

    /// Attention of `queries` to other keys and values.
    public Tensor attend(Tensor queries, Tensor keys, Tensor values, Attention options) {
        Tensor[] parts = project(queries, keys, values);
        return output(mine(options).apply(parts[0], parts[1], parts[2]));
    }

    /// As [#attend], with the weights, which takes memory for every query and key of every head.
    public Weighted attendWithWeights(Tensor queries, Tensor keys, Tensor values, Attention options) {
        Tensor[] parts = project(queries, keys, values);
        Tensor scores = parts[0].matmul(parts[1].transpose(2, 3)).mul(1 / Math.sqrt((double) dim / heads));
        scores = hide(scores, options);
        Tensor weights = scores.softmax(3);
        if (isTraining() && dropout > 0) {
            Tensor like = weights;
            weights = weights.mul(dev.gatun.ops.Autograd.noGrad(
                    () -> generator.bernoulli(like.dtype(), like.shape(), 1 - dropout, 1 / (1 - dropout))));
        }
        return new Weighted(output(weights.matmul(parts[2])), weights.mean(new int[] {1}, false));
    }

    private static Tensor hide(Tensor scores, Attention options) {
        Tensor s = scores;
        Tensor mask = options.mask();
        if (mask != null) {
            s = mask.dtype() == dev.gatun.kernels.DType.BOOL ? s.maskedFill(mask.logicalNot(), Double.NEGATIVE_INFINITY)
                    : s.add(mask);
        }
        Tensor padding = options.padding();
        if (padding != null) {
            s = s.maskedFill(padding.unsqueeze(1).unsqueeze(1), Double.NEGATIVE_INFINITY);
        }
        if (options.causal()) {
            Tensor like = s;
            s = s.maskedFill(s.engine().call(() -> Tensor.arange(like.size(2)).unsqueeze(1)
                    .lt(Tensor.arange(like.size(3)))), Double.NEGATIVE_INFINITY);
        }
        return s;
    }

    /// Self-attention of rows `[n·t, dim]`: what stands before and after them in a plan is fused with them.
    Tensor rows(Tensor x, int n, Attention options) {
        int t = n == 0 ? 0 : x.size(0) / n;
        if (merged == null) {
            Tensor whole = x.reshape(n, t, dim);
            return attend(whole, whole, whole, options).reshape(n * t, dim);
        }
        Tensor all = bias == null ? x.linear(merged) : x.linear(merged, bias);
        Tensor parts = all.reshape(n, t, 3, heads, dim / heads).permute(2, 0, 3, 1, 4);
        Tensor y = mine(options).apply(parts.select(0, 0), parts.select(0, 1), parts.select(0, 2));
        return out.forward(y.permute(0, 2, 1, 3).reshape(n * t, dim));
    }

    private Attention mine(Attention options) {
        Attention own = new Attention(options.mask(), options.padding(), options.causal(), null, 0, null);
        return isTraining() && dropout > 0 ? own.withDropout(dropout, generator) : own;
    }

    private Tensor[] project(Tensor... inputs) {
        Tensor[] parts = new Tensor[3];
        for (int i = 0; i < 3; i++) {
            Tensor x = inputs[i];
            Tensor weight = merged == null ? separate[i] : merged.narrow(0, i * dim, dim);
            check(i == 0 ? "queries" : i == 1 ? "keys" : "values", x, weight.size(1));
            Tensor y = bias == null ? x.linear(weight) : x.linear(weight, bias.narrow(0, i * dim, dim));
            parts[i] = y.reshape(x.size(0), x.size(1), heads, dim / heads).permute(0, 2, 1, 3);
        }
        return parts;
    }

    private Tensor output(Tensor y) {
        return out.forward(y.permute(0, 2, 1, 3).reshape(y.size(0), y.size(2), dim));
    }

    private static void check(String what, Tensor x, int width) {
        if (x.rank() != 3 || x.size(2) != width) {
            throw new IllegalArgumentException(
                    "multiheadAttention: " + what + " must be [n, t, " + width + "]: " + x.shape());
        }
    }

    @Override
    protected long multiplyAdds(Shape x, Shape y) {
        long t = x.dim(1);
        return x.dim(0) * t * dim * (3L * dim + 2 * t);
    }

    @Override
    protected String describe() {
        return "dim=" + dim + ", heads=" + heads + ", bias=" + (bias != null)
                + (dropout > 0 ? ", dropout=" + dropout : "");
    }
}
