package dev.gatun.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.gatun.kernels.memory.OffHeap;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Numbers in memory: element `(i, j, …)` lies at byte `offset + (i·strides[0] + j·strides[1] + …)·dtype.bytes()` of
/// `segment`. Strides count elements and are never negative; 0 repeats one element (broadcasting). A view owns
/// nothing: it is valid as long as its segment is. Immutable; several views may alias.
///
/// The segment must be native (off-heap) and open to all threads, not of a confined arena: one compiled kernel never sees
/// both kinds.
public final class View {
    private final MemorySegment segment;
    private final long offset;
    private final DType dtype;
    private final int[] dims;
    private final int[] strides;
    private final int count;

    /// A strided view; throws when an element would lie outside the segment, or when the count passes 2³¹ − 1.
    public View(MemorySegment segment, long offset, DType dtype, int[] dims, int[] strides) {
        if (dims.length != strides.length) {
            throw new IllegalArgumentException(
                    "view: one stride per dim is needed: dims " + Arrays.toString(dims) + ", strides "
                            + Arrays.toString(strides));
        }
        if (!segment.isNative()) {
            throw new IllegalArgumentException("view: the segment must be native (off-heap), not backed by an array");
        }
        if (!OffHeap.isOpen(segment)) {
            throw new IllegalArgumentException("view: the segment must be open to all threads, not confined to one;"
                    + " allocate it in Arena.ofShared() or Arena.ofAuto()");
        }
        this.segment = segment;
        this.offset = offset;
        this.dtype = dtype;
        this.dims = dims.clone();
        this.strides = strides.clone();
        this.count = count(dims);
        long last = 0;
        for (int i = 0; i < dims.length; i++) {
            if (strides[i] < 0) {
                throw new IllegalArgumentException("view: strides must not be negative: " + Arrays.toString(strides));
            }
            last += (dims[i] - 1L) * strides[i];
        }
        if (count > 0 && (offset < 0 || offset + (last + 1) * dtype.bytes() > segment.byteSize())) {
            throw new IllegalArgumentException(
                    "view: elements lie outside the memory: dims " + Arrays.toString(dims) + ", strides "
                            + Arrays.toString(strides) + ", offset " + offset + " of " + segment.byteSize() + " bytes");
        }
    }

    /// A contiguous (row-major) view.
    public static View of(MemorySegment segment, long offset, DType dtype, int... dims) {
        return new View(segment, offset, dtype, dims, contiguousStrides(dims));
    }

