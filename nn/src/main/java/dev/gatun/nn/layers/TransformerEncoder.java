package dev.gatun.nn.layers;

import dev.gatun.nn.Module;
import dev.gatun.ops.Attention;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Encoder layers one after another, and a norm at the end if there is one: `[n, t, dim]` → the same. Parameters as in
/// PyTorch: `layers.0.*`, `layers.1.*`, …, `norm.*`.
public final class TransformerEncoder extends Module {
    private final List<TransformerEncoderLayer> layers;
    private final @Nullable LayerNorm norm;

    /// Without a norm at the end.
    public TransformerEncoder(List<TransformerEncoderLayer> layers) {
        this(layers, null);
    }

    /// With a norm at the end, which pre-norm layers want.
    public TransformerEncoder(List<TransformerEncoderLayer> layers, @Nullable LayerNorm norm) {
        this.layers = new ArrayList<>(layers);
        child("layers", new Sequential(layers.toArray(Module[]::new)));
        this.norm = norm == null ? null : child("norm", norm);
    }

    @Override
    protected Tensor compute(Tensor x) {
        return encode(x, Attention.DEFAULT);
    }

    /// With mask, padding or causality of the attention in every layer.
    public Tensor encode(Tensor x, Attention masks) {
        Tensor y = x;
        for (TransformerEncoderLayer layer : layers) {
            y = layer.encode(y, masks);
        }
        return norm == null ? y : norm.forward(y);
    }
}
