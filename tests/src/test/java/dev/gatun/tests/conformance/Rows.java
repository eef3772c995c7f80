package dev.gatun.tests.conformance;

import java.util.List;
import java.util.stream.Stream;

/// All rows of the kit.
final class Rows {
    private Rows() {
    }

    static List<Row> all() {
        return Stream
                .of(GemmRows.rows(), ConvRows.rows(), ChainRows.rows(), PointwiseRows.rows(), ReduceRows.rows(),
                        LayerRows.rows(),
                        TransformerRows.rows(), AttentionRows.rows(), DataRows.rows(), RecurrentRows.rows())
                .flatMap(List::stream).toList();
    }
}
