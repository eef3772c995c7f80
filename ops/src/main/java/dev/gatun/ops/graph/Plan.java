package dev.gatun.ops.graph;

import dev.gatun.kernels.ImageLayout;
import dev.gatun.kernels.PackedFilter;
import dev.gatun.kernels.PackedMatrix;
import dev.gatun.kernels.PackedRecurrent;
import dev.gatun.kernels.View;
import dev.gatun.ops.Conv2d;
import dev.gatun.ops.ConvChain;
import dev.gatun.ops.MatMul;
import dev.gatun.ops.Pointwise;
import dev.gatun.ops.Recurrent;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Signature;
import dev.gatun.ops.ViewOp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A graph made ready to run: rewritten by the passes, its weights stored, every intermediate result placed in one slab.
/// Immutable and shared; each caller runs it in a [Workspace] of its own.
public final class Plan {
    /// Memory of values: `slot` numbers a lifetime; views share the slot of what they view, and a result that may take
    /// the place of a dying operand shares the operand's.
    private final Map<Value, Integer> slots = new HashMap<>();
    private final List<MemoryPlan.Lifetime> lifetimes = new ArrayList<>();
    private final Map<Value, View> constants = new HashMap<>();
    private final Map<Step, PackedMatrix> matrices = new IdentityHashMap<>();
    private final Map<Step, PackedFilter> filters = new IdentityHashMap<>();
    private final Map<Step, List<PackedFilter>> chains = new IdentityHashMap<>();
    private final Map<Step, PackedRecurrent> recurrents = new IdentityHashMap<>();
    private final Graph graph;
    private final Layouts layouts;
    private final MemoryPlan memory;
    private final Weights weights;

    private Plan(Layouts layouts, Weights weights) {
        this.layouts = layouts;
        this.graph = layouts.graph();
        this.weights = weights;
        graph.steps().forEach(this::store);
        graph.outputs().forEach(this::store);
        assignSlots();
        this.memory = MemoryPlan.of(lifetimes);
    }

    /// Stores the constants of a step: weights in the layout their kernel wants, everything else as it is.
    private void store(Step step) {
        if (step.op() instanceof ConvChain chain) {
            storeChain(step, chain);
            return;
        }
        int packed = storeRecurrent(step);
        for (int i = 0; i < step.inputs().size(); i++) {
            Value value = step.inputs().get(i);
            if (i > 0 && i < packed) {
                continue;
            }
            if (i == 1 && value.isConstant() && step.op() instanceof MatMul && value.signature().shape().rank() == 2) {
                matrices.put(step, weights.matrix(value.tensor().view()));
            } else if (i == 1 && value.isConstant() && step.op() instanceof Conv2d conv) {
                Shape x = step.inputs().getFirst().signature().shape();
                filters.put(step, weights.filter(conv, layouts.of(step.output()), x, value.tensor().view()));
            } else {
                store(value);
            }
        }
    }

