package dev.gatun.nn.models;

import dev.gatun.kernels.DType;
import dev.gatun.nn.Init;
import dev.gatun.nn.Module;
import dev.gatun.nn.layers.Activation;
import dev.gatun.nn.layers.Dropout;
import dev.gatun.nn.layers.Embedding;
import dev.gatun.nn.layers.LayerNorm;
import dev.gatun.nn.layers.Linear;
import dev.gatun.ops.Attention;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The encoder of BERT (Devlin and others, 2019): token numbers `[n, t]` (I64 or I32) to hidden states `[n, t, width]`, and
/// to a pooled state `[n, width]` of the first token.
///
/// Parameters as in its published files: `embeddings.word_embeddings.weight`,
/// `encoder.layer.0.attention.self.query.weight`, …, `pooler.dense.bias`.
public final class Bert extends Module {
    private final Config config;
    private final Embeddings embeddings;
    private final List<Layer> layers = new ArrayList<>();
    private final Linear pooler;

    /// Sizes.
    ///
    /// @param vocabulary tokens
    /// @param positions longest sequence
    /// @param types kinds of tokens (first or second sentence)
    /// @param width of hidden states
    /// @param heads of the attention
    /// @param inner width of the feed-forward networks
    /// @param layers of the encoder
    /// @param dropout of embeddings, attention weights and hidden states
    /// @param eps of the norms
    public record Config(
            int vocabulary,
            int positions,
            int types,
            int width,
            int heads,
            int inner,
            int layers,
            double dropout,
            double eps) {
        /// bert-base-uncased: 109,482,240 parameters.
        public static Config base() {
            return new Config(30522, 512, 2, 768, 12, 3072, 12, 0.1, 1e-12);
        }

        /// all-MiniLM-L6: 22,713,216 parameters.
        public static Config miniLm6() {
            return new Config(30522, 512, 2, 384, 12, 1536, 6, 0.1, 1e-12);
        }
    }

    /// Weights normal with deviation 0.02, biases 0, as it was first trained.
    public Bert(Config config, Generator generator) {
        if (config.heads < 1 || config.width % config.heads != 0) {
            throw new IllegalArgumentException("bert: the width must be a multiple of the heads: " + config);
        }
        this.config = config;
        embeddings = child("embeddings", new Embeddings(config, generator));
        Group encoder = child("encoder", new Group());
        Group list = encoder.add("layer", new Group());
        for (int i = 0; i < config.layers; i++) {
            layers.add(list.add(Integer.toString(i), new Layer(config, generator)));
        }
        pooler = child("pooler", new Group()).add("dense", new Linear(config.width, config.width, generator));
        parameters().forEach((name, p) -> {
            if (!name.contains("LayerNorm")) {
                (p.rank() == 1 ? Init.zeros() : Init.normal(0, 0.02)).fill(p, generator);
            }
        });
    }

    /// Hidden states of tokens that are all of the first type and all there.
    @Override
    protected Tensor compute(Tensor ids) {
        return encode(ids, null, null);
    }

    /// Hidden states `[n, t, width]`.
    ///
    /// @param ids token numbers `[n, t]`
    /// @param types of the tokens `[n, t]`; null for all 0
    /// @param mask `[n, t]`, not 0 for tokens that are there; null when all are
    public Tensor encode(Tensor ids, @Nullable Tensor types, @Nullable Tensor mask) {
        check(ids, "token numbers", ids);
        check(ids, "types", types);
        check(ids, "mask", mask);
        if (ids.size(1) > config.positions) {
            throw new IllegalArgumentException(
                    "bert: at most " + config.positions + " positions: token numbers " + ids.shape());
        }
        Attention masks = mask == null ? Attention.DEFAULT
                : Attention.DEFAULT.withPadding(mask.dtype() == DType.BOOL ? mask.logicalNot() : mask.eq(0));
        Tensor x = embeddings.rows(ids, types);
        for (Layer layer : layers) {
            x = layer.rows(x, ids.size(0), masks);
        }
        return x.reshape(ids.size(0), ids.size(1), config.width);
    }

    private static void check(Tensor ids, String what, @Nullable Tensor x) {
        if (x != null && (x.rank() != 2 || !x.shape().equals(ids.shape()))) {
            throw new IllegalArgumentException(
                    "bert: " + what + " must be [n, t] as the token numbers are: " + x.shape()
                            + ", token numbers " + ids.shape());
        }
    }

