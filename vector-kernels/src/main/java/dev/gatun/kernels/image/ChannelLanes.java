package dev.gatun.kernels.image;

import static dev.gatun.kernels.image.Lanes.F;
import static dev.gatun.kernels.image.Lanes.ORDER;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Maths: batch normalisation and its gradient for `[n, c]` (l = 1), a vector of channels at a time.
/// Layout: lanes along c, contiguous; rows `step` bytes apart.
/// Blocking: sums of 128 rows each, then added up: no long chain of float additions; the order depends on n alone.
/// Registers: sum and part sum per quantity. Evidence: docs/kernels-conv.md, batch norm table.
final class ChannelLanes {
    private static final int FOLD = 128;

    private ChannelLanes() {}

    /// The first `channels` channels from `at` on, at most a vector of them.
    static void forward(
            MemorySegment x, long at, long step, int n, int channels, MemorySegment gamma, long gammaAt,
            MemorySegment beta, long betaAt, float eps, MemorySegment y, long to, long toStep, MemorySegment mean,
            long meanAt, MemorySegment variance, long varianceAt) {
        VectorMask<Float> mask = F.indexInRange(0, channels);
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < n; i += FOLD) {
            FloatVector part = FloatVector.zero(F);
            int end = Math.min(n, i + FOLD);
            for (int r = i; r < end; r++) {
                part = part.add(fromMemorySegment(F, x, at + r * step, ORDER, mask));
            }
            sum = sum.add(part);
        }
        FloatVector m = sum.div(n);
        FloatVector squares = FloatVector.zero(F);
        for (int i = 0; i < n; i += FOLD) {
            FloatVector part = FloatVector.zero(F);
            int end = Math.min(n, i + FOLD);
            for (int r = i; r < end; r++) {
                FloatVector d = fromMemorySegment(F, x, at + r * step, ORDER, mask).sub(m);
                part = d.fma(d, part);
            }
            squares = squares.add(part);
        }
        FloatVector v = squares.div(n);
        FloatVector inverse = FloatVector.broadcast(F, 1).div(v.add(eps).lanewise(VectorOperators.SQRT));
        FloatVector scale = fromMemorySegment(F, gamma, gammaAt, ORDER, mask).mul(inverse);
        FloatVector shift = fromMemorySegment(F, beta, betaAt, ORDER, mask);
        for (int r = 0; r < n; r++) {
            fromMemorySegment(F, x, at + r * step, ORDER, mask).sub(m).fma(scale, shift).intoMemorySegment(y,
                    to + r * toStep, ORDER, mask);
        }
        m.intoMemorySegment(mean, meanAt, ORDER, mask);
        v.intoMemorySegment(variance, varianceAt, ORDER, mask);
    }

    /// The gradients of the same channels.
    static void gradient(
            MemorySegment x, long at, long step, int n, int channels, MemorySegment gamma, long gammaAt,
            MemorySegment mean, long meanAt, MemorySegment variance, long varianceAt, float eps, MemorySegment g, long from, long fromStep, MemorySegment gx, long to, long toStep,
            MemorySegment ggamma, long ggammaAt, MemorySegment gbeta, long gbetaAt) {
        VectorMask<Float> mask = F.indexInRange(0, channels);
        FloatVector m = fromMemorySegment(F, mean, meanAt, ORDER, mask);
        FloatVector s = FloatVector.broadcast(F, 1).div(fromMemorySegment(F, variance, varianceAt, ORDER, mask).add(eps)
                .lanewise(VectorOperators.SQRT));
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
        FloatVector ofGamma = product.mul(s);
        FloatVector a = fromMemorySegment(F, gamma, gammaAt, ORDER, mask).mul(s);
        FloatVector b = a.mul(s).mul(ofGamma).div(n).neg();
        FloatVector k = a.mul(sum).div(n).neg();
        for (int r = 0; r < n; r++) {
            FloatVector rest = fromMemorySegment(F, x, at + r * step, ORDER, mask).sub(m).fma(b, k);
            fromMemorySegment(F, g, from + r * fromStep, ORDER, mask).fma(a, rest).intoMemorySegment(gx,
                    to + r * toStep, ORDER, mask);
        }
        ofGamma.intoMemorySegment(ggamma, ggammaAt, ORDER, mask);
        sum.intoMemorySegment(gbeta, gbetaAt, ORDER, mask);
    }
}
