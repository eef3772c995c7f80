package dev.gatun.kernels.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.codegen.PassShape.Extra;
import dev.gatun.kernels.codegen.PassShape.Place;
import dev.gatun.kernels.codegen.PointwiseLoop.Access;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.expr.UnaryFunction;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A vector that a generated method takes or returns is boxed for ever in processes in which C2 does not inline the call
/// (docs/kernels-jit.md).
class GeneratedCodeTest {
    private static final VectorType TYPE = new VectorType(DType.F32, 512);
    private static final Expr RELU = Expr.input(0).plus(Expr.input(1)).max(Expr.constant(0));

    @Test
    void vectorsStayInOneMethod() {
        List<Object> made = new ArrayList<>();
        MicroKernels kernels = new MicroKernels();
        Expr gelu = Expr.input(0).times(Expr.input(0).apply(UnaryFunction.NORMAL_CDF)).plus(Expr.input(1));
        for (boolean either : new boolean[] {false, true}) {
            for (MicroShape.Rows left : MicroShape.Rows.values()) {
                made.add(kernels.product(new MicroShape(TYPE, 6, 4, 4, true, left, either, either)));
            }
            for (Extra extra : Extra.values()) {
                made.add(kernels.pass(new PassShape(TYPE, Place.HELD, Place.C, 4, either, RELU, List.of(extra))));
            }
            made.add(kernels.pass(new PassShape(TYPE, Place.C, Place.HELD, 4, either, Expr.input(0), List.of())));
            made.add(kernels.pass(PassShape.over(TYPE, either, gelu, List.of(Extra.COLUMNS))));
            made.add(kernels.panel(TYPE, 4, either));
        }
        made.add(kernels.dot(TYPE, 4));
        made.add(kernels.stencil(new PixelStencilShape(TYPE, 1, 3, 3, 1, 4, RELU, 1)));
        made.add(LoopCompiler.compile(ExprLowering.lower(DType.F32, List.of(RELU)), TYPE,
                List.of(Access.CONTIGUOUS, Access.REPEATED)));
        assertThat(made.stream().flatMap(o -> Stream.of(o.getClass().getDeclaredMethods())))
                .isNotEmpty()
                .noneMatch(GeneratedCodeTest::passesVectors);
    }

    private static boolean passesVectors(Method m) {
        return Stream.concat(Stream.of(m.getReturnType()), Stream.of(m.getParameterTypes()))
                .anyMatch(c -> c.getName().startsWith("jdk.incubator.vector."));
    }
}
