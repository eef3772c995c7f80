package dev.gatun.kernels.image;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.gatun.kernels.FastPath;
import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The vector width of these kernels, and sums whose order never changes: `reduceLanes(ADD)` on floats is free to give
/// other bits once compiled, a half-fold tree is not.
public final class Lanes {
    /// The species.
    public static final VectorSpecies<Float> F = VectorSpecies.of(float.class, shape());
    /// Its lanes.
    public static final int VL = F.length();
    /// Its bytes.
    public static final int BYTES = 4 * VL;
    /// Of all loads and stores.
    public static final ByteOrder ORDER = ByteOrder.nativeOrder();
    /// The class of vectors of [#F], a constant to C2: `(FloatVector) CLASS.cast(v)` tells it the class of one that was loaded
    /// or comes out of a loop (docs/kernels-jit.md).
    public static final Class<?> CLASS = F.vectorType();
    /// `[0, 1, 2 …]`. A mask of the first n lanes is `IOTA.compare(LT, (float) n)`, not `F.indexInRange(0, n)`: that has
    /// four cases, which all stay in a kernel once the process has seen them (docs/kernels-jit.md).
    public static final FloatVector IOTA = FloatVector.zero(F).addIndex(1);
    /// Of single elements.
    public static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    private static final VectorShuffle<Float> FOLD8 = VectorShuffle.fromOp(F, i -> (i + 8) % VL);
    private static final VectorShuffle<Float> FOLD4 = VectorShuffle.fromOp(F, i -> (i + 4) % VL);
    private static final VectorShuffle<Float> FOLD2 = VectorShuffle.fromOp(F, i -> (i + 2) % VL);
    private static final VectorShuffle<Float> FOLD1 = VectorShuffle.fromOp(F, i -> (i + 1) % VL);

    private Lanes() {}

    /// The processor's widest, or the width that the process was told to use.
    private static VectorShape shape() {
        Integer forced = Integer.getInteger(FastPath.BITS);
        int preferred = Math.min(512, VectorShape.preferredShape().vectorBitSize());
        return VectorShape.forBitSize(forced == null ? preferred : forced);
    }

    /// `Σ` of the vector at byte `at`, by halves. It comes from memory, as no method of ours takes a vector: behind a long
    /// loop C2 inlines no more, and the vector would be boxed in every call (docs/kernels-jit.md).
    public static float sum(MemorySegment lanes, long at) {
        lanes = OffHeap.of(lanes);
        FloatVector r = (FloatVector) CLASS.cast(fromMemorySegment(F, lanes, at, ORDER));
        if (VL >= 16) {
            r = r.add(r.rearrange(FOLD8));
        }
        if (VL >= 8) {
            r = r.add(r.rearrange(FOLD4));
        }
        if (VL >= 4) {
            r = r.add(r.rearrange(FOLD2));
        }
        return r.add(r.rearrange(FOLD1)).lane(0);
    }

    /// `Σ` of `count` floats from byte `at` on: four vector sums, the rest in a masked fifth; `lanes` has room for a vector.
    static float sum(MemorySegment s, long at, int count, MemorySegment lanes, long lanesAt) {
        s = OffHeap.of(s);
        lanes = OffHeap.of(lanes);
        FloatVector a = FloatVector.zero(F);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = 0;
        for (; i <= count - 4 * VL; i += 4 * VL) {
            long p = at + 4L * i;
            a = a.add(fromMemorySegment(F, s, p, ORDER));
            b = b.add(fromMemorySegment(F, s, p + BYTES, ORDER));
            c = c.add(fromMemorySegment(F, s, p + 2 * BYTES, ORDER));
            d = d.add(fromMemorySegment(F, s, p + 3 * BYTES, ORDER));
        }
        for (; i <= count - VL; i += VL) {
            a = a.add(fromMemorySegment(F, s, at + 4L * i, ORDER));
        }
        if (i < count) {
            b = b.add(fromMemorySegment(F, s, at + 4L * i, ORDER, IOTA.compare(LT, (float) (count - i))));
        }
        a.add(b).add(c.add(d)).intoMemorySegment(lanes, lanesAt, ORDER);
        return sum(lanes, lanesAt);
    }
}
