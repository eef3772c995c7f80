package dev.gatun.kernels.vector;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.reference.ReferenceCopy;
import dev.gatun.kernels.reference.ReferenceIndex;
import dev.gatun.kernels.reference.ReferenceRandom;
import dev.gatun.kernels.thread.Threads;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Copies, indexed moves and random numbers agree with the reference bit for bit.
class VectorCopyTest {
    private final Tensors tensors = new Tensors(3);

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void copiesAndFills(int count) {
        try (Threads threads = Threads.of(count)) {
            VectorCopy kernels = new VectorCopy(threads, new VectorPointwise(threads, 256));
            ReferenceCopy reference = new ReferenceCopy();
            for (DType dtype : DType.values()) {
                for (int[] dims : new int[][] {{}, {7}, {100, 70}, {300, 257}, {3, 40, 5}, {2, 33, 1, 35}, {2, 0, 3}}) {
                    List<View> sources = List.of(
                            tensors.dense(dtype, dims), tensors.reversed(dtype, dims), tensors.sparse(dtype, dims),
                            tensors.dense(dtype).expand(dims));
                    for (View in : sources) {
                        for (View out : List.of(
                                tensors.dense(dtype, dims), tensors.reversed(dtype, dims),
                                tensors.sparse(dtype, dims))) {
                            tensors.run(kernels.copy(in, out));
                            Tensors.same(out, in);
                            View expected = tensors.dense(dtype, dims);
                            for (double v : new double[] {0, 1, 2.75, -3, 1e30}) {
                                tensors.run(kernels.fill(out, v));
                                tensors.run(reference.fill(expected, v));
                                Tensors.same(out, expected);
                            }
                        }
                    }
                }
            }
        }
    }

    private View indices(DType dtype, int bound, int... dims) {
        View index = tensors.dense(dtype, dims);
        for (int i = 0; i < index.count(); i++) {
            index.setLong(i, Math.floorMod(i * 7919L + i / 3, bound));
        }
        return index;
    }

    private View copyOf(View v) {
        View c = tensors.dense(v.dtype(), v.dims());
        tensors.run(new ReferenceCopy().copy(v, c));
        return c;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void indexedMoves(int count) {
        try (Threads threads = Threads.of(count)) {
            VectorIndex kernels = new VectorIndex(threads);
            ReferenceIndex reference = new ReferenceIndex();
            for (DType dtype : List.of(DType.F32, DType.F64, DType.I64, DType.U8)) {
                for (int[] dims : new int[][] {{50}, {20, 30}, {4, 9, 7}, {40, 3000}}) {
                    for (int d = 0; d < dims.length; d++) {
                        for (DType type : List.of(DType.I64, DType.I32)) {
                            View table = tensors.reversed(dtype, dims);
                            int[] more = dims.clone();
                            more[d] = 60;
                            View index = indices(type, dims[d], more);
                            View a = tensors.dense(dtype, more);
                            View b = tensors.dense(dtype, more);
                            tensors.run(kernels.gather(table, index, a, d));
                            tensors.run(reference.gather(table, index, b, d));
                            Tensors.same(a, b);
                            View one = indices(type, dims[d], 60);
                            tensors.run(kernels.indexSelect(table, one, a, d));
                            tensors.run(reference.indexSelect(table, one, b, d));
                            Tensors.same(a, b);
                            View x = copyOf(table);
                            View y = copyOf(table);
                            tensors.run(kernels.scatterAdd(a, index, x, d));
                            tensors.run(reference.scatterAdd(a, index, y, d));
                            Tensors.same(x, y);
                            tensors.run(kernels.indexAdd(a, one, x, d));
                            tensors.run(reference.indexAdd(a, one, y, d));
                            Tensors.same(x, y);
                        }
                    }
                }
            }
        }
    }

    @Test
    void wrongIndicesAreNamedBeforeAnythingIsWritten() {
        VectorIndex kernels = new VectorIndex(Threads.of(1));
        View table = tensors.dense(DType.F32, 5, 4);
        View index = indices(DType.I64, 5, 6);
        View out = tensors.dense(DType.F32, 6, 4);
        View before = copyOf(out);
        Call call = kernels.indexSelect(table, index, out, 0);
        for (long wrong : new long[] {5, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            index.setLong(4, wrong);
            assertThatThrownBy(() -> tensors.run(call)).isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("indexSelect: index out of range: " + wrong + " at position [4], must be in 0 … 4");
        }
        Tensors.same(out, before);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void randomNumbersAreThoseOfTheReference(int count) {
        try (Threads threads = Threads.of(count)) {
            VectorRandom kernels = new VectorRandom(threads);
            ReferenceRandom reference = new ReferenceRandom();
            for (DType dtype : List.of(DType.F32, DType.F64)) {
                for (View a : List.of(tensors.dense(dtype, 9001), tensors.reversed(dtype, 30, 40, 10))) {
                    View b = tensors.dense(dtype, a.dims());
                    for (long offset : new long[] {0, 3, 1L << 40}) {
                        tensors.run(kernels.uniform(9, offset, a, -1, 3));
                        tensors.run(reference.uniform(9, offset, b, -1, 3));
                        Tensors.same(a, b);
                        tensors.run(kernels.normal(9, offset, a, 1, 2));
                        tensors.run(reference.normal(9, offset, b, 1, 2));
                        Tensors.same(a, b);
                        tensors.run(kernels.bernoulli(9, offset, a, 0.3, 2.5));
                        tensors.run(reference.bernoulli(9, offset, b, 0.3, 2.5));
                        Tensors.same(a, b);
                    }
                }
            }
            View a = tensors.dense(DType.I64, 5000);
            View b = tensors.dense(DType.I64, 5000);
            tensors.run(kernels.integers(1, 5, a, -10, Long.MAX_VALUE - 10));
            tensors.run(reference.integers(1, 5, b, -10, Long.MAX_VALUE - 10));
            Tensors.same(a, b);
        }
    }
}
