package dev.gatun.kernels.conv;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.VL;

import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.ImageLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What a convolution is expected to cost by one algorithm, in cycles of one core. Rough, and meant for ranking only;
/// the figures were fitted to measurements (docs/kernels-conv.md).
///
/// @param product the multiply-adds
/// @param layout panels, transforms and transpositions
/// @param weights bringing and transforming the weights
record ConvCost(double product, double layout, double weights) {
    /// Multiply-adds of vectors per cycle, of two that are possible.
    private static final double DIRECT_RATE = 1.4;
    private static final double TILE_RATE = 1.65;
    /// Bytes per cycle from beyond the second-level cache, for weights that the rest of a network has driven out: 9 GB/s
    /// inside ResNet-18, where the same layer run again and again reads them at 30.
    private static final double STREAM = 2.7;
    /// Of a vector of channels: transposing one pixel and the pass of the epilogue.
    private static final double PIXEL = 16;
    /// The same where images lie channels last, and pixels are copied.
    private static final double PIXEL_LAST = 5;
    /// A product of pixels lays nothing out.
    private static final double PIXEL_RATE = 1.7;

    double cycles() {
        return product + layout + weights;
    }

    private record Ranked(ConvAlgorithm algorithm, double cycles) {}

    /// The allowed algorithms for these sizes, the cheapest first.
    static List<ConvAlgorithm> ranked(
            Machine machine, ConvSpec spec, int[] x, int[] w, boolean packed, ImageLayout images) {
        int rows = spec.outHeight(x[2], w[2]);
        int cols = spec.outWidth(x[3], w[3]);
        Correlation shape = Correlation.forward(spec, w[1], x[2], x[3], rows, cols, w[2], w[3]);
        return ranked(machine, shape, w[0] / spec.groups(), spec.groups(), x[0], packed, images);
    }

    /// The same for a correlation with `oc` results of each of `groups` groups, on planes.
    static List<ConvAlgorithm> ranked(
            Machine machine, Correlation s, int oc, int groups, int images, boolean packed) {
        return ranked(machine, s, oc, groups, images, packed, ImageLayout.PLANES);
    }

    private static List<ConvAlgorithm> ranked(
            Machine machine, Correlation s, int oc, int groups, int images, boolean packed, ImageLayout layout) {
        List<Ranked> all = new ArrayList<>();
        for (ConvAlgorithm algorithm : ConvAlgorithm.values()) {
            boolean applies = algorithm == ConvAlgorithm.DIRECT || (s.isWinograd() && oc > 0 && images > 0);
            if (applies && machine.allowed().allows(algorithm)) {
                all.add(new Ranked(algorithm, of(machine, algorithm, s, oc, groups, images, packed, layout).cycles()));
            }
        }
        all.sort(Comparator.comparingDouble(Ranked::cycles));
        return all.stream().map(Ranked::algorithm).toList();
    }

    /// All groups of all images.
    private static ConvCost of(
            Machine machine, ConvAlgorithm algorithm, Correlation s, int oc, int groups, int images, boolean packed,
            ImageLayout layout) {
        double pixel = layout == ImageLayout.PLANES ? PIXEL : PIXEL_LAST;
        return switch (algorithm) {
            case DIRECT -> layout == ImageLayout.PLANES
                    ? direct(machine, s, oc, groups, images)
                    : pixels(machine, s, oc, groups, images);
            case WINOGRAD_2 -> winograd(machine, new TileOfTwo(), 60, 40, 50, pixel, s, oc, groups, images, packed);
            case WINOGRAD_4 -> winograd(machine, new TileOfFour(), 170, 120, 130, pixel, s, oc, groups, images, packed);
        };
    }

    private static ConvCost pixels(Machine machine, Correlation s, int oc, int groups, int images) {
        double vectors = (double) groups * images * s.pixels() * Math.ceilDiv(oc, VL);
        double copied = (double) groups * images * s.channels() * s.h() * s.w() / VL * 2;
        return new ConvCost(
                vectors * s.k() / PIXEL_RATE, copied, stream(machine, 4.0 * groups * oc * s.k()) / 2);
    }

    private static ConvCost direct(Machine machine, Correlation s, int oc, int groups, int images) {
        double vectors = (double) groups * images * Math.ceilDiv(s.pixels(), VL);
        double bytes = 4.0 * groups * oc * s.k();
        // One or two results per group go row by row: no panels, and no reuse in registers.
        double rate = oc <= 2 ? 0.5 : DIRECT_RATE;
        return new ConvCost(vectors * s.k() * oc / rate, vectors * s.k() * 1.5, stream(machine, bytes) / 2);
    }

    private static ConvCost winograd(
            Machine machine, TileTransform transform, double input, double output, double filter, double pixel,
            Correlation s, int oc, int groups, int images, boolean packed) {
        WinogradFilter weights =
                new WinogradFilter(transform, oc * groups, s.channels(), groups, false, machine.cache());
        int m = transform.m();
        double tiles = (double) images * groups * Math.ceilDiv(s.rows(), m) * Math.ceilDiv(s.cols(), m);
        double positions = transform.size() * transform.size();
        double in = Math.ceilDiv(s.channels(), VL);
        double out = weights.vectors();
        double product = tiles * positions * s.channels() * out / TILE_RATE;
        double layout = tiles * (in * input + out * output)
                + (double) images * groups * pixel * (in * s.h() * s.w() + out * s.pixels());
        double brought = 4.0 * groups * oc * s.k();
        double made = packed ? 0 : groups * out * s.channels() * (filter + 9 * PIXEL);
        return new ConvCost(product, layout, packed
                ? stream(machine, weights.bytes()) * 0.6
                : stream(machine, brought) + made + stream(machine, weights.bytes()));
    }

    private static double stream(Machine machine, double bytes) {
        long cache = machine.cache() > 0 ? machine.cache() : 1 << 20;
        return bytes > cache / 2.0 ? bytes / STREAM : bytes / BYTES;
    }
}
