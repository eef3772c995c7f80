package dev.gatun.kernels.reference;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvKernels;
import dev.gatun.kernels.ConvLink;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.View;
import dev.gatun.kernels.Winograd;
import dev.gatun.kernels.check.ConvCheck;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// maths: `y[n,o,i,j] = epilogue(Σ x[n, c, i·sh − pt + u·dh, j·sw − pl + v·dw]·w[o,c,u,v])`, the gradients as sums over
/// the same pairs.
/// layout: any strides; "packed" is a row-major copy.
/// blocking and why: none; every sum is gathered at its result, so nothing is added to memory twice.
/// registers: one double accumulator.
/// evidence: this is the definition; checked on worked examples and against finite differences in the tests.
public final class ReferenceConv implements ConvKernels {
    private static final String LAYOUT = "reference row-major";

    @Override
    public List<ConvAlgorithm> algorithms(ConvSpec spec, int[] x, int[] w, boolean packed) {
        return List.of(ConvAlgorithm.DIRECT);
    }

    @Override
    public List<ConvAlgorithm> algorithms(ImageLayout images, ConvSpec spec, int[] x, int[] w) {
        return List.of(ConvAlgorithm.DIRECT);
    }

    @Override
    public ConvKernels with(Winograd allowed) {
        return this;
    }

    @Override
    public Call forward(ConvSpec spec, View x, View w, View y, Epilogue epilogue, ConvAlgorithm algorithm) {
        ConvCheck.algorithm(spec, w.dims(), algorithm);
        ConvCheck.forward(spec, x, w, y, epilogue);
        return _ -> correlate(spec, x, w, y, new ReferenceGemm.Finish(epilogue, y));
    }

    @Override
    public long packedBytes(ImageLayout images, ConvSpec spec, View w, ConvAlgorithm algorithm) {
        ConvCheck.packedBytes(spec, w);
        ConvCheck.algorithm(spec, w.dims(), algorithm);
        return (long) w.count() * w.dtype().bytes();
    }

    @Override
    public PackedFilter pack(
            ImageLayout images, ConvSpec spec, View w, ConvAlgorithm algorithm, MemorySegment memory) {
        ConvCheck.pack(spec, w, memory, (long) w.count() * w.dtype().bytes());
        View copy = View.of(memory, 0, w.dtype(), w.dims());
        for (Walk walk = Walk.over(w.dims(), w.strides(), copy.strides()); walk.next();) {
            copy.setDouble(walk.at(1), w.getDouble(walk.at(0)));
        }
        return new PackedFilter(
                memory, w.dtype(), w.dim(0), w.dim(1), w.dim(2), w.dim(3), LAYOUT, algorithm, images);
    }

    @Override
    public Call forward(ConvSpec spec, View x, PackedFilter w, View y, Epilogue epilogue) {
        ConvCheck.packed(spec, x, w, y, epilogue, LAYOUT);
        View rows = View.of(w.memory(), 0, w.dtype(), w.oc(), w.c(), w.kh(), w.kw());
        return _ -> correlate(spec, x, rows, y, new ReferenceGemm.Finish(epilogue, y));
    }

    @Override
    public Call chain(View x, List<ConvLink> links, View y) {
        ConvCheck.chain(x, links, y, _ -> LAYOUT);
        List<Call> calls = new ArrayList<>();
        View from = x;
        for (int i = 0; i < links.size(); i++) {
            ConvLink link = links.get(i);
            View to = y;
            if (i < links.size() - 1) {
                int[] dims = link.result(from.dims());
                MemorySegment memory = Arena.ofAuto().allocate((long) View.count(dims) * x.dtype().bytes(), 64);
                to = new View(memory, 0, x.dtype(), dims, ImageLayout.CHANNELS_LAST.strides(dims));
            }
            calls.add(forward(link.spec(), from, link.w(), to, link.epilogue()));
            from = to;
        }
        return scratch -> calls.forEach(call -> call.run(scratch));
    }

