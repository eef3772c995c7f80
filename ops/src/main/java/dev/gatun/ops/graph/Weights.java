package dev.gatun.ops.graph;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvKernels;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.PackedMatrix;
import dev.gatun.kernels.PackedRecurrent;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import dev.gatun.kernels.memory.Block;
import dev.gatun.kernels.memory.MemoryPool;
import dev.gatun.ops.Conv2d;
import dev.gatun.ops.Recurrent;
import dev.gatun.ops.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// The constants of a session, in memory of its own: later changes to the module do not reach it. Equal numbers are
/// stored once, also when plans for several batch sizes bring them; weights lie in the layout that their kernel wants.
public final class Weights implements AutoCloseable {
    /// Something stored: what it was made of, in which layout, and what the kernels get.
    private record Entry(List<View> content, Object layout, Object stored) {}

    private final Kernels kernels;
    private final MemoryPool memory;
    private final ConvChoices choices;
    private final List<Block> blocks = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private long bytes;

    /// Empty, for kernels that will read what it stores.
    public Weights(Kernels kernels, MemoryPool memory) {
        this(kernels, memory, ConvChoices.estimated(kernels));
    }

    /// The same with these algorithms for convolutions.
    public Weights(Kernels kernels, MemoryPool memory, ConvChoices choices) {
        this.kernels = kernels;
        this.memory = memory;
        this.choices = choices;
    }

    Kernels kernels() {
        return kernels;
    }

    MemoryPool memory() {
        return memory;
    }

    /// A row-major copy.
    View plain(View view) {
        return stored(view, "plain", View.class, () -> copy(view));
    }

    /// B `[k, n]` packed for products.
    PackedMatrix matrix(View b) {
        return stored(b, "matrix", PackedMatrix.class,
                () -> kernels.gemm().pack(b,
                        block(kernels.gemm().packedBytes(b.dtype(), b.dim(0), b.dim(1))).segment()));
    }

    /// How packed filters are told apart.
    private record FilterLayout(ImageLayout images, ConvSpec spec, ConvAlgorithm algorithm) {}

    /// Convolution weights packed for `op` on inputs of this layout and shape `x`, whose size decides on the algorithm.
    PackedFilter filter(Conv2d op, ImageLayout images, Shape x, View w) {
        ConvKernels conv = kernels.conv();
        ConvSpec spec = op.spec();
        ConvAlgorithm algorithm = choices.of(images, spec, x, new Shape(w.dims()));
        return stored(w, new FilterLayout(images, spec, algorithm), PackedFilter.class,
                () -> conv.pack(
                        images, spec, w, algorithm, block(conv.packedBytes(images, spec, w, algorithm)).segment()));
    }

    /// The parameters of a recurrent layer, the operands from 1 on, packed for `op`.
    PackedRecurrent recurrent(Recurrent op, List<View> parameters) {
        RecurrentSpec spec = op.spec();
        List<View> operands = new ArrayList<>(parameters);
        operands.addFirst(parameters.getFirst());
        RecurrentWeights w = op.weights(operands);
        return stored(parameters, spec.cell(), PackedRecurrent.class,
                () -> kernels.recurrent().pack(spec, w, block(kernels.recurrent().packedBytes(spec, w)).segment()));
    }

    /// Bytes stored.
    public long bytes() {
        return bytes;
    }

    /// Forgets what the stored numbers were made of, once all plans are made: the originals may be freed then.
    public void seal() {
        entries.clear();
    }

    private <T> T stored(View view, Object layout, Class<T> type, Supplier<T> make) {
        return stored(List.of(view), layout, type, make);
    }

    private <T> T stored(List<View> views, Object layout, Class<T> type, Supplier<T> make) {
        for (Entry e : entries) {
            if (e.layout.equals(layout) && same(e.content, views)) {
                return type.cast(e.stored);
            }
        }
        T made = make.get();
        entries.add(new Entry(List.copyOf(views), layout, made));
        return made;
    }

    private static boolean same(List<View> xs, List<View> ys) {
        boolean same = xs.size() == ys.size();
        for (int i = 0; same && i < xs.size(); i++) {
            same = same(xs.get(i), ys.get(i));
        }
        return same;
    }

    private static boolean same(View x, View y) {
        return x.dtype() == y.dtype() && Arrays.equals(x.dims(), y.dims()) && Arrays.equals(x.strides(), y.strides())
                && span(x).mismatch(span(y)) == -1;
    }

    /// The bytes from the first to the last element.
    private static MemorySegment span(View view) {
        long last = 0;
        for (int i = 0; i < view.rank(); i++) {
            last += (view.dim(i) - 1L) * view.stride(i);
        }
        return view.count() == 0 ? MemorySegment.NULL
                : view.segment().asSlice(view.offset(), (last + 1) * view.dtype().bytes());
    }

    private View copy(View view) {
        View copy = View.of(block((long) view.count() * view.dtype().bytes()).segment(), 0, view.dtype(), view.dims());
        Call call = kernels.copy().copy(view, copy);
        Block scratch = memory.acquire(call.scratchBytes(), "session weights");
        try {
            call.run(scratch.segment());
        } finally {
            scratch.release();
        }
        return copy;
    }

    private Block block(long size) {
        Block block = memory.acquire(size, "session weights");
        blocks.add(block);
        bytes += size;
        return block;
    }

    /// Gives the memory back; nothing may be reading it.
    @Override
    public void close() {
        blocks.forEach(Block::release);
        blocks.clear();
    }
}