    /// Row-major strides of `dims`.
    public static int[] contiguousStrides(int... dims) {
        int[] strides = new int[dims.length];
        int step = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= Math.max(dims[i], 1);
        }
        return strides;
    }

    /// The number of elements, with a check for negative sizes and for more than 2³¹ − 1 elements.
    public static int count(int... dims) {
        long n = 1;
        for (int d : dims) {
            if (d < 0) {
                throw new IllegalArgumentException("shape: sizes must not be negative: " + Arrays.toString(dims));
            }
        }
        for (int d : dims) {
            n *= d;
            if (n > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "shape: more than 2147483647 elements: " + Arrays.toString(dims) + "; split the tensor");
            }
        }
        return (int) n;
    }

    /// The memory.
    public MemorySegment segment() {
        return segment;
    }

    /// Bytes from the start of the segment to element 0.
    public long offset() {
        return offset;
    }

    /// Element type.
    public DType dtype() {
        return dtype;
    }

    /// Number of dims; 0 for a scalar.
    public int rank() {
        return dims.length;
    }

    /// Size of dim `i`.
    public int dim(int i) {
        return dims[i];
    }

    /// Stride of dim `i`, in elements.
    public int stride(int i) {
        return strides[i];
    }

    /// A copy of the sizes.
    public int[] dims() {
        return dims.clone();
    }

    /// A copy of the strides, in elements.
    public int[] strides() {
        return strides.clone();
    }

    /// Number of elements.
    public int count() {
        return count;
    }

    /// True when the elements lie row-major without holes. Empty views and dims of size 1 never disturb.
    public boolean isContiguous() {
        return isContiguous(dims, strides);
    }

    /// True when elements of these sizes and strides lie row-major without holes.
    public static boolean isContiguous(int[] dims, int[] strides) {
        int step = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            if (dims[i] != 1 && strides[i] != step) {
                return count(dims) == 0;
            }
            step *= dims[i];
        }
        return true;
    }

    /// The same elements under other dims and strides; `elements` are skipped first.
    public View restride(int elements, int[] newDims, int[] newStrides) {
        return new View(segment, offset + (long) elements * dtype.bytes(), dtype, newDims, newStrides);
    }

    /// Dims in another order: dim `i` of the result is dim `order[i]` of this.
    public View permute(int... order) {
        int[] d = new int[order.length];
        int[] s = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            d[i] = dims[order[i]];
            s[i] = strides[order[i]];
        }
        return restride(0, d, s);
    }

    /// Broadcasts to `target` from the right: missing and size-1 dims get stride 0. Throws when a size differs.
    public View expand(int... target) {
        int[] s = new int[target.length];
        int shift = target.length - dims.length;
        for (int i = 0; i < target.length; i++) {
            int size = i < shift ? 1 : dims[i - shift];
            if (size == target[i]) {
                s[i] = i < shift ? 0 : strides[i - shift];
            } else if (size != 1) {
                shift = -1;
            }
            if (shift < 0) {
                throw new IllegalArgumentException(
                        "expand: shape " + Arrays.toString(dims) + " does not broadcast to " + Arrays.toString(target));
            }
        }
        return restride(0, target, s);
    }

    /// The bytes of a contiguous view as a segment of their own.
    public MemorySegment bytes() {
        if (!isContiguous()) {
            throw new IllegalArgumentException("bytes: the view must be contiguous: " + this);
        }
        return segment.asSlice(offset, (long) count * dtype.bytes());
    }

    /// Element `index` (an element offset from element 0, already multiplied by strides) as a double.
    public double getDouble(long index) {
        long at = offset + index * dtype.bytes();
        return switch (dtype) {
            case F32 -> segment.get(JAVA_FLOAT, at);
            case F64 -> segment.get(JAVA_DOUBLE, at);
            case I64 -> segment.get(JAVA_LONG, at);
            case I32 -> segment.get(JAVA_INT, at);
            case U8, BOOL -> segment.get(JAVA_BYTE, at) & 0xFF;
        };
    }

    /// Stores a double, rounded to the element type (integers: truncated and saturating, NaN 0; BOOL: 1 when not zero).
    public void setDouble(long index, double value) {
        long at = offset + index * dtype.bytes();
        switch (dtype) {
            case F32 -> segment.set(JAVA_FLOAT, at, (float) value);
            case F64 -> segment.set(JAVA_DOUBLE, at, value);
            case I64 -> segment.set(JAVA_LONG, at, (long) value);
            case I32 -> segment.set(JAVA_INT, at, (int) value);
            case U8 -> segment.set(JAVA_BYTE, at, (byte) (int) Math.clamp(value, 0, 255));
            case BOOL -> segment.set(JAVA_BYTE, at, (byte) (value != 0 ? 1 : 0));
        }
    }

    /// Element `index` as a long; floats are truncated.
    public long getLong(long index) {
        return dtype == DType.I64 ? segment.get(JAVA_LONG, offset + index * 8) : (long) getDouble(index);
    }

    /// Stores a long, saturating at the ends of the element type (BOOL: 1 when not zero).
    public void setLong(long index, long value) {
        if (dtype == DType.I64) {
            segment.set(JAVA_LONG, offset + index * 8, value);
        } else {
            setDouble(index, value);
        }
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(dims) + (isContiguous() ? "" : " strides " + Arrays.toString(strides));
    }
}
