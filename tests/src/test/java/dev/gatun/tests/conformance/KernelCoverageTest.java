package dev.gatun.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.KernelCode;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.expr.BinaryFunction;
import dev.gatun.kernels.expr.UnaryFunction;
import dev.gatun.kernels.thread.Threads;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// No kernel without a row: walks every method of every family and every named function.
class KernelCoverageTest {
    private static final Set<String> COVERED =
            Rows.all().stream().flatMap(r -> r.covers().stream()).collect(Collectors.toSet());

    /// Components of [Kernels] that compute nothing.
    private static final Set<Class<?>> NO_FAMILIES = Set.of(String.class, Threads.class, KernelCode.class);

    @Test
    void everyMethodOfEveryFamily() {
        Set<String> methods = new TreeSet<>();
        for (RecordComponent family : Kernels.class.getRecordComponents()) {
            if (!NO_FAMILIES.contains(family.getType())) {
                for (Method m : family.getType().getMethods()) {
                    methods.add(family.getType().getSimpleName() + "." + m.getName() + Arrays.stream(
                            m.getParameterTypes()).map(Class::getSimpleName)
                            .collect(Collectors.joining(", ", "(", ")")));
                }
            }
        }
        assertThat(methods).hasSizeGreaterThan(25);
        assertThat(COVERED).containsAll(methods);
    }

    @Test
    void everyNamedFunction() {
        List<String> names = Stream.<Enum<?>[]>of(UnaryFunction.values(), BinaryFunction.values(), Reduction.values())
                .flatMap(Arrays::stream)
                .map(e -> e.getDeclaringClass().getSimpleName() + "." + e.name())
                .toList();
        assertThat(COVERED).containsAll(names);
    }

    @Test
    void everyRowHasCases() {
        assertThat(Rows.all()).allSatisfy(r -> assertThat(r.cases()).as(r.name()).hasSizeGreaterThan(2));
    }
}
