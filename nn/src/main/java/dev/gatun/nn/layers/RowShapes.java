package dev.gatun.nn.layers;

import dev.gatun.ops.Tensor;
import java.util.Arrays;

/// The last dims of an input are those that a layer was made for.
final class RowShapes {
    private RowShapes() {}

    static void check(String op, Tensor x, int[] shape) {
        int[] dims = x.shape().dims();
        int from = dims.length - shape.length;
        if (from < 0 || !Arrays.equals(Arrays.copyOfRange(dims, from, dims.length), shape)) {
            throw new IllegalArgumentException(op + ": the last dims of the input must be " + Arrays.toString(shape)
                    + ": " + x.shape());
        }
    }
}
