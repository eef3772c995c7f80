package dev.gatun.ops.graph;

import dev.gatun.kernels.AttentionSpec;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.ops.Copy;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.Op;
import dev.gatun.ops.Permute;
import dev.gatun.ops.Reshape;
import dev.gatun.ops.ScaledDotProductAttention;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Softmax;
import dev.gatun.ops.ViewOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Attention that is written out, `softmax(q·kᵀ·scale + mask)·v` over the last dim, becomes the operation that never
/// stores the weights. q, k and v have up to four dims with equal leading ones, or one head of k and v for all of q. The
/// factors may stand at the product, or on q or k as far back as views go; [AttentionScores] says what may stand between
/// the product and the softmax, and which masks qualify. Nobody else may read anything in between. F32 only: there is no
/// fast kernel for F64.
final class AttentionPattern {
    private static final int HEAD_DIMS = 4;

    private final Graph graph;
    private final Readers readers;
    private final Map<Value, Step> producers = new HashMap<>();
    private final Map<Step, List<Step>> replaced = new IdentityHashMap<>();
    private final Set<Step> gone = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Replacements unscaled = new Replacements();

    private AttentionPattern(Graph graph) {
        this.graph = graph;
        readers = new Readers(graph);
        graph.steps().forEach(s -> s.outputs().forEach(v -> producers.put(v, s)));
    }

    static Graph apply(Graph graph) {
        AttentionPattern pass = new AttentionPattern(graph);
        graph.steps().forEach(pass::look);
        List<Step> steps = new ArrayList<>();
        for (Step step : graph.steps()) {
            if (!pass.gone.contains(step)) {
                pass.replaced.getOrDefault(step, List.of(step)).forEach(s -> steps.add(pass.unscaled.in(s)));
            }
        }
        return new Graph(graph.inputs(), steps, graph.outputs()).withoutDeadSteps();
    }

    private void look(Step weighing) {
        if (!isPlain(weighing) || weighing.output().signature().dtype() != DType.F32
                || ((MatMul) weighing.op()).alpha() != 1) {
            return;
        }
        Value weights = weighing.inputs().getFirst();
        Step softmax = producers.get(weights);
        if (softmax == null || !(softmax.op() instanceof Softmax s) || s.log() || !readers.isReadOnce(weights)
                || s.dim() != weights.signature().shape().rank() - 1) {
            return;
        }
        AttentionScores scores = AttentionScores.before(softmax.inputs().getFirst(), producers, readers);
        if (scores != null && isPlain(scores.product())) {
            Value q = scores.product().inputs().get(0);
            Value kt = scores.product().inputs().get(1);
            Value v = weighing.inputs().get(1);
            if (fit(q.signature().shape(), kt.signature().shape(), v.signature().shape())) {
                replace(weighing, scores, q, kt, v);
            }
        }
    }

    private static boolean isPlain(Step step) {
        return step.op() instanceof MatMul product && product.epilogue().equals(Expr.input(0));
    }

    /// Leading dims as the kernel wants them; products would broadcast others.
    private static boolean fit(Shape q, Shape kt, Shape v) {
        int rank = q.rank();
        boolean fits = rank <= HEAD_DIMS && kt.rank() == rank && v.rank() == rank && v.dim(-1) > 0 && q.dim(-1) > 0;
        for (int i = 0; fits && i < rank - 2; i++) {
            boolean oneHead = i == HEAD_DIMS - 3 && kt.dim(i) == 1 && v.dim(i) == 1;
            fits = oneHead || (q.dim(i) == kt.dim(i) && q.dim(i) == v.dim(i));
        }
        return fits;
    }

    private void replace(Step weighing, AttentionScores scores, Value q, Value kt, Value v) {
        double scale = scores.scale() * takeFactor(q) * takeFactor(kt);
        List<Step> steps = new ArrayList<>();
        List<Value> operands = new ArrayList<>(List.of(
                rows(q, steps), rows(viewed(kt, transposed(kt.signature().shape().rank()), steps), steps),
                rows(v, steps)));
        if (scores.mask() != null) {
            operands.add(scores.mask());
        }
        Op attention =
                new ScaledDotProductAttention(AttentionSpec.of(scale, false), scores.mask() != null, false, false);
        List<Value> results = attention.infer(operands.stream().map(Value::signature).toList()).stream()
                .map(Value::of).toList();
        steps.add(new Step(attention, operands, results));
        Value byHeads = viewed(results.getFirst(), new Permute(List.of(0, 2, 1, 3)), steps);
        Shape shape = weighing.output().signature().shape();
        Value last = byHeads.signature().shape().equals(shape) ? byHeads : viewed(byHeads, new Reshape(shape), steps);
        steps.forEach(s -> s.outputs().forEach(o -> producers.put(o, s)));
        if (!readers.accept(weighing.output(), StridedShape.of(last, producers))) {
            steps.add(new Step(new Copy(), List.of(last), weighing.outputs()));
        } else {
            Step view = steps.removeLast();
            steps.add(new Step(view.op(), view.inputs(), weighing.outputs()));
        }
        producers.put(weighing.output(), steps.getLast());
        replaced.put(weighing, steps);
    }

    /// With leading dims of size 1, and copied when the elements of a row do not lie side by side.
    private Value rows(Value value, List<Step> steps) {
        int[] own = value.signature().shape().dims();
        int[] dims = new int[HEAD_DIMS];
        Arrays.fill(dims, 1);
        System.arraycopy(own, 0, dims, HEAD_DIMS - own.length, own.length);
        Map<Value, Step> made = new HashMap<>(producers);
        steps.forEach(s -> s.outputs().forEach(v -> made.put(v, s)));
        StridedShape lie = StridedShape.of(value, made);
        Value source = value;
        if (lie == null || !lie.hasRows() || lie.through(new Reshape(new Shape(dims))) == null) {
            source = Value.of(value.signature());
            steps.add(new Step(new Copy(), List.of(value), List.of(source)));
        }
        return own.length == HEAD_DIMS ? source : viewed(source, new Reshape(new Shape(dims)), steps);
    }

    private static Permute transposed(int rank) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            order.add(i);
        }
        Collections.swap(order, rank - 2, rank - 1);
        return new Permute(order);
    }

    private static Value viewed(Value value, ViewOp view, List<Step> steps) {
        Value result = Value.of(view.infer(value.signature()));
        steps.add(new Step(view, List.of(value), List.of(result)));
        return result;
    }

    /// The number that the value is multiplied with behind its views, which is taken out there: it would stand between
    /// the projections and keep them from becoming one product.
    private double takeFactor(Value value) {
        double all = 1;
        for (@Nullable
        Step step = producers.get(value); step != null && readers.isReadOnce(step.outputs().getFirst());) {
            AttentionScores.Scaled scaled = AttentionScores.scaled(step);
            if (scaled != null && !gone.contains(step)) {
                all *= scaled.factor();
                unscaled.put(step.output(), scaled.of());
                gone.add(step);
                step = producers.get(scaled.of());
            } else if (step.op() instanceof ViewOp) {
                step = producers.get(step.inputs().getFirst());
            } else {
                break;
            }
        }
        return all;
    }
}
