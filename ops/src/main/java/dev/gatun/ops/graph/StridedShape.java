package dev.gatun.ops.graph;

import dev.gatun.kernels.View;
import dev.gatun.ops.Expand;
import dev.gatun.ops.Permute;
import dev.gatun.ops.Reshape;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Slice;
import dev.gatun.ops.Unfold;
import dev.gatun.ops.ViewOp;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a value will lie in memory, before there is any: sizes, and the distance between neighbours along each dim in
/// elements. Passes ask it whether views of a value will exist.
final class StridedShape {
    private final int[] dims;
    private final int[] strides;

    private StridedShape(int[] dims, int[] strides) {
        this.dims = dims;
        this.strides = strides;
    }

    /// Row-major without holes.
    static StridedShape rowMajor(Shape shape) {
        return new StridedShape(shape.dims(), View.contiguousStrides(shape.dims()));
    }

    /// As `value` lies when the steps before it are what `producers` say; null when its strides are not known.
    static @Nullable StridedShape of(Value value, Map<Value, Step> producers) {
        Step producer = producers.get(value);
        if (producer == null || !(producer.op() instanceof ViewOp view)) {
            return rowMajor(value.signature().shape());
        }
        StridedShape viewed = of(producer.inputs().getFirst(), producers);
        return viewed == null ? null : viewed.through(view);
    }

    /// Seen through `view`; null when the strides do not allow it, or when elements would repeat or overlap.
    @Nullable
    StridedShape through(ViewOp view) {
        return switch (view) {
            case Reshape r -> {
                int[] steps = Reshape.strides(dims, strides, r.shape().dims());
                yield steps == null ? null : new StridedShape(r.shape().dims(), steps);
            }
            case Permute p -> new StridedShape(
                    p.order().stream().mapToInt(i -> dims[i]).toArray(),
                    p.order().stream().mapToInt(i -> strides[i]).toArray());
            case Slice s -> {
                int[] cut = dims.clone();
                int[] steps = strides.clone();
                cut[s.axis()] = s.length();
                steps[s.axis()] *= s.step();
                yield new StridedShape(cut, steps);
            }
            case Expand _ -> null;
            case Unfold _ -> null;
        };
    }

    boolean isRowMajor() {
        return View.isContiguous(dims, strides);
    }

    /// True when the elements of the last dim lie side by side.
    boolean hasRows() {
        int last = dims.length - 1;
        return last >= 0 && (dims[last] <= 1 || strides[last] == 1);
    }

    /// The same for the dim before it: the last two are a transposed matrix.
    boolean hasColumns() {
        int last = dims.length - 1;
        return last >= 1 && strides[last - 1] == 1;
    }
}
