package dev.gatun.kernels.reference;

import dev.gatun.kernels.View;

/// The elements of a view of four dims as doubles, row-major. Read once before each is a term of many sums: an access to
/// a segment of any type costs many times the sum.
record Numbers(double[] values, int planes, int rows, int columns) {
    static Numbers of(View v) {
        double[] values = new double[v.count()];
        int i = 0;
        for (Walk walk = Walk.over(v.dims(), v.strides()); walk.next(); i++) {
            values[i] = v.getDouble(walk.at(0));
        }
        return new Numbers(values, v.dim(1), v.dim(2), v.dim(3));
    }

    double at(int i, int j, int k, int l) {
        return values[((i * planes + j) * rows + k) * columns + l];
    }
}
