package dev.gatun.ops.graph;

import dev.gatun.kernels.ConvKernels;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.ops.AveragePool;
import dev.gatun.ops.Conv2d;
import dev.gatun.ops.Copy;
import dev.gatun.ops.MaxPool;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Reduce;
import dev.gatun.ops.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which images of a graph lie channels last. Convolutions with constant weights are faster so, and pooling, pointwise
/// work and sums take images as they come; where another layout is needed a copy stands in between. Inputs and outputs of
/// the graph are row-major. The whole graph stays in planes when the copies would move more than a share of what the
/// convolutions read and write: the choice depends on shapes alone.
///
/// @param graph with the copies
/// @param last the values that lie channels last
record Layouts(Graph graph, Set<Value> last) {
    private static final double SHARE = 0.25;
    private static final int FEW_CHANNELS = 8;

    static Layouts of(Graph graph, ConvKernels conv) {
        Layout pass = new Layout(conv);
        graph.steps().forEach(pass::visit);
        List<Value> outputs = graph.outputs().stream().map(v -> pass.as(v, ImageLayout.PLANES)).toList();
        if (pass.last.isEmpty() || pass.copied > SHARE * pass.convolved) {
            return new Layouts(graph, Set.of());
        }
        return new Layouts(new Graph(graph.inputs(), pass.steps, outputs), pass.last);
    }

    /// How `value` lies.
    ImageLayout of(Value value) {
        return last.contains(value) ? ImageLayout.CHANNELS_LAST : ImageLayout.PLANES;
    }

    private static final class Layout {
        private final ConvKernels conv;
        private final List<Step> steps = new ArrayList<>();
        private final Set<Value> last = new HashSet<>();
        private final Map<Value, Value> copies = new HashMap<>();
        private double copied;
        private double convolved;

        Layout(ConvKernels conv) {
            this.conv = conv;
        }

        private void visit(Step step) {
            switch (step.op()) {
                case Conv2d op when isLast(op, step) -> {
                    convolved += count(step.inputs().getFirst()) + count(step.output());
                    add(step, ImageLayout.CHANNELS_LAST, true);
                }
                case Pointwise _ when isImage(step.output()) && step.inputs().stream().anyMatch(last::contains) ->
                        add(step, ImageLayout.CHANNELS_LAST, true);
                case MaxPool _ when step.outputs().size() == 1 && last.contains(step.inputs().getFirst()) ->
                        add(step, ImageLayout.CHANNELS_LAST, true);
                case AveragePool _ when last.contains(step.inputs().getFirst()) ->
                        add(step, ImageLayout.CHANNELS_LAST, true);
                // Takes any strides; its result has none that matter, or is row-major.
                case Reduce _ -> steps.add(step);
                default -> add(step, ImageLayout.PLANES, false);
            }
        }

        private boolean isLast(Conv2d op, Step step) {
            Value x = step.inputs().getFirst();
            Value w = step.inputs().get(1);
            return w.isConstant() && x.signature().dtype() == DType.F32 && !conv.algorithms(
                    ImageLayout.CHANNELS_LAST, op.spec(), x.signature().shape().dims(), w.signature().shape().dims())
                    .isEmpty();
        }

        private static boolean isImage(Value v) {
            return v.signature().dtype() == DType.F32 && v.signature().shape().rank() == 4;
        }

        private static double count(Value v) {
            return v.signature().shape().count();
        }

        /// A convolution of all channels reads planes too, and for few channels that costs less than a copy.
        private static boolean readsPlanes(Conv2d op, Value x) {
            return op.spec().groups() == 1 && x.signature().shape().dim(1) <= FEW_CHANNELS;
        }

        /// Operands that are images of the result's sort in the layout; weights, biases and the like as they are.
        private void add(Step step, ImageLayout layout, boolean results) {
            List<Value> inputs = new ArrayList<>();
            for (int i = 0; i < step.inputs().size(); i++) {
                Value v = step.inputs().get(i);
                boolean any = i == 0 && results && step.op() instanceof Conv2d op && readsPlanes(op, v);
                boolean image = isImage(v) && !v.isConstant() && !any;
                inputs.add(image ? as(v, layout) : v);
            }
            steps.add(new Step(step.op(), inputs, step.outputs()));
            if (results) {
                last.addAll(step.outputs());
            }
        }

        /// The value in this layout; a copy where it lies otherwise and that shows.
        private Value as(Value v, ImageLayout layout) {
            boolean isLast = last.contains(v);
            if (isLast == (layout == ImageLayout.CHANNELS_LAST) || isBoth(v.signature().shape())) {
                return v;
            }
            return copies.computeIfAbsent(v, _ -> {
                Value copy = Value.of(v.signature());
                copied += count(v);
                steps.add(new Step(new Copy(), List.of(v), List.of(copy)));
                if (!isLast) {
                    last.add(copy);
                }
                return copy;
            });
        }

        /// True when the two layouts of such images are one: a single channel, or a single pixel.
        private static boolean isBoth(Shape shape) {
            return shape.rank() != 4 || shape.dim(1) == 1 || shape.dim(2) * shape.dim(3) == 1;
        }
    }
}
