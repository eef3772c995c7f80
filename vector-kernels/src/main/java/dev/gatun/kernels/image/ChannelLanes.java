package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.BYTES;
import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.IOTA;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Maths: batch normalisation and its gradient for `[n, c]` (l = 1), a vector of channels at a time.
/// Layout: lanes along c, contiguous; rows `step` bytes apart.
/// Blocking: sums of 128 rows each, then added up: no long chain of float additions; the order depends on n alone. One
/// method per pass, which leaves its vectors in `lanes`: masked accesses weigh so much that C1 gave up on all in one.
/// Registers: sum and part sum per quantity. Evidence: docs/kernels-conv.md, batch norm table.
final class ChannelLanes {
    /// Room for the vectors of [#forward].
    static final long FORWARD_BYTES = 4L * BYTES;
    /// Room for the vectors of [#gradient].
    static final long GRADIENT_BYTES = 7L * BYTES;

    private static final int FOLD = 128;

    private static final long MEAN = 0;
    private static final long VARIANCE = BYTES;
    private static final long SCALE = 2L * BYTES;
    private static final long SHIFT = 3L * BYTES;

    private static final long ROOT = BYTES;
    private static final long FACTOR = 2L * BYTES;
    private static final long SUM = 3L * BYTES;
    private static final long PRODUCT = 4L * BYTES;
    private static final long OF_X = 5L * BYTES;
    private static final long REST = 6L * BYTES;

    private ChannelLanes() {}

    /// The first `channels` channels from `at` on, at most a vector of them.
    static void forward(
            MemorySegment x, long at, long step, int n, int channels, MemorySegment gamma, long gammaAt,
            MemorySegment beta, long betaAt, float eps, MemorySegment y, long to, long toStep, MemorySegment mean,
            long meanAt, MemorySegment variance, long varianceAt, MemorySegment lanes, long lanesAt) {
        mean(x, at, step, n, channels, lanes, lanesAt);
        variance(x, at, step, n, channels, lanes, lanesAt);
        scaleAndShift(channels, gamma, gammaAt, beta, betaAt, eps, lanes, lanesAt);
        keep(channels, lanes, lanesAt + MEAN, mean, meanAt);
        keep(channels, lanes, lanesAt + VARIANCE, variance, varianceAt);
        map(x, at, step, n, channels, y, to, toStep, lanes, lanesAt);
    }

