package dev.gatun.ops.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import dev.gatun.ops.Backward;
import dev.gatun.ops.CustomOp;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Signature;
import dev.gatun.ops.Tensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TracerTest {
    /// Copies, and counts how often it was asked for a kernel.
    private record Counted(AtomicInteger bound) implements CustomOp {
        @Override
        public String name() {
            return "counted";
        }

        @Override
        public List<Signature> infer(List<Signature> inputs) {
            return inputs;
        }

        @Override
        public Call bind(Kernels kernels, List<View> in, List<View> out) {
            bound.incrementAndGet();
            return kernels.copy().copy(in.getFirst(), out.getFirst());
        }

        @Override
        public List<Tensor> backward(Backward context) {
            return List.of(context.gradient());
        }
    }

    private static Graph trace(java.util.function.UnaryOperator<Tensor> function) {
        return Tracer.trace(List.of(Tensor.of(new float[] {1, -2, 3}, 3)),
                in -> List.of(function.apply(in.getFirst())));
    }

    private static void onReference(Runnable work) {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(1L << 28).build()) {
            engine.run(work);
        }
    }

    @Test
    void whatDependsOnTheInputsIsNotComputed() {
        onReference(() -> {
            Counted op = new Counted(new AtomicInteger());
            Graph graph = trace(x -> Tensor.applyOne(op, x).relu());
            assertThat(op.bound()).hasValue(0);
            assertThat(graph.steps()).hasSize(2);
        });
    }

    @Test
    void constantsAreComputed() {
        onReference(() -> {
            Counted op = new Counted(new AtomicInteger());
            Graph graph = trace(x -> x.mul(Tensor.applyOne(op, Tensor.of(new float[] {4, 5, 6}, 3))));
            assertThat(op.bound()).hasValue(1);
            assertThat(graph.steps()).hasSize(1);
            assertThat(graph.steps().getFirst().inputs().getLast().tensor().toFloats()).containsExactly(4, 5, 6);
        });
    }

    @Test
    void codeThatReadsANumberSeesTheOneOfTheSample() {
        onReference(() -> {
            Counted op = new Counted(new AtomicInteger());
            Graph graph = trace(x -> {
                double sum = Tensor.applyOne(op, x).sum().item();
                return x.mul(sum);
            });
            assertThat(op.bound()).hasValue(1);
            assertThat(graph.withoutDeadSteps().steps()).hasSize(1);
            assertThat(graph.steps().getLast().inputs().getLast().tensor().item()).isEqualTo(2);
            Graph ofSample = trace(x -> x.mul(x.toFloats()[2]));
            assertThat(ofSample.steps().getFirst().inputs().getLast().tensor().item()).isEqualTo(3);
            assertThat(trace(x -> x.relu().nonzero()).outputs().getFirst().tensor().toLongs()).containsExactly(0, 2);
        });
    }

    @Test
    void anotherHandleIsTheSameValue() {
        onReference(() -> {
            Graph graph = trace(x -> x.exp().detach().add(1));
            assertThat(graph.steps()).hasSize(2);
            assertThat(graph.steps().getLast().inputs().getFirst()).isSameAs(graph.steps().getFirst().output());
        });
    }
}
