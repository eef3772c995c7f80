package dev.gatun.nn.data;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/// Samples held in Java arrays: inputs `[size, inputDims]` with class labels, or with targets `[size, targetDims]`.
public final class ArrayDataset implements Dataset {
    private final float[] inputs;
    private final float[] targets;
    private final long[] labels;
    private final Layout layout;
    private final int size;

    private ArrayDataset(float[] inputs, float[] targets, long[] labels, Layout layout, int size) {
        this.inputs = inputs;
        this.targets = targets;
        this.labels = labels;
        this.layout = layout;
        this.size = size;
        long per = View.count(layout.inputDims());
        if (inputs.length != per * size) {
            throw new IllegalArgumentException(
                    "dataset: " + size + " samples of shape " + Arrays.toString(layout.inputDims()) + " need "
                            + per * size + " input values, found " + inputs.length);
        }
    }

    /// Inputs of shape `inputDims` each, with one class label per sample. The arrays are used, not copied.
    public static ArrayDataset classes(float[] inputs, int[] inputDims, long[] labels) {
        Layout layout = new Layout(DType.F32, inputDims.clone(), DType.I64, new int[0]);
        return new ArrayDataset(inputs, new float[0], labels, layout, labels.length);
    }

    /// Inputs of shape `inputDims` with targets of shape `targetDims`, `size` samples. The arrays are used, not copied.
    public static ArrayDataset values(float[] inputs, int[] inputDims, float[] targets, int[] targetDims, int size) {
        if (targets.length != (long) View.count(targetDims) * size) {
            throw new IllegalArgumentException(
                    "dataset: " + size + " samples with targets of shape " + Arrays.toString(targetDims) + " need "
                            + (long) View.count(targetDims) * size + " target values, found " + targets.length);
        }
        Layout layout = new Layout(DType.F32, inputDims.clone(), DType.F32, targetDims.clone());
        return new ArrayDataset(inputs, targets, new long[0], layout, size);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public void read(int index, MemorySegment input, long inputAt, MemorySegment target, long targetAt) {
        Objects.checkIndex(index, size);
        int n = View.count(layout.inputDims());
        MemorySegment.copy(inputs, index * n, input, JAVA_FLOAT, inputAt, n);
        if (layout.targetType() == DType.I64) {
            target.set(JAVA_LONG, targetAt, labels[index]);
        } else {
            int m = View.count(layout.targetDims());
            MemorySegment.copy(targets, index * m, target, JAVA_FLOAT, targetAt, m);
        }
    }
}