    private static void correlate(ConvSpec s, View x, View w, View y, ReferenceGemm.Finish finish) {
        Numbers images = Numbers.of(x);
        Numbers weights = Numbers.of(w);
        int perGroup = w.dim(1);
        int ocPerGroup = y.dim(1) / s.groups();
        for (Walk walk = Walk.over(y.dims(), y.strides()); walk.next();) {
            int n = walk.coordinate(0);
            int o = walk.coordinate(1);
            int top = walk.coordinate(2) * s.strideH() - s.padTop();
            int left = walk.coordinate(3) * s.strideW() - s.padLeft();
            int first = ocPerGroup == 0 ? 0 : o / ocPerGroup * perGroup;
            double sum = 0;
            for (int c = 0; c < perGroup; c++) {
                for (int u = 0; u < w.dim(2); u++) {
                    for (int v = 0; v < w.dim(3); v++) {
                        int i = top + u * s.dilationH();
                        int j = left + v * s.dilationW();
                        if (i >= 0 && i < x.dim(2) && j >= 0 && j < x.dim(3)) {
                            sum += images.at(n, first + c, i, j) * weights.at(o, c, u, v);
                        }
                    }
                }
            }
            finish.store(walk, 0, sum);
        }
    }

    @Override
    public Call dataGradient(ConvSpec spec, View gy, View w, View gx) {
        ConvCheck.dataGradient(spec, gy, w, gx);
        return _ -> {
            Numbers gradients = Numbers.of(gy);
            Numbers weights = Numbers.of(w);
            int perGroup = w.dim(1);
            int ocPerGroup = gy.dim(1) / spec.groups();
            for (Walk walk = Walk.over(gx.dims(), gx.strides()); walk.next();) {
                int group = walk.coordinate(1) / perGroup;
                double sum = 0;
                for (int o = group * ocPerGroup; o < (group + 1) * ocPerGroup; o++) {
                    for (int u = 0; u < w.dim(2); u++) {
                        for (int v = 0; v < w.dim(3); v++) {
                            int up = walk.coordinate(2) + spec.padTop() - u * spec.dilationH();
                            int across = walk.coordinate(3) + spec.padLeft() - v * spec.dilationW();
                            if (isOutput(up, spec.strideH(), gy.dim(2))
                                    && isOutput(across, spec.strideW(), gy.dim(3))) {
                                sum += gradients.at(walk.coordinate(0), o, up / spec.strideH(), across / spec.strideW())
                                        * weights.at(o, walk.coordinate(1) % perGroup, u, v);
                            }
                        }
                    }
                }
                gx.setDouble(walk.at(0), sum);
            }
        };
    }

    private static boolean isOutput(int position, int stride, int outputs) {
        return position >= 0 && position % stride == 0 && position / stride < outputs;
    }

    @Override
    public Call weightGradient(ConvSpec spec, View x, View gy, View gw) {
        ConvCheck.weightGradient(spec, x, gy, gw);
        return _ -> {
            Numbers images = Numbers.of(x);
            Numbers gradients = Numbers.of(gy);
            int ocPerGroup = gy.dim(1) / spec.groups();
            for (Walk walk = Walk.over(gw.dims(), gw.strides()); walk.next();) {
                int o = walk.coordinate(0);
                int c = o / ocPerGroup * gw.dim(1) + walk.coordinate(1);
                int top = walk.coordinate(2) * spec.dilationH() - spec.padTop();
                int left = walk.coordinate(3) * spec.dilationW() - spec.padLeft();
                double sum = 0;
                for (int n = 0; n < x.dim(0); n++) {
                    for (int oh = 0; oh < gy.dim(2); oh++) {
                        for (int ow = 0; ow < gy.dim(3); ow++) {
                            int i = oh * spec.strideH() + top;
                            int j = ow * spec.strideW() + left;
                            if (i >= 0 && i < x.dim(2) && j >= 0 && j < x.dim(3)) {
                                sum += images.at(n, c, i, j) * gradients.at(n, o, oh, ow);
                            }
                        }
                    }
                }
                gw.setDouble(walk.at(0), sum);
            }
        };
    }
}