    /// `tanh` of a dense layer over the first hidden state of each sequence: `[n, t, width]` → `[n, width]`.
    public Tensor pool(Tensor hidden) {
        return pooler.forward(hidden.select(1, 0)).tanh();
    }

    @Override
    protected String describe() {
        return config.toString();
    }

    /// A part that only gives names.
    private static final class Group extends Module {
        <M extends Module> M add(String name, M part) {
            return child(name, part);
        }

        @Override
        protected Tensor compute(Tensor x) {
            throw new UnsupportedOperationException("bert: this part is a name, not a function; call the model");
        }
    }

    private static LayerNorm norm(Config config) {
        return new LayerNorm(new int[] {config.width}, config.eps, true, true);
    }

    private static final class Embeddings extends Module {
        private final Embedding words;
        private final Embedding positions;
        private final Embedding types;
        private final LayerNorm norm;
        private final Dropout dropout;

        Embeddings(Config config, Generator generator) {
            words = child("word_embeddings", new Embedding(config.vocabulary, config.width, generator));
            positions = child("position_embeddings", new Embedding(config.positions, config.width, generator));
            types = child("token_type_embeddings", new Embedding(config.types, config.width, generator));
            norm = child("LayerNorm", norm(config));
            dropout = child("dropout", new Dropout(config.dropout, generator));
        }

        /// `[n·t, width]`.
        Tensor rows(Tensor ids, @Nullable Tensor kinds) {
            int n = ids.size(0);
            int t = ids.size(1);
            Tensor place = positions.forward(ids.engine().call(() -> Tensor.arange(t)));
            Tensor kind = types.forward(kinds != null ? kinds : ids.engine().call(() -> Tensor.arange(1)));
            Tensor x = words.forward(ids).add(place.add(kind)).reshape(n * t, place.size(1));
            return dropout.forward(norm.forward(x));
        }

        @Override
        protected Tensor compute(Tensor ids) {
            return rows(ids, null).reshape(ids.size(0), ids.size(1), -1);
        }
    }

    private static final class Layer extends Module {
        private final int heads;
        private final double dropped;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear output;
        private final LayerNorm norm;
        private final Linear intermediate;
        private final Linear dense;
        private final LayerNorm last;
        private final Dropout dropout1;
        private final Dropout dropout2;
        private final Activation gelu = Activation.gelu();
        private final Generator generator;

        Layer(Config c, Generator generator) {
            heads = c.heads;
            dropped = c.dropout;
            Group attention = child("attention", new Group());
            Group self = attention.add("self", new Group());
            query = self.add("query", new Linear(c.width, c.width, generator));
            key = self.add("key", new Linear(c.width, c.width, generator));
            value = self.add("value", new Linear(c.width, c.width, generator));
            Group first = attention.add("output", new Group());
            output = first.add("dense", new Linear(c.width, c.width, generator));
            norm = first.add("LayerNorm", norm(c));
            dropout1 = first.add("dropout", new Dropout(c.dropout, generator));
            intermediate = child("intermediate", new Group()).add("dense", new Linear(c.width, c.inner, generator));
            Group second = child("output", new Group());
            dense = second.add("dense", new Linear(c.inner, c.width, generator));
            last = second.add("LayerNorm", norm(c));
            dropout2 = second.add("dropout", new Dropout(c.dropout, generator));
            this.generator = generator.split();
        }

        /// `[n·t, width]` → the same.
        Tensor rows(Tensor x, int n, Attention masks) {
            Attention mine = isTraining() && dropped > 0 ? masks.withDropout(dropped, generator) : masks;
            Tensor a = mine.apply(split(query.forward(x), n), split(key.forward(x), n), split(value.forward(x), n));
            Tensor merged = a.permute(0, 2, 1, 3).reshape(x.size(0), x.size(1));
            Tensor y = norm.forward(dropout1.forward(output.forward(merged)).add(x));
            Tensor z = dense.forward(gelu.forward(intermediate.forward(y)));
            return last.forward(dropout2.forward(z).add(y));
        }

        private Tensor split(Tensor x, int n) {
            int t = n == 0 ? 0 : x.size(0) / n;
            return x.reshape(n, t, heads, x.size(1) / heads).permute(0, 2, 1, 3);
        }

        @Override
        protected Tensor compute(Tensor x) {
            return rows(x.reshape(x.size(0) * x.size(1), x.size(2)), x.size(0), Attention.DEFAULT)
                    .reshape(x.size(0), x.size(1), x.size(2));
        }
    }
}
