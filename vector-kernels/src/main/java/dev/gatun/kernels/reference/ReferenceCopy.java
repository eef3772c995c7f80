package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.CopyKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.CopyCheck;

/// maths: `out = in`; `out = value`.
/// layout: any strides.
/// blocking and why: none, row-major order of the coordinates.
/// registers: none held.
/// evidence: this is the definition.
public final class ReferenceCopy implements CopyKernels {
    @Override
    public Call copy(View in, View out) {
        CopyCheck.copy(in, out);
        Walk walk = Walk.over(in.dims(), in.strides(), out.strides());
        boolean floating = in.dtype().isFloating();
        return _ -> {
            for (walk.reset(); walk.next();) {
                if (floating) {
                    out.setDouble(walk.at(1), in.getDouble(walk.at(0)));
                } else {
                    out.setLong(walk.at(1), in.getLong(walk.at(0)));
                }
            }
        };
    }

    @Override
    public Call fill(View out, double value) {
        CopyCheck.fill(out);
        Walk walk = Walk.over(out.dims(), out.strides());
        return _ -> {
            for (walk.reset(); walk.next();) {
                out.setDouble(walk.at(0), value);
            }
        };
    }
}
