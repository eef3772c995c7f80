package dev.gatun.nn.data;

import dev.gatun.kernels.DType;
import dev.gatun.ops.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// The batches of one epoch. Samples are copied into staging memory by a background thread (or by the caller, without
/// prefetch); the tensors are made by [#next] on the calling thread. For one thread at a time. A sample that cannot be
/// read is thrown by [#next].
public final class Batches implements Iterator<Batch>, AutoCloseable {
    private static final class Stage {
        final MemorySegment input;
        final MemorySegment target;
        @Nullable Throwable failure;

        Stage(Dataset.Layout layout, int batchSize) {
            Arena arena = Arena.ofAuto();
            input = arena.allocate(Math.max(8, layout.inputBytes() * batchSize), 64);
            target = arena.allocate(Math.max(8, layout.targetBytes() * batchSize), 64);
        }
    }

    private final DataLoader loader;
    private final int @Nullable [] order;
    private final Dataset.Layout layout;
    private final BlockingQueue<Stage> free;
    private final BlockingQueue<Stage> filled;
    private final @Nullable Thread worker;
    private int next;

    Batches(DataLoader loader, int @Nullable [] order) {
        this.loader = loader;
        this.order = order;
        this.layout = loader.dataset().layout();
        int stages = Math.max(1, Math.min(loader.prefetch(), loader.steps()));
        this.free = new ArrayBlockingQueue<>(stages);
        this.filled = new ArrayBlockingQueue<>(stages);
        for (int i = 0; i < stages; i++) {
            free.add(new Stage(layout, loader.batchSize()));
        }
        if (loader.prefetch() > 0) {
            Thread thread = new Thread(this::work, "gatun-data");
            thread.setDaemon(true);
            thread.start();
            worker = thread;
        } else {
            worker = null;
        }
    }

    private void work() {
        try {
            for (int step = 0; step < loader.steps(); step++) {
                Stage stage = free.take();
                fill(stage, step);
                filled.put(stage);
                if (stage.failure != null) {
                    return;
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void fill(Stage stage, int step) {
        try {
            int from = step * loader.batchSize();
            for (int i = 0; i < sizeOf(step); i++) {
                int index = order == null ? from + i : order[from + i];
                loader.dataset().read(index, stage.input, i * layout.inputBytes(), stage.target,
                        i * layout.targetBytes());
            }
        } catch (Throwable t) {
            stage.failure = t;
        }
    }

    private int sizeOf(int step) {
        return Math.min(loader.batchSize(), loader.samples() - step * loader.batchSize());
    }

    @Override
    public boolean hasNext() {
        return next < loader.steps();
    }

    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException("all " + loader.steps() + " batches were taken");
        }
        Stage stage;
        try {
            if (worker == null) {
                stage = free.take();
                fill(stage, next);
            } else {
                stage = filled.take();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("loader: interrupted while waiting for batch " + next, e);
        }
        try {
            if (stage.failure != null) {
                int failed = next;
                close();
                throw new IllegalStateException("loader: batch " + failed + " could not be read: " + stage.failure,
                        stage.failure);
            }
            int n = sizeOf(next++);
            return new Batch(tensor(stage.input, n * layout.inputBytes(), layout.inputType(), n, layout.inputDims()),
                    tensor(stage.target, n * layout.targetBytes(), layout.targetType(), n, layout.targetDims()));
        } finally {
            free.add(stage);
        }
    }

    private static Tensor tensor(MemorySegment stage, long bytes, DType dtype, int n, int[] dims) {
        int[] all = new int[dims.length + 1];
        all[0] = n;
        System.arraycopy(dims, 0, all, 1, dims.length);
        return Tensor.of(stage.asSlice(0, bytes), dtype, all);
    }

    /// Ends the background thread; batches already taken stay valid.
    @Override
    public void close() {
        next = loader.steps();
        if (worker != null) {
            worker.interrupt();
        }
    }
}
