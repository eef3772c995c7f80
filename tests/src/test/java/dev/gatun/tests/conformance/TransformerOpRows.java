package dev.gatun.tests.conformance;

import static dev.gatun.tests.conformance.OpRow.in;
import static dev.gatun.tests.conformance.OpRow.index;

import dev.gatun.kernels.DType;
import dev.gatun.ops.Attention;
import dev.gatun.ops.Tensor;
import java.util.List;
import java.util.stream.Stream;

/// Rows of the operations that transformers are made of.
final class TransformerOpRows {
    private TransformerOpRows() {
    }

    private static OpRow attention(String name, Attention attention, int[] q, int[] k, int[] v) {
        return OpRow.of("attention, " + name, t -> attention.apply(t.get(0), t.get(1), t.get(2)), in(q), in(k), in(v))
                .once();
    }

    private static int[] dims(int... dims) {
        return dims;
    }

    static List<OpRow> all() {
        return Stream.concat(layers().stream(), attention().stream()).toList();
    }

    private static List<OpRow> attention() {
        return List.of(attention("plain", Attention.DEFAULT, dims(2, 3, 5, 8), dims(2, 3, 7, 8), dims(2, 3, 7, 4)),
                attention("causal, grouped", Attention.DEFAULT.asCausal().withScale(0.3), dims(1, 4, 6, 8),
                        dims(1, 2, 6, 8), dims(1, 2, 6, 8)),
                OpRow.of("attention, masked and padded",
                        t -> Attention.DEFAULT.withMask(t.get(3).to(t.getFirst().dtype()))
                                .withPadding(t.get(4).to(DType.BOOL)).apply(t.get(0), t.get(1), t.get(2)),
                        in(2, 2, 3, 4),
                        in(2, 2, 5, 4), in(2, 2, 5, 4), index(2, 2, 1, 3, 5), index(2, 2, 5)).once(),
                OpRow.of("attention, merged projection", t -> {
                    Tensor x = t.getFirst().reshape(2, 5, 3, 2, 4).permute(2, 0, 3, 1, 4);
                    return Attention.DEFAULT.apply(x.select(0, 0), x.select(0, 1), x.select(0, 2));
                }, in(2, 5, 24)).once());
    }

    private static List<OpRow> layers() {
        return List.of(
                OpRow.of("layer norm", t -> t.get(0).layerNorm(t.get(1), t.get(2), 1e-5), in(3, 4, 19),
                        in(Domain.POSITIVE, 19), in(19)).once(),
                OpRow.of("layer norm of two dims", t -> t.get(0).layerNorm(t.get(1), t.get(2), 0.1), in(5, 3, 4),
                        in(Domain.POSITIVE, 3, 4), in(3, 4)).once(),
                OpRow.of("layer norm without bias", t -> t.get(0).layerNorm(t.get(1), 1e-5), in(6, 7),
                        in(Domain.POSITIVE, 7)).once(),
                OpRow.of("layer norm without parameters", t -> t.get(0).t().layerNorm(1, 1e-5), in(6, 7)).once(),
                OpRow.of("RMS norm", t -> t.get(0).rmsNorm(t.get(1), 1e-6), in(3, 4, 19), in(Domain.POSITIVE, 19))
                        .once(),
                OpRow.of("RMS norm without weight", t -> t.get(0).rmsNorm(2, 1e-6), in(5, 3, 4)).once(),
                OpRow.of("embedding", t -> t.get(0).embedding(t.get(1), -1), in(7, 5), index(7, 2, 6)),
                OpRow.of("embedding with padding", t -> t.get(0).embedding(t.get(1), 2), in(3, 5), index(3, 11))
                        .without());
    }
}
