package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Attention;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;

/// Self-attention and a feed-forward network, each with a residual and a layer norm (Vaswani and others, 2017), batch
/// first: `[n, t, dim]` → the same. Parameters as in PyTorch: `self_attn.*`, `linear1.*`, `linear2.*`, `norm1.*`,
/// `norm2.*`.
public final class TransformerEncoderLayer extends Module {
    private final Options options;
    private final int dim;
    private final MultiheadAttention attention;
    private final Linear linear1;
    private final Linear linear2;
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final Dropout dropout;
    private final Dropout dropout1;
    private final Dropout dropout2;

    /// Settings.
    ///
    /// @param feedForward width of the hidden layer
    /// @param dropout of attention weights, hidden layer and both results
    /// @param activation of the hidden layer
    /// @param normFirst whether the norms come before attention and network (pre-norm) instead of after the residuals
    /// @param eps of the norms
    public record Options(int feedForward, double dropout, Activation activation, boolean normFirst, double eps) {
        /// PyTorch's: hidden width 2048, dropout 0.1, ReLU, norms last, eps 1e−5.
        public static Options standard() {
            return new Options(2048, 0.1, Activation.relu(), false, 1e-5);
        }

        /// With another hidden width.
        public Options withFeedForward(int width) {
            return new Options(width, dropout, activation, normFirst, eps);
        }

        /// With another dropout.
        public Options withDropout(double p) {
            return new Options(feedForward, p, activation, normFirst, eps);
        }

        /// With another activation.
        public Options withActivation(Activation other) {
            return new Options(feedForward, dropout, other, normFirst, eps);
        }

        /// With norms first.
        public Options withNormFirst() {
            return new Options(feedForward, dropout, activation, true, eps);
        }
    }

    /// Initial values as PyTorch has them.
    public TransformerEncoderLayer(int dim, int heads, Options options, Generator generator) {
        this.options = options;
        this.dim = dim;
        attention = child("self_attn", new MultiheadAttention(
                dim, heads, MultiheadAttention.Options.of(dim).withDropout(options.dropout), generator));
        linear1 = child("linear1", new Linear(dim, options.feedForward, generator));
        dropout = child("dropout", new Dropout(options.dropout, generator));
        linear2 = child("linear2", new Linear(options.feedForward, dim, generator));
        norm1 = child("norm1", new LayerNorm(new int[] {dim}, options.eps, true, true));
        norm2 = child("norm2", new LayerNorm(new int[] {dim}, options.eps, true, true));
        dropout1 = child("dropout1", new Dropout(options.dropout, generator));
        dropout2 = child("dropout2", new Dropout(options.dropout, generator));
    }

    @Override
    protected Tensor compute(Tensor x) {
        return encode(x, Attention.DEFAULT);
    }

    /// With mask, padding or causality of the attention.
    public Tensor encode(Tensor x, Attention masks) {
        if (x.rank() != 3 || x.size(2) != dim) {
            throw new IllegalArgumentException(
                    "transformerEncoderLayer: the input must be [n, t, " + dim + "]: " + x.shape());
        }
        return rows(x.reshape(x.size(0) * x.size(1), dim), x.size(0), masks).reshape(x.size(0), x.size(1), dim);
    }

    /// The same on rows `[n·t, dim]`.
    Tensor rows(Tensor x, int n, Attention masks) {
        if (options.normFirst) {
            Tensor y = x.add(dropout1.forward(attention.rows(norm1.forward(x), n, masks)));
            return y.add(network(norm2.forward(y)));
        }
        Tensor y = norm1.forward(x.add(dropout1.forward(attention.rows(x, n, masks))));
        return norm2.forward(y.add(network(y)));
    }

    private Tensor network(Tensor x) {
        Tensor hidden = dropout.forward(options.activation.forward(linear1.forward(x)));
        return dropout2.forward(linear2.forward(hidden));
    }

    @Override
    protected String describe() {
        return "normFirst=" + options.normFirst + ", " + options.activation;
    }
}