    /// `Σx / n`.
    private static void mean(
            MemorySegment x, long at, long step, int n, int channels, MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        lanes = OffHeap.of(lanes);
        VectorMask<Float> mask = IOTA.compare(LT, (float) channels);
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < n; i += FOLD) {
            FloatVector part = FloatVector.zero(F);
            int end = Math.min(n, i + FOLD);
            for (int r = i; r < end; r++) {
                part = part.add(fromMemorySegment(F, x, at + r * step, ORDER, mask));
            }
            sum = sum.add(part);
        }
        sum.div(n).intoMemorySegment(lanes, lanesAt + MEAN, ORDER);
    }

    /// `Σ(x − mean)² / n`.
    private static void variance(
            MemorySegment x, long at, long step, int n, int channels, MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        lanes = OffHeap.of(lanes);
        VectorMask<Float> mask = IOTA.compare(LT, (float) channels);
        FloatVector m = fromMemorySegment(F, lanes, lanesAt + MEAN, ORDER);
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < n; i += FOLD) {
            FloatVector part = FloatVector.zero(F);
            int end = Math.min(n, i + FOLD);
            for (int r = i; r < end; r++) {
                FloatVector d = fromMemorySegment(F, x, at + r * step, ORDER, mask).sub(m);
                part = d.fma(d, part);
            }
            sum = sum.add(part);
        }
        sum.div(n).intoMemorySegment(lanes, lanesAt + VARIANCE, ORDER);
    }

    private static void scaleAndShift(
            int channels, MemorySegment gamma, long gammaAt, MemorySegment beta, long betaAt, float eps,
            MemorySegment lanes, long lanesAt) {
        gamma = OffHeap.of(gamma);
        beta = OffHeap.of(beta);
        lanes = OffHeap.of(lanes);
        VectorMask<Float> mask = IOTA.compare(LT, (float) channels);
        FloatVector v = fromMemorySegment(F, lanes, lanesAt + VARIANCE, ORDER);
        FloatVector.broadcast(F, 1).div(v.add(eps).lanewise(VectorOperators.SQRT))
                .mul(fromMemorySegment(F, gamma, gammaAt, ORDER, mask))
                .intoMemorySegment(lanes, lanesAt + SCALE, ORDER);
        fromMemorySegment(F, beta, betaAt, ORDER, mask).intoMemorySegment(lanes, lanesAt + SHIFT, ORDER);
    }

    private static void keep(int channels, MemorySegment lanes, long from, MemorySegment to, long at) {
        lanes = OffHeap.of(lanes);
        to = OffHeap.of(to);
        fromMemorySegment(F, lanes, from, ORDER).intoMemorySegment(to, at, ORDER, IOTA.compare(LT, (float) channels));
    }

    private static void map(
            MemorySegment x, long at, long step, int n, int channels, MemorySegment y, long to, long toStep,
            MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        y = OffHeap.of(y);
        lanes = OffHeap.of(lanes);
        VectorMask<Float> mask = IOTA.compare(LT, (float) channels);
        FloatVector m = fromMemorySegment(F, lanes, lanesAt + MEAN, ORDER);
        FloatVector scale = fromMemorySegment(F, lanes, lanesAt + SCALE, ORDER);
        FloatVector shift = fromMemorySegment(F, lanes, lanesAt + SHIFT, ORDER);
        for (int r = 0; r < n; r++) {
            fromMemorySegment(F, x, at + r * step, ORDER, mask).sub(m).fma(scale, shift).intoMemorySegment(y,
                    to + r * toStep, ORDER, mask);
        }
    }

    /// The gradients of the same channels.
    static void gradient(
            MemorySegment x, long at, long step, int n, int channels, MemorySegment gamma, long gammaAt,
            MemorySegment mean, long meanAt, MemorySegment variance, long varianceAt, float eps, MemorySegment g,
            long from, long fromStep, MemorySegment gx, long to, long toStep, MemorySegment ggamma, long ggammaAt,
            MemorySegment gbeta, long gbetaAt, MemorySegment lanes, long lanesAt) {
        factors(channels, gamma, gammaAt, mean, meanAt, variance, varianceAt, eps, lanes, lanesAt);
        sums(x, at, step, n, channels, g, from, fromStep, lanes, lanesAt);
        keep(channels, lanes, lanesAt + PRODUCT, ggamma, ggammaAt);
        keep(channels, lanes, lanesAt + SUM, gbeta, gbetaAt);
        gradientMap(x, at, step, n, channels, g, from, fromStep, gx, to, toStep, lanes, lanesAt);
    }

    private static void factors(
            int channels, MemorySegment gamma, long gammaAt, MemorySegment mean, long meanAt, MemorySegment variance,
            long varianceAt, float eps, MemorySegment lanes, long lanesAt) {
        gamma = OffHeap.of(gamma);
        mean = OffHeap.of(mean);
        variance = OffHeap.of(variance);
        lanes = OffHeap.of(lanes);
        VectorMask<Float> mask = IOTA.compare(LT, (float) channels);
        FloatVector v = fromMemorySegment(F, variance, varianceAt, ORDER, mask);
        FloatVector s = FloatVector.broadcast(F, 1).div(v.add(eps).lanewise(VectorOperators.SQRT));
        s.intoMemorySegment(lanes, lanesAt + ROOT, ORDER);
        fromMemorySegment(F, gamma, gammaAt, ORDER, mask).mul(s).intoMemorySegment(lanes, lanesAt + FACTOR, ORDER);
        fromMemorySegment(F, mean, meanAt, ORDER, mask).intoMemorySegment(lanes, lanesAt + MEAN, ORDER);
    }

    private static void sums(
            MemorySegment x, long at, long step, int n, int channels, MemorySegment g, long from, long fromStep,
            MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        g = OffHeap.of(g);
        lanes = OffHeap.of(lanes);
        VectorMask<Float> mask = IOTA.compare(LT, (float) channels);
        FloatVector m = fromMemorySegment(F, lanes, lanesAt + MEAN, ORDER);
        FloatVector sum = FloatVector.zero(F);
        FloatVector product = FloatVector.zero(F);
        for (int i = 0; i < n; i += FOLD) {
            FloatVector part = FloatVector.zero(F);
            FloatVector partProduct = FloatVector.zero(F);
            int end = Math.min(n, i + FOLD);
            for (int r = i; r < end; r++) {
                FloatVector u = fromMemorySegment(F, g, from + r * fromStep, ORDER, mask);
                part = part.add(u);
                partProduct = fromMemorySegment(F, x, at + r * step, ORDER, mask).sub(m).fma(u, partProduct);
            }
            sum = sum.add(part);
            product = product.add(partProduct);
        }
        FloatVector s = fromMemorySegment(F, lanes, lanesAt + ROOT, ORDER);
        FloatVector a = fromMemorySegment(F, lanes, lanesAt + FACTOR, ORDER);
        FloatVector ofGamma = product.mul(s);
        sum.intoMemorySegment(lanes, lanesAt + SUM, ORDER);
        ofGamma.intoMemorySegment(lanes, lanesAt + PRODUCT, ORDER);
        a.mul(s).mul(ofGamma).div(n).neg().intoMemorySegment(lanes, lanesAt + OF_X, ORDER);
        a.mul(sum).div(n).neg().intoMemorySegment(lanes, lanesAt + REST, ORDER);
    }

    private static void gradientMap(
            MemorySegment x, long at, long step, int n, int channels, MemorySegment g, long from, long fromStep,
            MemorySegment gx, long to, long toStep, MemorySegment lanes, long lanesAt) {
        x = OffHeap.of(x);
        g = OffHeap.of(g);
        gx = OffHeap.of(gx);
        lanes = OffHeap.of(lanes);
        VectorMask<Float> mask = IOTA.compare(LT, (float) channels);
        FloatVector m = fromMemorySegment(F, lanes, lanesAt + MEAN, ORDER);
        FloatVector a = fromMemorySegment(F, lanes, lanesAt + FACTOR, ORDER);
        FloatVector b = fromMemorySegment(F, lanes, lanesAt + OF_X, ORDER);
        FloatVector k = fromMemorySegment(F, lanes, lanesAt + REST, ORDER);
        for (int r = 0; r < n; r++) {
            FloatVector rest = fromMemorySegment(F, x, at + r * step, ORDER, mask).sub(m).fma(b, k);
            fromMemorySegment(F, g, from + r * fromStep, ORDER, mask).fma(a, rest).intoMemorySegment(gx,
                    to + r * toStep, ORDER, mask);
        }
    }
}
