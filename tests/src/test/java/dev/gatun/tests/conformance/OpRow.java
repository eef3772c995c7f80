package dev.gatun.tests.conformance;

import dev.gatun.kernels.DType;
import dev.gatun.ops.Tensor;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// What the kit knows of one operation on tensors: operands with their domains, how it is called, the formula where it
/// has one per element, and whether gradients, and gradients of gradients, are checked. `integers` operands are I64 and have no gradient.
record OpRow(String name, List<Input> inputs, Function<List<Tensor>, Tensor> work,
        @Nullable ToDoubleFunction<double[]> formula, boolean differentiable,
        boolean twice) {
    /// One operand.
    record Input(int[] dims, Domain domain, boolean integers) {
        Tensor make(DType type, long seed) {
            int count = dev.gatun.kernels.View.count(dims);
            double[] values = new double[count];
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < count; i++) {
                // Rounded to F32, so that both precisions see the same numbers.
                values[i] = (float) domain.value(i, random);
            }
            return Tensor.of(values, dims).to(integers ? DType.I64 : type);
        }
    }

    static Input in(Domain domain, int... dims) {
        return new Input(dims, domain, false);
    }

    static Input in(int... dims) {
        return new Input(dims, Domain.NORMAL, false);
    }

    static Input index(int bound, int... dims) {
        return new Input(dims, Domain.integers(0, bound), true);
    }

    static OpRow of(String name, Function<List<Tensor>, Tensor> work, Input... inputs) {
        return new OpRow(name, List.of(inputs), work, null, true, true);
    }

    OpRow without() {
        return new OpRow(name, inputs, work, formula, false, false);
    }

    /// Its gradient has no gradient, or not everywhere.
    OpRow once() {
        return new OpRow(name, inputs, work, formula, differentiable, false);
    }

    List<Tensor> make(DType type) {
        return java.util.stream.IntStream.range(0, inputs.size())
                .mapToObj(i -> inputs.get(i).make(type, 1009L * i + 3)).toList();
    }

    @Override
    public String toString() {
        return name;
    }
}
