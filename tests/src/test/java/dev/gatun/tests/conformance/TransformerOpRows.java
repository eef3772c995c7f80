package dev.gatun.tests.conformance;

import static dev.gatun.tests.conformance.OpRow.in;
import static dev.gatun.tests.conformance.OpRow.index;

import java.util.List;

/// Rows of the operations that transformers are made of.
final class TransformerOpRows {
    private TransformerOpRows() {
    }

    static List<OpRow> all() {
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
