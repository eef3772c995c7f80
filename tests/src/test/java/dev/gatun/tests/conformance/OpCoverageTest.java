package dev.gatun.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.ops.CustomOp;
import dev.gatun.ops.Eager;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Op;
import dev.gatun.ops.OpListener;
import dev.gatun.ops.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// No operation without a row: runs every row and its backward, listens which operations they really are, and asks for
/// all that `Op` permits.
class OpCoverageTest {
    @Test
    void everyPermittedOperation() {
        Set<String> ran = new TreeSet<>();
        OpListener listener = new OpListener() {
            @Override
            public void ran(Op op, List<Tensor> inputs, List<Tensor> outputs) {
                ran.add(op.getClass().getSimpleName());
            }

            @Override
            public void overwrites(Op op, Tensor target) {
                ran.add(op.getClass().getSimpleName());
            }
        };
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(256 << 20).build()) {
            engine.run(() -> {
                for (OpRow row : OpRows.all()) {
                    Eager.listen(listener, () -> {
                        List<Tensor> in = row.make(DType.F64).stream()
                                .map(t -> t.requiresGrad(t.dtype().isFloating() && row.differentiable())).toList();
                        Tensor y = row.work().apply(in);
                        if (y.requiresGrad()) {
                            y.sum().backward();
                        }
                        return y;
                    });
                }
            });
        }
        Set<String> permitted = new TreeSet<>();
        collect(Op.class, permitted, new HashSet<>());
        permitted.removeAll(ran);
        assertThat(permitted).as("operations that no row runs").isEmpty();
    }

    private static void collect(Class<?> type, Set<String> leaves, Set<Class<?>> seen) {
        if (type == CustomOp.class || !seen.add(type)) {
            return;
        }
        Class<?>[] permitted = type.getPermittedSubclasses();
        if (permitted == null) {
            leaves.add(type.getSimpleName());
            return;
        }
        for (Class<?> sub : permitted) {
            collect(sub, leaves, seen);
        }
    }
}
