package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.IndexKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.IndexCheck;

/// maths: gather, scatter-add, whole slices by index, stable sort.
/// layout: any strides.
/// blocking and why: none; additions happen one by one in index order and are rounded to the element type each time,
/// so the bits of a sum are defined.
/// registers: none held.
/// evidence: this is the definition; checked against naive models in the tests.
public final class ReferenceIndex implements IndexKernels {
    @Override
    public Call gather(View in, View index, View out, int dim) {
        IndexCheck.gather(in, index, out, dim);
        Walk walk = Walk.over(index.dims(), without(in, dim), index.strides(), out.strides());
        return _ -> {
            IndexCheck.range("gather", index, in.dim(dim));
            for (walk.reset(); walk.next();) {
                long from = walk.at(0) + index.getLong(walk.at(1)) * in.stride(dim);
                move(in, from, out, walk.at(2));
            }
        };
    }

    @Override
    public Call scatterAdd(View in, View index, View out, int dim) {
        IndexCheck.scatterAdd(in, index, out, dim);
        Walk walk = Walk.over(index.dims(), in.strides(), index.strides(), without(out, dim));
        return _ -> {
            IndexCheck.range("scatterAdd", index, out.dim(dim));
            for (walk.reset(); walk.next();) {
                long to = walk.at(2) + index.getLong(walk.at(1)) * out.stride(dim);
                add(in, walk.at(0), out, to);
            }
        };
    }

    @Override
    public Call indexSelect(View in, View index, View out, int dim) {
        IndexCheck.indexSelect(in, index, out, dim);
        Walk walk = Walk.over(out.dims(), without(in, dim), out.strides());
        return _ -> {
            IndexCheck.range("indexSelect", index, in.dim(dim));
            for (walk.reset(); walk.next();) {
                long i = index.getLong((long) walk.coordinate(dim) * index.stride(0));
                move(in, walk.at(0) + i * in.stride(dim), out, walk.at(1));
            }
        };
    }

    @Override
    public Call indexAdd(View in, View index, View out, int dim) {
        IndexCheck.indexAdd(in, index, out, dim);
        Walk walk = Walk.over(in.dims(), in.strides(), without(out, dim));
        return _ -> {
            IndexCheck.range("indexAdd", index, out.dim(dim));
            for (walk.reset(); walk.next();) {
                long i = index.getLong((long) walk.coordinate(dim) * index.stride(0));
                add(in, walk.at(0), out, walk.at(1) + i * out.stride(dim));
            }
        };
    }

    @Override
    public Call sort(View in, View values, View order, int dim, boolean descending) {
        IndexCheck.sort(in, values, order, dim);
        return new LineSort(in, values, order, dim, descending);
    }

    private static int[] without(View v, int dim) {
        int[] strides = v.strides();
        strides[dim] = 0;
        return strides;
    }

    private static void move(View in, long from, View out, long to) {
        if (in.dtype().isFloating()) {
            out.setDouble(to, in.getDouble(from));
        } else {
            out.setLong(to, in.getLong(from));
        }
    }

    private static void add(View in, long from, View out, long to) {
        if (in.dtype().isFloating()) {
            out.setDouble(to, out.getDouble(to) + in.getDouble(from));
        } else {
            out.setLong(to, out.getLong(to) + in.getLong(from));
        }
    }
}