    private void storeChain(Step step, ConvChain chain) {
        List<List<Signature>> operands = chain.operands(step.inputs().stream().map(Value::signature).toList());
        List<PackedFilter> packed = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            packed.add(weights.filter(
                    chain.links().get(i), ImageLayout.CHANNELS_LAST, operands.get(i).getFirst().shape(),
                    step.inputs().get(chain.weights(i)).tensor().view()));
            step.inputs().subList(chain.weights(i) + 1, chain.weights(i + 1)).forEach(this::store);
        }
        chains.put(step, packed);
    }

    /// Packs the parameters of a recurrent layer when all are constants; gives the operand after them, or 0.
    private int storeRecurrent(Step step) {
        if (!(step.op() instanceof Recurrent op) || op.keep()
                || !step.inputs().subList(1, op.parameters()).stream().allMatch(Value::isConstant)) {
            return 0;
        }
        List<View> views =
                step.inputs().subList(1, op.parameters()).stream().map(v -> v.tensor().view()).toList();
        recurrents.put(step, weights.recurrent(op, views));
        return op.parameters();
    }

    private void store(Value value) {
        if (value.isConstant() && !constants.containsKey(value)) {
            constants.put(value, weights.plain(value.tensor().view()));
        }
    }

    /// Optimises `graph` and lays it out; constants go to `weights`, so that the tensors of the graph are not needed
    /// afterwards.
    public static Plan of(Graph graph, Weights weights) {
        return new Plan(Chains.apply(Layouts.of(Passes.apply(graph), weights.kernels().conv())), weights);
    }

    /// The optimised graph.
    public Graph graph() {
        return graph;
    }

    /// How the weights of a step lie: `packed` in the layout of its kernel, `plain`, or nothing when it has none.
    String layout(Step step) {
        if (matrices.containsKey(step) || filters.containsKey(step) || recurrents.containsKey(step)
                || chains.containsKey(step)) {
            return "packed";
        }
        return step.inputs().stream().anyMatch(Value::isConstant) ? "plain" : "";
    }

    /// How a value lies: `nhwc` for images channels last, nothing for what is row-major.
    String layout(Value value) {
        return layouts.of(value) == ImageLayout.PLANES ? "" : "nhwc";
    }

    /// Bytes of one workspace's slab, without scratch memory.
    public long slabBytes() {
        return memory.bytes();
    }

    /// The stored numbers of a constant that is not packed weights.
    View constant(Value value) {
        View view = constants.get(value);
        if (view == null) {
            throw new IllegalStateException("plan: the value " + value + " is not among the stored constants");
        }
        return view;
    }

    @Nullable
    PackedMatrix matrix(Step step) {
        return matrices.get(step);
    }

    @Nullable
    PackedFilter filter(Step step) {
        return filters.get(step);
    }

    /// The filters of a [ConvChain]; empty for other steps.
    List<PackedFilter> chain(Step step) {
        return chains.getOrDefault(step, List.of());
    }

    @Nullable
    PackedRecurrent recurrent(Step step) {
        return recurrents.get(step);
    }

    Weights weights() {
        return weights;
    }

    /// Byte offset in the slab of a value that has memory of its own.
    long offset(Value value) {
        return memory.offsets()[slots.getOrDefault(value, -1)];
    }

    private void assignSlots() {
        Map<Value, Integer> lastUse = lastUses();
        Map<Integer, Integer> slotEnd = new HashMap<>();
        for (Value input : graph.inputs()) {
            // To the end: a caller may fill its input once and run it often.
            slotEnd.put(newSlot(input, -1, slotEnd), graph.steps().size());
        }
        for (int i = 0; i < graph.steps().size(); i++) {
            Step step = graph.steps().get(i);
            for (Value out : step.outputs()) {
                int shared = sharedSlot(step, out, i, slotEnd);
                if (shared >= 0) {
                    slots.put(out, shared);
                } else {
                    newSlot(out, i, slotEnd);
                }
            }
            extend(step.outputs(), lastUse, slotEnd);
        }
        slotEnd.forEach((slot, end) -> {
            MemoryPlan.Lifetime l = lifetimes.get(slot);
            lifetimes.set(slot, new MemoryPlan.Lifetime(l.bytes(), l.first(), end));
        });
    }

    /// The last step that reads each value, reading through views; outputs are read after the last step.
    private Map<Value, Integer> lastUses() {
        Map<Value, Integer> last = new HashMap<>();
        graph.outputs().forEach(v -> last.put(v, graph.steps().size()));
        for (int i = graph.steps().size() - 1; i >= 0; i--) {
            Step step = graph.steps().get(i);
            for (Value v : step.inputs()) {
                int through = step.op() instanceof ViewOp ? last.getOrDefault(step.output(), i) : i;
                last.merge(v, Math.max(i, through), Math::max);
            }
        }
        return last;
    }

    private int newSlot(Value value, int step, Map<Integer, Integer> slotEnd) {
        int slot = lifetimes.size();
        slots.put(value, slot);
        slotEnd.put(slot, step);
        lifetimes.add(new MemoryPlan.Lifetime(value.signature().bytes(), step, step));
        return slot;
    }

    private void extend(List<Value> values, Map<Value, Integer> lastUse, Map<Integer, Integer> slotEnd) {
        for (Value v : values) {
            Integer slot = slots.get(v);
            if (slot != null) {
                slotEnd.merge(slot, lastUse.getOrDefault(v, 0), Math::max);
            }
        }
    }

    /// The slot that `out` shares with an operand of its step, or −1.
    private int sharedSlot(Step step, Value out, int at, Map<Integer, Integer> slotEnd) {
        if (step.op() instanceof ViewOp) {
            return slots.getOrDefault(step.inputs().getFirst(), -1);
        }
        // Not for products and convolutions: a sum of several blocks lies in the result between them, so an operand of
        // the epilogue in the same place would have to be copied away first.
        if (!(step.op() instanceof Pointwise)) {
            return -1;
        }
        for (int i = 0; i < step.inputs().size(); i++) {
            Value v = step.inputs().get(i);
            int slot = slots.getOrDefault(v, -1);
            Signature s = v.signature();
            boolean dies = slot >= 0 && slotEnd.getOrDefault(slot, Integer.MAX_VALUE) == at;
            if (dies && s.equals(out.signature()) && lifetimes.get(slot).bytes() == s.bytes() && owns(v)
                    && layouts.of(v) == layouts.of(out) && onlyReader(step, v, slot)) {
                return slot;
            }
        }
        return -1;
    }

    /// True when nothing else that the step reads lies in the slot.
    private boolean onlyReader(Step step, Value value, int slot) {
        return step.inputs().stream().allMatch(v -> v == value || slots.getOrDefault(v, -1) != slot);
    }

    /// True when the value lies row-major in its slot: it is not seen through a view.
    private boolean owns(Value value) {
        Step producer = graph.producer(value);
        return producer == null || !(producer.op() instanceof ViewOp);
    }

    /// The view of a value that has memory of its own, in `slab`.
    View place(Value value, MemorySegment slab) {
        Signature s = value.signature();
        int[] dims = s.shape().dims();
        return layouts.of(value) == ImageLayout.PLANES
                ? View.of(slab, offset(value), s.dtype(), dims)
                : new View(slab, offset(value), s.dtype(), dims, ImageLayout.CHANNELS_LAST.strides(dims));
    }
}
