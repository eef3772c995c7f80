package dev.gatun.ops;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Numbers of one [DType] in a [Shape], off-heap. Names, defaults and argument order of the methods are PyTorch's; they
/// are grouped by kind in the interfaces this class implements. A method gives a new tensor (views share memory), those
/// that end in `InPlace` write into this one.
///
/// Memory comes from the pool of the [Engine] and goes back with [#close], at the end of the [Scope] the tensor was made
/// in, or when the garbage collector finds it unreachable. Use after that throws [IllegalStateException]. A tensor may
/// be read by many threads at once; writing and [#backward] are one thread's business.
public final class Tensor
        implements AutoCloseable, Arithmetic, Comparisons, Functions, InPlace, Views, Reductions, Products, Indexing,
        Joining, Layers {
    static final String FREED =
            " was freed (closed, or at the end of its scope); Scope.keep lets a tensor outlive its scope";

    private final Engine engine;
    private final Storage storage;
    private final View view;
    private final Signature signature;
    private final boolean isView;
    @Nullable Scope scope;
    private @Nullable Source source;
    private int history;
    private boolean isAlias;
    private volatile boolean closed;

    private Tensor(Engine engine, Storage storage, View view, boolean isView) {
        this.engine = engine;
        this.storage = storage;
        this.view = view;
        this.signature = new Signature(view.dtype(), Shape.of(view));
        this.isView = isView;
        this.history = storage.history();
    }

    private static Tensor scoped(Tensor tensor) {
        Scope current = tensor.engine.currentScope();
        if (current != null) {
            current.add(tensor);
        }
        return tensor;
    }

    static Tensor allocate(Engine engine, DType dtype, Shape shape, String label) {
        engine.checkOpen();
        Storage storage = engine.lender().lend((long) shape.count() * dtype.bytes(), label);
        return scoped(new Tensor(engine, storage, View.of(storage.segment(), 0, dtype, shape.dims()), false));
    }

    /// A tensor over other dims and strides of this memory.
    Tensor viewed(View other) {
        storage.retain();
        return scoped(new Tensor(engine, storage, other, true));
    }

    /// Another reference to the same tensor, gradient source included, that belongs to no scope.
    Tensor alias() {
        view();
        storage.retain();
        Tensor alias = new Tensor(engine, storage, view, isView);
        alias.source = source;
        alias.isAlias = true;
        alias.history = history;
        return alias;
    }

    /// Runs an operation on tensors: the door through which every method of this class goes, and [CustomOp]s too. The
    /// result is recorded when an operand requires gradients.
    public static List<Tensor> apply(Op op, Tensor... operands) {
        return Eager.run(op, List.of(operands));
    }

    /// As [#apply], for operations with one output.
    public static Tensor applyOne(Op op, Tensor... operands) {
        return Eager.run(op, List.of(operands)).getFirst();
    }

    // Creation

    /// F32 from an array in row-major order; without dims, one dim of its length. Copies.
    public static Tensor of(float[] values, int... dims) {
        return Create.of(MemorySegment.ofArray(values), DType.F32, values.length, dims);
    }

    /// F64 from an array. Copies.
    public static Tensor of(double[] values, int... dims) {
        return Create.of(MemorySegment.ofArray(values), DType.F64, values.length, dims);
    }

    /// I64 from an array. Copies.
    public static Tensor of(long[] values, int... dims) {
        return Create.of(MemorySegment.ofArray(values), DType.I64, values.length, dims);
    }

    /// I32 from an array. Copies.
    public static Tensor of(int[] values, int... dims) {
        return Create.of(MemorySegment.ofArray(values), DType.I32, values.length, dims);
    }

    /// U8 from an array of unsigned bytes. Copies.
    public static Tensor of(byte[] values, int... dims) {
        return Create.of(MemorySegment.ofArray(values), DType.U8, values.length, dims);
    }

    /// BOOL from an array. Copies.
    public static Tensor of(boolean[] values, int... dims) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return Create.of(MemorySegment.ofArray(bytes), DType.BOOL, values.length, dims);
    }

    /// F32 from what remains of a buffer, whose position stays. Copies.
    public static Tensor of(FloatBuffer values, int... dims) {
        return Create.of(MemorySegment.ofBuffer(values), DType.F32, values.remaining(), dims);
    }

    /// Elements of `dtype` in native byte order from a segment of exactly their size. Copies.
    public static Tensor of(MemorySegment values, DType dtype, int... dims) {
        return Create.of(values, dtype, View.count(dims), dims);
    }

    /// A tensor over native memory of somebody else's, without a copy: writes go both ways, and the memory must outlive
    /// the tensor. Throws when the segment is on the heap or of a confined arena (take `Arena.ofShared()` or `ofAuto()`), too
    /// small, or not aligned to the element type.
    public static Tensor wrap(MemorySegment memory, DType dtype, int... dims) {
        Engine engine = Engine.current();
        engine.checkOpen();
        if (memory.address() % dtype.bytes() != 0) {
            throw new IllegalArgumentException(
                    "wrap: the memory must be aligned to " + dtype.bytes() + " bytes for " + dtype);
        }
        return scoped(new Tensor(engine, new Storage(memory), View.of(memory, 0, dtype, dims), false));
    }

    /// An F32 scalar.
    public static Tensor scalar(double value) {
        return full(DType.F32, Shape.SCALAR, value);
    }

    /// F32 zeros.
    public static Tensor zeros(int... dims) {
        return zeros(DType.F32, new Shape(dims));
    }

    /// Zeros.
    public static Tensor zeros(DType dtype, Shape shape) {
        return full(dtype, shape, 0);
    }

    /// F32 ones.
    public static Tensor ones(int... dims) {
        return ones(DType.F32, new Shape(dims));
    }

    /// Ones.
    public static Tensor ones(DType dtype, Shape shape) {
        return full(dtype, shape, 1);
    }

    /// The same number everywhere.
    public static Tensor full(DType dtype, Shape shape, double value) {
        return Create.full(Engine.current(), dtype, shape, value);
    }

    /// Memory with unspecified content, to be filled by the caller.
    public static Tensor empty(DType dtype, Shape shape) {
        return allocate(Engine.current(), dtype, shape, "empty");
    }

    /// Zeros with type, shape and engine of `like`.
    public static Tensor zerosLike(Tensor like) {
        return Create.full(like.engine, like.dtype(), like.shape(), 0);
    }

    /// Ones with type, shape and engine of `like`.
    public static Tensor onesLike(Tensor like) {
        return Create.full(like.engine, like.dtype(), like.shape(), 1);
    }

    /// `0, 1, … n − 1` as I64.
    public static Tensor arange(long n) {
        return Create.arange(0, n, 1);
    }

    /// `start, start + step, …` as I64, `end` excluded; step may be negative, not 0.
    public static Tensor arange(long start, long end, long step) {
        return Create.arange(start, end, step);
    }

    /// `start, start + step, …` as F32, `end` excluded; element i is `start + i·step`, computed in double.
    public static Tensor arange(double start, double end, double step) {
        return Create.arange(start, end, step);
    }

    /// `steps` F32 numbers evenly from `start` to `end`, both included.
    public static Tensor linspace(double start, double end, int steps) {
        return Create.linspace(start, end, steps);
    }

    /// The F32 identity matrix `[n, n]`.
    public static Tensor eye(int n) {
        return eye(n, n);
    }

    /// An F32 matrix `[n, m]` with ones on the diagonal.
    public static Tensor eye(int n, int m) {
        return Create.eye(n, m);
    }

    // Several at once

    /// `condition ≠ 0 ? x : y`, all three broadcast. The condition has no gradient.
    public static Tensor where(Tensor condition, Tensor x, Tensor y) {
        return applyOne(PointwiseTable.WHERE, condition, x, y);
    }

    /// The tensors one behind the other along `dim`; all other sizes are equal, types are promoted.
    public static Tensor cat(int dim, Tensor... parts) {
        return Create.cat(dim, parts);
    }

    /// As [#cat(int, Tensor...)].
    public static Tensor cat(List<Tensor> parts, int dim) {
        return Create.cat(dim, parts.toArray(Tensor[]::new));
    }

    /// The tensors, all of one shape, along a new dim `dim`.
    public static Tensor stack(List<Tensor> parts, int dim) {
        return Create.cat(
                dim, parts.stream().map(t -> t.unsqueeze(dim)).toArray(Tensor[]::new));
    }

    /// A sum of products written in Einstein's notation, `"bij,bjk->bik"` (see [Einsum]).
    public static Tensor einsum(String equation, Tensor... operands) {
        return Einsum.of(equation, operands);
    }

    // What it is

    /// The engine that computes with this tensor.
    public Engine engine() {
        return engine;
    }

    /// Sizes of the dims.
    public Shape shape() {
        return signature.shape();
    }

    /// Size of dim `index`; negative counts from the end.
    public int size(int index) {
        return shape().dim(index);
    }

    /// Number of dims.
    public int rank() {
        return view.rank();
    }

    /// Number of elements.
    public int count() {
        return view.count();
    }

    /// Element type.
    public DType dtype() {
        return view.dtype();
    }

    /// Type and shape.
    public Signature signature() {
        return signature;
    }

    /// The numbers as kernels see them; valid until this tensor is closed. Throws when it is.
    public View view() {
        if (closed) {
            throw new IllegalStateException("tensor: " + signature + FREED);
        }
        return view;
    }

    /// True when the elements lie row-major without holes.
    public boolean isContiguous() {
        return view.isContiguous();
    }

    /// True when this tensor shares the memory of another.
    public boolean isView() {
        return isView;
    }

    /// Says that numbers were written through [#view], by a kernel or an element at a time: a backward that had saved
    /// the old ones will refuse, as it does after an operation in place.
    public void markWritten() {
        storage.written();
    }

    Storage storage() {
        return storage;
    }

    // Reading

    /// The only element; throws when there are more or none.
    public double item() {
        if (count() != 1) {
            throw new IllegalArgumentException("item: the tensor must have exactly one element: shape " + shape());
        }
        return read(() -> view.getDouble(0));
    }

    /// The element at these indices, one per dim, negative counting from the end.
    public double get(int... indices) {
        return read(() -> view.getDouble(Create.offset(view, indices)));
    }

    /// All elements in row-major order, converted to float.
    public float[] toFloats() {
        return read(() -> Create.floats(view));
    }

    /// All elements in row-major order, converted to double.
    public double[] toDoubles() {
        return read(() -> Create.doubles(view));
    }

    /// All elements in row-major order as longs; floating-point ones are truncated.
    public long[] toLongs() {
        return read(() -> Create.longs(view));
    }

    /// Reads with this tensor kept alive: `Tensor.ones(3).toFloats()` must not lose its memory halfway.
    private <T> T read(Supplier<T> reading) {
        view();
        Eager.reads(this);
        try {
            return reading.get();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    // Gradients

    /// True when operations on this tensor are recorded for [#backward].
    public boolean requiresGrad() {
        return source != null;
    }

    /// Makes this tensor a leaf whose gradients are collected, or no longer one. Returns this. Throws when it is not of
    /// a floating-point type, or is the result of recorded operations (then [#detach] first).
    public Tensor requiresGrad(boolean wanted) {
        view();
        if (source instanceof Source.Output) {
            throw new IllegalStateException("requiresGrad: only a leaf can be switched; " + signature()
                    + " is the result of recorded operations: detach() first");
        }
        if (!dtype().isFloating() && wanted) {
            throw new IllegalArgumentException(
                    "requiresGrad: only floating-point tensors have gradients: " + signature());
        }
        if (wanted != requiresGrad()) {
            source = wanted ? new Source.Leaf() : null;
        }
        return this;
    }

    /// The gradient collected so far; null when there is none or this is no leaf.
    public @Nullable Tensor grad() {
        return source instanceof Source.Leaf leaf ? leaf.gradient : null;
    }

    /// Drops the gradient and frees it: what [#grad] gave before is closed.
    public void zeroGrad() {
        if (source instanceof Source.Leaf leaf && leaf.gradient != null) {
            leaf.gradient.close();
            leaf.gradient = null;
        }
    }

    /// Adds the gradients of this scalar to [#grad] of every leaf it depends on, and frees the graph.
    public void backward() {
        backward(false);
    }

    /// As [#backward()]; with `retain` the graph stays for another call.
    public void backward(boolean retain) {
        view();
        new BackwardPass(retain, false, null).run(this, null);
    }

    /// As [#backward()] for a tensor of any shape, starting from `gradient`, which has its type and shape.
    public void backward(Tensor gradient) {
        backward(gradient, false);
    }

    /// As [#backward(Tensor)]; with `retain` the graph stays for another call.
    public void backward(Tensor gradient, boolean retain) {
        view();
        new BackwardPass(retain, false, null).run(this, gradient);
    }

    /// The same memory without a past: requires no gradient.
    public Tensor detach() {
        return Eager.alias(this, viewed(view()));
    }

    @Nullable
    Source source() {
        return source;
    }

    void madeBy(Source.Output output) {
        source = output;
    }

    /// After a recorded write in place: views taken before no longer know their own past.
    void rewriteHistory(Source.Output output) {
        source = output;
        history = storage.rewritten();
    }

    void checkHistory(Op op) {
        if (isView && source != null && history != storage.history()) {
            throw new IllegalStateException(op.name() + ": the view " + signature()
                    + " was taken before its tensor was changed in place; take the view again");
        }
    }

    // Life

    /// Takes this tensor out of its scope: it lives until it is closed or unreachable. Returns this.
    public Tensor unscoped() {
        scope = null;
        return this;
    }

    /// True after [#close].
    public boolean isClosed() {
        return closed;
    }

    /// Frees this tensor and, when it is a leaf, its gradient. The memory goes back when no view of it is left. The second
    /// time does nothing.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            storage.release();
            if (!isAlias) {
                zeroGrad();
            }
        }
    }

    /// Values as PyTorch prints them: aligned, at most 1000 elements, the rest summarised.
    @Override
    public String toString() {
        return closed ? "tensor(freed, " + signature + ")" : read(() -> Printing.format(this));
    }
}
