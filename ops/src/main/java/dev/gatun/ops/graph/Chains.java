package dev.gatun.ops.graph;

import dev.gatun.ops.Conv2d;
import dev.gatun.ops.ConvChain;
import dev.gatun.ops.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Convolutions of one filter per channel become one step with the 1×1 behind them, and with the 1×1 before, where what
/// lies between is large: it would be written to a far cache and read from there. Images channels last only. The choice
/// depends on shapes alone. Images of 2 GiB, which the kernel does not take, stay as they are.
final class Chains {
    /// Bytes of what lies between from which on one step is faster (docs/kernels-conv.md).
    private static final long FAR = 1 << 20;

    private final Layouts layouts;

    private Chains(Layouts layouts) {
        this.layouts = layouts;
    }

    static Layouts apply(Layouts layouts) {
        Chains chains = new Chains(layouts);
        return new Layouts(Rewrite.pairs(layouts.graph(), chains::merge), layouts.last());
    }

    private @Nullable Step merge(Step producer, Step consumer, Value link) {
        if (!(producer.op() instanceof Conv2d before) || consumer.inputs().indexOf(link) != 0 || !isInner(producer)) {
            return null;
        }
        long from = producer.inputs().getFirst().signature().bytes();
        if (Math.max(from, link.signature().bytes()) < FAR || from >= Integer.MAX_VALUE) {
            return null;
        }
        return switch (consumer.op()) {
            case Conv2d op when isDepthwise(before, producer) && isPointwise(op, consumer)
                    && isLast(consumer.output()) ->
                    joined(producer, new ConvChain(List.of(op), List.of(consumer.inputs().size() - 2)), consumer);
            case ConvChain chain when chain.links().size() == 2 && isPointwise(before, producer) ->
                    joined(producer, chain, consumer);
            default -> null;
        };
    }

    private static Step joined(Step producer, ConvChain chain, Step consumer) {
        List<Conv2d> links = new ArrayList<>(chain.links());
        links.addFirst((Conv2d) producer.op());
        List<Integer> extras = new ArrayList<>(chain.extras());
        extras.addFirst(producer.inputs().size() - 2);
        List<Value> operands = new ArrayList<>(producer.inputs());
        operands.addAll(consumer.inputs().subList(1, consumer.inputs().size()));
        return new Step(new ConvChain(links, extras), operands, consumer.outputs());
    }

    private boolean isLast(Value value) {
        return layouts.last().contains(value);
    }

    /// Reads and gives images channels last; its epilogue takes numbers per channel.
    private boolean isInner(Step step) {
        return isLast(step.output()) && isLast(step.inputs().getFirst())
                && step.inputs().stream().skip(2).allMatch(v -> isPerChannel(v.signature().shape()));
    }

    private static boolean isPerChannel(Shape shape) {
        for (int d = 0; d < shape.rank(); d++) {
            if (d != shape.rank() - 3 && shape.dim(d) != 1) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPointwise(Conv2d op, Step step) {
        return op.spec().isPointwise(weights(step));
    }

    private static boolean isDepthwise(Conv2d op, Step step) {
        return op.spec().isDepthwise(weights(step));
    }

    private static int[] weights(Step step) {
        return step.inputs().get(1).signature().shape().dims();
    }
}
