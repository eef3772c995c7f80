package dev.gatun.tests.conformance;

import static dev.gatun.tests.conformance.OpRow.in;
import static dev.gatun.tests.conformance.OpRow.index;

import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.PoolSpec;
import dev.gatun.kernels.PoolSpec.Windows;
import dev.gatun.ops.Conv2d;
import dev.gatun.ops.ConvChain;
import dev.gatun.ops.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/// Rows of the operations that layers are made of, and of those that pick, join and order elements.
final class LayerOpRows {
    private LayerOpRows() {
    }

    static List<OpRow> all() {
        return java.util.stream.Stream.of(convolutions(), pooling(), normalising(), indexing(), joining())
                .flatMap(List::stream).toList();
    }

    private static OpRow.Input image(int... dims) {
        return in(Domain.NORMAL, dims);
    }

    private static OpRow conv(String name, ConvSpec spec, int[] x, int[] w) {
        return OpRow.of("conv2d, " + name, t -> t.get(0).conv2d(t.get(1), t.get(2), spec), image(x), in(w), in(w[0]));
    }

    private static List<OpRow> convolutions() {
        ConvSpec plain = ConvSpec.of(1, 0, 1, 1);
        return List.of(conv("1×1", plain, new int[] {2, 5, 4, 3}, new int[] {3, 5, 1, 1}),
                conv("3×3", ConvSpec.of(1, 1, 1, 1), new int[] {2, 3, 6, 5}, new int[] {4, 3, 3, 3}),
                conv("stride, dilation", ConvSpec.of(2, 2, 2, 1), new int[] {1, 2, 9, 8}, new int[] {3, 2, 3, 3}),
                conv("groups", ConvSpec.of(1, 1, 1, 2), new int[] {2, 4, 5, 5}, new int[] {6, 2, 3, 3}),
                conv("depthwise", ConvSpec.of(1, 1, 1, 4), new int[] {2, 4, 5, 5}, new int[] {4, 1, 3, 3}),
                conv("one dim", new ConvSpec(1, 2, 0, 3, 0, 1, 1, 1, 1), new int[] {2, 3, 1, 11},
                        new int[] {4, 3, 1, 5}),
                OpRow.of("conv2d without bias, of a permuted image",
                        t -> t.get(0).permute(0, 3, 1, 2).conv2d(t.get(1), plain), image(2, 4, 5, 3), in(2, 3, 3, 3)),
                OpRow.of("convolutions in a chain", t -> Tensor.applyOne(
                        new ConvChain(List.of(Conv2d.biased(ConvSpec.of(2, 1, 1, 3)), Conv2d.plain(plain)),
                                List.of(1, 0)),
                        t.toArray(Tensor[]::new)), image(2, 3, 6, 5), in(3, 1, 3, 3), in(3, 1, 1), in(4, 3, 1, 1))
                        .without(),
                OpRow.of("transposed convolution", t -> t.get(0).convTranspose2d(t.get(1), ConvSpec.of(2, 1, 1, 1), 1,
                        0), image(2, 3, 4, 3), in(3, 2, 3, 3)),
                OpRow.of("transposed convolution, groups", t -> t.get(0).convTranspose2d(t.get(1),
                        ConvSpec.of(1, 0, 2, 2), 0, 0), image(1, 4, 4, 3), in(4, 3, 2, 2)));
    }

    private static List<OpRow> pooling() {
        PoolSpec overlapping = new PoolSpec(Windows.fixed(7, 3, 2, 1, 1, false), Windows.fixed(8, 3, 2, 1, 1, true),
                false);
        PoolSpec dilated = new PoolSpec(Windows.fixed(7, 2, 1, 1, 2, false), Windows.fixed(8, 3, 1, 0, 2, false), true);
        return List.of(OpRow.of("max pooling", t -> t.get(0).maxPool(overlapping).getFirst(), image(2, 3, 7, 8)),
                OpRow.of("max pooling, dilated", t -> t.get(0).maxPool(dilated).getFirst(), image(2, 3, 7, 8)),
                OpRow.of("max pooling 2d", t -> t.get(0).maxPool2d(2, 2, 0), image(2, 3, 6, 8)),
                OpRow.of("average pooling", t -> t.get(0).averagePool(overlapping), image(2, 3, 7, 8)),
                OpRow.of("average pooling, counting padding", t -> t.get(0).averagePool(dilated), image(2, 3, 7, 8)),
                OpRow.of("average pooling 2d", t -> t.get(0).averagePool2d(3, 1, 1), image(1, 2, 5, 4)),
                OpRow.of("adaptive average pooling", t -> t.get(0).adaptiveAveragePool2d(3, 2), image(2, 3, 7, 5)),
                OpRow.of("global average pooling", t -> t.get(0).adaptiveAveragePool2d(1, 1), image(2, 3, 7, 5)));
    }

