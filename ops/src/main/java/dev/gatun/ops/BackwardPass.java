package dev.gatun.ops;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// One walk from an output to the leaves. Nodes are visited from the latest to the earliest, so contributions to a
/// gradient are always added in the same order. A node's operands and its output gradients are freed as soon as it is
/// done.
final class BackwardPass {
    private final boolean retain;
    private final boolean createGraph;
    private final @Nullable Map<Source, @Nullable Tensor> targets;
    private final Map<Node, @Nullable Tensor[]> pending = new IdentityHashMap<>();
    private final PriorityQueue<Node> queue =
            new PriorityQueue<>(Comparator.comparingLong((Node n) -> n.sequence).reversed());

    /// With `targets` null gradients go to the leaves, else to those sources only.
    BackwardPass(boolean retain, boolean createGraph, @Nullable List<Source> targets) {
        this.retain = retain;
        this.createGraph = createGraph;
        if (targets == null) {
            this.targets = null;
        } else {
            this.targets = new HashMap<>();
            targets.forEach(t -> this.targets.put(t, null));
        }
    }

    @Nullable
    Tensor captured(Source target) {
        return targets == null ? null : targets.get(target);
    }

    /// Propagates `seed` (null: one, for a scalar) from `root`.
    void run(Tensor root, @Nullable Tensor seed) {
        Source source = root.source();
        if (source == null) {
            throw new IllegalStateException("backward: the tensor " + root.signature()
                    + " does not require gradients: none of its inputs does, or it was made inside noGrad");
        }
        if (seed == null && root.count() != 1) {
            throw new IllegalArgumentException("backward: a tensor with more than one element needs a gradient to start"
                    + " from: shape " + root.shape() + "; call backward(gradient) or reduce with sum() or mean()");
        }
        if (seed != null && !seed.signature().equals(root.signature())) {
            throw new IllegalArgumentException("backward: the gradient must have type and shape of the tensor: "
                    + seed.signature() + " and " + root.signature());
        }
        check(source);
        Engine engine = root.engine();
        engine.run(() -> {
            Tensor first = seed != null ? seed.alias() : Tensor.onesLike(root).unscoped();
            if (createGraph) {
                walk(engine, source, first);
            } else {
                Autograd.noGrad(() -> walk(engine, source, first));
            }
        });
    }

    private static void check(Source root) {
        Map<Node, Boolean> seen = new IdentityHashMap<>();
        List<Node> stack = new ArrayList<>();
        if (root instanceof Source.Output o) {
            stack.add(o.node());
        }
        while (!stack.isEmpty()) {
            Node node = stack.removeLast();
            if (seen.put(node, true) == null) {
                node.check();
                stack.addAll(node.producers());
            }
        }
    }

    private void walk(Engine engine, Source root, Tensor seed) {
        try {
            deliver(root, seed);
            while (!queue.isEmpty()) {
                step(engine, queue.poll());
            }
        } finally {
            pending.values().forEach(BackwardPass::closeAll);
        }
    }

    private void step(Engine engine, Node node) {
        @Nullable
        Tensor[] gradients = pending.getOrDefault(node, new @Nullable Tensor[node.outputs.size()]);
        List<@Nullable Tensor> results;
        try (Scope scope = engine.scope()) {
            results = own(scope, node, node.op.backward(new Backward(node, gradients, engine)));
        }
        pending.remove(node);
        closeAll(gradients);
        if (!retain) {
            node.free();
        }
        for (int i = 0; i < results.size(); i++) {
            Tensor gradient = results.get(i);
            Source source = node.source(i);
            if (gradient != null && source != null) {
                deliver(source, gradient);
            } else if (gradient != null) {
                gradient.close();
            }
        }
    }

    /// A reference of its own to every gradient, which outlives the scope: the operation may have returned one tensor
    /// twice, or one of its operands.
    private static List<@Nullable Tensor> own(Scope scope, Node node, List<@Nullable Tensor> gradients) {
        if (gradients.size() != node.inputs.size()) {
            throw new IllegalStateException(node.op.name() + ": backward must give one gradient (or null) per input: "
                    + gradients.size() + " for " + node.inputs.size() + " inputs");
        }
        List<@Nullable Tensor> owned = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
            Tensor gradient = gradients.get(i);
            if (gradient != null) {
                if (!gradient.signature().equals(node.inputs.get(i))) {
                    throw new IllegalStateException(node.op.name() + ": backward gave a gradient of another type or"
                            + " shape for input " + i + ": " + gradient.signature() + " for " + node.inputs.get(i));
                }
                scope.keepTape(gradient);
            }
            owned.add(gradient == null ? null : gradient.alias());
        }
        return owned;
    }

    private void deliver(Source source, Tensor gradient) {
        if (targets != null && targets.containsKey(source)) {
            targets.put(source, sum(targets.get(source), gradient.alias()));
        }
        switch (source) {
            case Source.Leaf leaf -> {
                if (targets == null) {
                    accumulate(leaf, gradient);
                } else {
                    gradient.close();
                }
            }
            case Source.Output o -> {
                @Nullable
                Tensor[] slots = pending.get(o.node());
                if (slots == null) {
                    slots = new @Nullable Tensor[o.node().outputs.size()];
                    pending.put(o.node(), slots);
                    queue.add(o.node());
                }
                slots[o.index()] = sum(slots[o.index()], gradient);
            }
        }
    }

    /// `earlier + gradient`; takes both over. Written into `earlier` when nobody else can see it.
    private Tensor sum(@Nullable Tensor earlier, Tensor gradient) {
        if (earlier == null) {
            return gradient;
        }
        Tensor total = earlier;
        if (!createGraph && isPrivate(earlier)) {
            earlier.addInPlace(gradient);
        } else {
            total = earlier.add(gradient).unscoped();
            earlier.close();
        }
        gradient.close();
        return total;
    }

    private void accumulate(Source.Leaf leaf, Tensor gradient) {
        Tensor earlier = leaf.gradient;
        if (earlier == null && (createGraph || isPrivate(gradient))) {
            leaf.gradient = gradient;
        } else if (earlier == null) {
            leaf.gradient = gradient.copy().unscoped();
            gradient.close();
        } else if (createGraph) {
            leaf.gradient = earlier.add(gradient).unscoped();
            gradient.close();
        } else {
            earlier.addInPlace(gradient);
            gradient.close();
        }
    }

    private static boolean isPrivate(Tensor tensor) {
        return tensor.storage().isExclusive() && tensor.isContiguous();
    }

    private static void closeAll(@Nullable Tensor[] tensors) {
        for (Tensor tensor : tensors) {
            if (tensor != null) {
                tensor.close();
            }
        }
    }
}
