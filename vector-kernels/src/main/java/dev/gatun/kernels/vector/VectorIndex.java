package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.IndexKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.IndexCheck;
import dev.gatun.kernels.reference.ReferenceIndex;
import dev.gatun.kernels.thread.Threads;

/// Maths: gather, scatter-add, whole slices by index, sort.
/// Layout: any strides; slices that are contiguous are copied whole.
/// Blocking: lines along the dim (gather, scatter-add) or slices (select) are shared among the threads; slices that are
/// added are shared by columns, so that every sum is taken in index order by one thread.
/// Registers: scalar; the system's copy for slices. Sorting is the stable merge sort of the reference.
/// Evidence: VectorCopyTest compares bits with the reference.
public final class VectorIndex implements IndexKernels {
    private final Threads threads;
    private final ReferenceIndex reference = new ReferenceIndex();

    /// Works on these threads.
    public VectorIndex(Threads threads) {
        this.threads = threads;
    }

    @Override
    public Call gather(View in, View index, View out, int dim) {
        IndexCheck.gather(in, index, out, dim);
        return new PickedLines(threads, "gather", in, index, out, dim, false);
    }

    @Override
    public Call scatterAdd(View in, View index, View out, int dim) {
        IndexCheck.scatterAdd(in, index, out, dim);
        return new PickedLines(threads, "scatterAdd", out, index, in, dim, true);
    }

    @Override
    public Call indexSelect(View in, View index, View out, int dim) {
        IndexCheck.indexSelect(in, index, out, dim);
        return new PickedSlices(threads, "indexSelect", in, index, out, dim, false);
    }

    @Override
    public Call indexAdd(View in, View index, View out, int dim) {
        IndexCheck.indexAdd(in, index, out, dim);
        return new PickedSlices(threads, "indexAdd", out, index, in, dim, true);
    }

    @Override
    public Call sort(View in, View values, View order, int dim, boolean descending) {
        return reference.sort(in, values, order, dim, descending);
    }
}
