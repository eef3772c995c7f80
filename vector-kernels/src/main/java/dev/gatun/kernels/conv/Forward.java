package dev.gatun.kernels.conv;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.View;
import dev.gatun.kernels.gemm.Operand;
import java.lang.foreign.MemorySegment;

/// The forward convolution as a product: weights `[oc, c·kh·kw]` times the panels of the image.
final class Forward implements Call {
    private final Weights weights;
    private final Finish finish;
    private final Product product;
    private final MemorySegment result;

    private Forward(Weights weights, Finish finish, Product product, MemorySegment result) {
        this.weights = weights;
        this.finish = finish;
        this.product = product;
        this.result = result;
    }

    /// Binds the operands. `transformed`: the weights are packed for Winograd's algorithm.
    static Call of(
            Machine machine, ConvSpec spec, View x, Weights w, View y, Epilogue epilogue, ConvAlgorithm algorithm,
            boolean transformed) {
        int groups = spec.groups();
        Correlation shape = Correlation.forward(
                spec, w.c(), x.dim(2), x.dim(3), y.dim(2), y.dim(3), w.kh(), w.kw());
        Finish finish = new Finish(epilogue, y, groups);
        Operand a = new Operand(w.segment(), w.starts(x.dim(0), groups), w.rowBytes(), 4);
        // Without images there is nothing to cut into tiles.
        Product product = machine.correlate(
                x.dim(0) == 0 ? ConvAlgorithm.DIRECT : algorithm, transformed, shape, w.oc() / groups, groups,
                Finish.images(x, groups, 4), a, Finish.images(y, groups, 4), epilogue.expr(),
                finish.extras(), Placement.SAME);
        return new Forward(w, finish, product, y.segment());
    }

    @Override
    public String kernel() {
        return product.getClass().getSimpleName();
    }

    @Override
    public long scratchBytes() {
        return weights.copyBytes() + product.scratchBytes();
    }

    @Override
    public void run(MemorySegment scratch) {
        finish.prepare();
        View copied = weights.copied();
        if (copied == null) {
            product.run(scratch, 0, weights.segment(), result);
            return;
        }
        for (int o = 0; o < weights.oc(); o++) {
            Filter.copyRow(copied, o, scratch, o * weights.rowBytes());
        }
        product.run(scratch, weights.copyBytes(), scratch, result);
    }
}