    private static List<OpRow> normalising() {
        return List.of(
                OpRow.of("batch norm of images", t -> t.get(0).batchNorm(t.get(1), t.get(2), 1e-5).getFirst(),
                        image(3, 4, 3, 5), in(Domain.POSITIVE, 4), in(4)).once(),
                OpRow.of("batch norm of rows", t -> t.get(0).batchNorm(t.get(1), t.get(2), 0.1).getFirst(),
                        image(9, 4), in(Domain.POSITIVE, 4), in(4)).once(),
                OpRow.of("batch statistics", t -> {
                    List<Tensor> all = t.get(0).batchNorm(t.get(1), t.get(2), 1e-5);
                    return all.get(1).mul(all.get(2)).add(all.getFirst().square().sum(0, 2));
                }, image(3, 4, 5), in(Domain.POSITIVE, 4), in(4)).once(), three("softmax of rows", t -> t.softmax(-1)),
                three("softmax of the first dim", t -> t.softmax(0)), three("softmax inside", t -> t.softmax(1)),
                three("log-softmax of rows", t -> t.logSoftmax(2)),
                three("log-softmax inside", t -> t.logSoftmax(1)));
    }

    private static OpRow three(String name, UnaryOperator<Tensor> work) {
        return OpRow.of(name, t -> work.apply(t.getFirst()), in(3, 5, 7));
    }

    private static List<OpRow> indexing() {
        return List.of(
                OpRow.of("gather", t -> t.get(0).gather(1, t.get(1)), in(3, 5), index(5, 3, 8)),
                OpRow.of("scatter", t -> t.get(0).scatter(0, t.get(1), t.get(2)), in(6, 4),
                        new OpRow.Input(new int[] {6, 4}, (i, _) -> (i / 4 + i) % 6, true), in(6, 4)),
                OpRow.of("scatter add", t -> t.get(0).scatterAdd(1, t.get(1), t.get(2)), in(3, 5), index(5, 3, 7),
                        in(3, 7)),
                OpRow.of("index select", t -> t.get(0).indexSelect(1, t.get(1)), in(3, 5, 2), index(5, 9)),
                OpRow.of("index add", t -> t.get(0).indexAdd(0, t.get(1), t.get(2)), in(4, 5), index(4, 7), in(7, 5)),
                OpRow.of("masked fill", t -> t.get(0).maskedFill(t.get(1).gt(0), -3), in(4, 5), index(2, 4, 5)),
                OpRow.of("masked select", t -> t.get(0).maskedSelect(t.get(1).gt(0)), in(4, 5), index(2, 4, 5)),
                three("topk", t -> t.topk(2, 1, true).getFirst()),
                three("smallest", t -> t.topk(3, 2, false).getFirst()),
                three("sort", t -> t.sort(1, false).getFirst()),
                three("sort, descending", t -> t.sort(-1, true).getFirst()),
                three("argsort", t -> t.argsort(1, false)).without(),
                three("argmax", t -> t.argmax(2, true)).without(), three("argmin", t -> t.argmin(0)).without(),
                three("max with positions", t -> t.max(1, false).getFirst()),
                three("min with positions", t -> t.min(2, true).getFirst()), three("cumsum", t -> t.cumsum(1)),
                three("nonzero", t -> t.gt(0).nonzero()).without(),
                OpRow.of("tril", t -> t.get(0).tril(1), in(4, 5)),
                OpRow.of("triu", t -> t.get(0).triu(-1), in(2, 4, 5)),
                OpRow.of("one-hot", t -> t.get(0).oneHot(5), index(5, 3, 2)).without(),
                three("flip", t -> t.flip(1)), three("roll", t -> t.roll(2, 3)));
    }

    private static List<OpRow> joining() {
        return List.of(OpRow.of("cat", t -> Tensor.cat(1, t.get(0), t.get(1)), in(3, 2), in(3, 5)),
                OpRow.of("cat of views", t -> Tensor.cat(0, t.get(0).t(), t.get(1)), in(3, 2), in(4, 3)),
                OpRow.of("stack", t -> Tensor.stack(t, 1), in(3, 2), in(3, 2)),
                three("split", t -> t.split(2, 1).get(1).mul(t.split(2, 1).get(0))),
                three("chunk", t -> t.chunk(3, 2).getLast()),
                OpRow.of("repeat", t -> t.get(0).repeat(2, 3), in(3, 2)),
                three("pad", t -> t.pad(new int[] {1, 2, 0, 3}, 0.5)),
                three("pad, cutting", t -> t.pad(new int[] {-1, 2, 1, -2}, 0)),
                three("pad, reflecting", t -> t.padReflect(2, 1, 3, 0)),
                three("pad, replicating", t -> t.padReplicate(2, 1, 0, 3)),
                OpRow.of("einsum", t -> Tensor.einsum("bij,bjk->bik", t.get(0), t.get(1)), in(2, 3, 4), in(2, 4, 5)),
                OpRow.of("einsum of three", t -> Tensor.einsum("i,ij,j->", t.get(0), t.get(1), t.get(2)), in(3),
                        in(3, 4), in(4)),
                OpRow.of("einsum, diagonal", t -> Tensor.einsum("ii->i", t.get(0)), in(4, 4)),
                three("convert to F32 and back", t -> t.to(DType.F64).to(t.dtype())));
    }
}
