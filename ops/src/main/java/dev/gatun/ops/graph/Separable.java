package dev.gatun.ops.graph;

import dev.gatun.kernels.ConvAlgorithm;
import dev.gatun.kernels.ConvKernels;
import dev.gatun.kernels.ConvSpec;
import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.ops.Conv2d;
import dev.gatun.ops.Fusible;
import dev.gatun.ops.Shape;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which convolutions of one filter per channel are computed by the call of the 1×1 convolution that alone reads them:
/// what lies between the two then never goes to memory. They stay two steps of the graph, bound as one call.
final class Separable {
    private Separable() {}

    /// From the second step of each pair to the first, for steps with these packed weights.
    static Map<Step, Step> pairs(Graph graph, Map<Step, PackedFilter> filters, ConvKernels conv) {
        Readers readers = new Readers(graph);
        Map<Step, Step> pairs = new IdentityHashMap<>();
        for (Step step : graph.steps()) {
            Step before = filters.containsKey(step) ? graph.producer(step.inputs().getFirst()) : null;
            if (before != null && filters.containsKey(before) && readers.isReadOnce(before.output())
                    && isPair(before, filters.get(before), step, filters.get(step), conv)) {
                pairs.put(step, before);
            }
        }
        return pairs;
    }

    private static boolean isPair(
            Step first, @Nullable PackedFilter w, Step second, @Nullable PackedFilter pointwise, ConvKernels conv) {
        return first.op() instanceof Conv2d depthwise && second.op() instanceof Conv2d last
                && isDirect(w) && isDirect(pointwise) && last.spec().equals(ConvSpec.of(1, 0, 1, 1))
                && first.inputs().stream().skip(Fusible.OPERANDS).allMatch(Separable::isPerChannel)
                && conv.isSeparable(depthwise.spec(), dims(first, 0), dims(first, 1), dims(second, 1));
    }

    private static boolean isDirect(@Nullable PackedFilter w) {
        return w != null && w.images() == ImageLayout.CHANNELS_LAST && w.algorithm() == ConvAlgorithm.DIRECT;
    }

    private static int[] dims(Step step, int input) {
        return step.inputs().get(input).signature().shape().dims();
    }

    /// A row-major `[c, 1, 1]` or `[1, c, 1, 1]`.
    private static boolean isPerChannel(Value v) {
        Shape s = v.signature().shape();
        int channels = s.rank() - 3;
        return v.isConstant() && channels >= 0 && s.dim(channels) == s.count() && s.count() > 1;
    }
}
