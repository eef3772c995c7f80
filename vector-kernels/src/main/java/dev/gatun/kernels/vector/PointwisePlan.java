package dev.gatun.kernels.vector;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import dev.gatun.kernels.codegen.PointwiseLoop.Access;
import java.util.ArrayList;
import java.util.List;

/// How a pointwise call walks its operands: dims `0 … split − 1` of the walk are iterated, the rest is the run that the
/// generated loop sees as one row of `run` elements. Operands that are neither contiguous nor one repeated element
/// over the run, or not of the compute type, are staged block by block.
///
/// @param walk dims and strides
/// @param split first dim of the run
/// @param run elements of the run
/// @param rows product of the iterated dims
/// @param staged per operand: through a block in L1
/// @param repeated per operand: one element over the whole run
record PointwisePlan(
        Walk walk, int split, int run, int rows, boolean[] staged, boolean[] repeated, DType compute) {
    /// Runs shorter than this are not worth a call of the loop of their own.
    private static final int SHORT_RUN = 128;

    static PointwisePlan of(List<View> operands, int inputs, DType compute) {
        Walk walk = Walk.of(operands, inputs);
        int split = walk.rank() - 1;
        int run = walk.dims()[split];
        while (split > 0 && run < SHORT_RUN) {
            split--;
            run *= walk.dims()[split];
        }
        int n = operands.size();
        boolean[] staged = new boolean[n];
        boolean[] repeated = new boolean[n];
        for (int i = 0; i < n; i++) {
            boolean sameType = operands.get(i).dtype() == compute;
            repeated[i] = i < inputs && isRepeated(walk, i, split);
            staged[i] = !(sameType && (repeated[i] || isContiguous(walk, i, split)));
        }
        return new PointwisePlan(walk, split, run, run == 0 ? 0 : walk.count() / run, staged, repeated, compute);
    }

    private static boolean isRepeated(Walk walk, int operand, int split) {
        for (int d = split; d < walk.rank(); d++) {
            if (walk.strides()[operand][d] != 0 && walk.dims()[d] > 1) {
                return false;
            }
        }
        return true;
    }

    private static boolean isContiguous(Walk walk, int operand, int split) {
        int step = 1;
        for (int d = walk.rank() - 1; d >= split; d--) {
            if (walk.strides()[operand][d] != step && walk.dims()[d] > 1) {
                return false;
            }
            step *= walk.dims()[d];
        }
        return true;
    }

    /// How the generated loop sees the inputs.
    List<Access> inputAccess(int inputs) {
        List<Access> access = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            access.add(repeated[i] ? Access.REPEATED : Access.CONTIGUOUS);
        }
        return access;
    }

    boolean anyStaged() {
        for (boolean s : staged) {
            if (s) {
                return true;
            }
        }
        return false;
    }
}
