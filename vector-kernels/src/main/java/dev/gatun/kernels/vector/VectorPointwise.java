package dev.gatun.kernels.vector;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.PointwiseKernels;
import dev.gatun.kernels.View;
import dev.gatun.kernels.check.PointwiseCheck;
import dev.gatun.kernels.codegen.ExprLowering;
import dev.gatun.kernels.codegen.LoopCompiler;
import dev.gatun.kernels.codegen.PointwiseLoop;
import dev.gatun.kernels.codegen.PointwiseLoop.Access;
import dev.gatun.kernels.codegen.Program;
import dev.gatun.kernels.codegen.ScalarLoopCompiler;
import dev.gatun.kernels.codegen.VectorType;
import dev.gatun.kernels.expr.Evaluation;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.reference.ReferencePointwise;
import dev.gatun.kernels.thread.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/// Maths: elementwise expressions.
/// Layout: any strides; runs that are contiguous or repeat one element are worked on in place, others and other element
/// types are staged through blocks in L1.
/// Blocking: a run is cut into blocks, blocks are shared among the threads; an element's bits depend on neither.
/// Registers: see the generated loop.
/// Evidence: VectorPointwiseTest, VectorBenchmark; figures in docs/kernels-pointwise.md.
public final class VectorPointwise implements PointwiseKernels {
    private final Threads threads;
    private final int bits;
    private final ConcurrentHashMap<Key, PointwiseLoop> loops;

    private record Key(List<Expr> outputs, DType compute, List<Access> inputs) {}

    /// For vectors of `bits` bits.
    public VectorPointwise(Threads threads, int bits) {
        this(threads, bits, new ConcurrentHashMap<>());
    }

    private VectorPointwise(Threads threads, int bits, ConcurrentHashMap<Key, PointwiseLoop> loops) {
        this.threads = threads;
        this.bits = bits;
        this.loops = loops;
    }

    /// The same loops on other threads.
    VectorPointwise on(Threads others) {
        return new VectorPointwise(others, bits, loops);
    }

    @Override
    public Call map(List<Expr> outputs, List<View> in, List<View> out) {
        PointwiseCheck.map(outputs, in, out);
        if (in.size() + out.size() > LoopCompiler.MAX_OPERANDS) {
            throw new IllegalArgumentException(
                    "pointwise: at most " + LoopCompiler.MAX_OPERANDS + " operands in one pass: " + in.size()
                            + " inputs, " + out.size() + " outputs; split the expressions");
        }
        List<View> operands = new ArrayList<>(in);
        operands.addAll(out);
        if (out.getFirst().count() == 0) {
            return scratch -> {};
        }
        DType compute = compute(operands);
        if (compute == DType.I64 && outputs.stream().anyMatch(Evaluation::divides)) {
            // A division by zero has to be found, with its place, before anything is written.
            return new ReferencePointwise().map(outputs, in, out);
        }
        PointwisePlan plan = PointwisePlan.of(operands, in.size(), compute);
        PointwiseLoop loop = loop(outputs, compute, plan.inputAccess(in.size()));
        return new PointwiseCall(threads, loop, plan, operands, in.size(), cost(outputs));
    }

    @Override
    public Call mapAll(List<Expr> outputs, List<List<View>> in, List<List<View>> out) {
        PointwiseCheck.mapAll(outputs, in, out);
        if (ManyMaps.fit(in, out)) {
            return new ManyMaps(threads, loop(outputs, DType.F32, ManyMaps.access(in.getFirst())), in, out);
        }
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            calls.add(map(outputs, in.get(i), out.get(i)));
        }
        return new Sequence(0, _ -> calls);
    }

    /// The generated loop for these operands.
    PointwiseLoop loop(List<Expr> outputs, DType compute, List<Access> inputs) {
        return loops.computeIfAbsent(new Key(List.copyOf(outputs), compute, List.copyOf(inputs)), this::compile);
    }

    private PointwiseLoop compile(Key key) {
        boolean vectors = switch (key.compute) {
            case F32 -> true;
            case F64 -> key.outputs.stream().allMatch(ExprLowering::isCheap);
            case I64, I32, U8, BOOL -> false;
        };
        if (!vectors) {
            return ScalarLoopCompiler.compile(key.outputs, key.compute, key.inputs);
        }
        Program program = ExprLowering.lower(key.compute, key.outputs);
        return LoopCompiler.compile(program, new VectorType(key.compute, bits), key.inputs);
    }

    private static int cost(List<Expr> outputs) {
        return outputs.stream().allMatch(ExprLowering::isCheap) ? 1 : 4;
    }

    private static DType compute(List<View> operands) {
        boolean floating = false;
        for (View v : operands) {
            if (v.dtype() == DType.F64) {
                return DType.F64;
            }
            floating |= v.dtype() == DType.F32;
        }
        return floating ? DType.F32 : DType.I64;
    }
}
