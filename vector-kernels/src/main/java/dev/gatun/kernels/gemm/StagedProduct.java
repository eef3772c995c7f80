package dev.gatun.kernels.gemm;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// maths: the product of a [Problem] whose C or epilogue operands have holes between the elements of a row, or whose
/// old C is needed to the end.
/// layout: such operands are copied to row-major memory and the result back.
/// blocking and why: none: whole matrices, since this is the way for rare layouts.
/// registers: one element.
/// evidence: GemmTest compares it with the definition.
public final class StagedProduct implements Call {
    private final int bytes;
    private final int m;
    private final int n;
    private final Call inner;
    private final List<Copy> before;
    private final Copy after;
    private final float[] room = new float[Squares.ROOM];

    private record Copy(Operand from, Operand to) {}

    /// `bind` makes the call for the problem with operands in row-major memory.
    public StagedProduct(Problem p, Function<Problem, Call> bind) {
        bytes = p.dtype().bytes();
        m = p.m();
        n = p.n();
        before = new ArrayList<>();
        Operand c = room(p, p.c().batch());
        after = new Copy(c, p.c());
        if (p.beta() != 0) {
            before.add(new Copy(p.c(), c));
        }
        List<Operand> extras = new ArrayList<>();
        for (Operand e : p.extras()) {
            if (e.column() == 0 || e.column() == bytes) {
                extras.add(e);
            } else {
                Operand copy = room(p, e.batch());
                before.add(new Copy(e, copy));
                extras.add(copy);
            }
        }
        inner = bind.apply(new Problem(
                p.dtype(), m, n, p.k(), p.a(), p.b(), c, p.beta(), p.expr(), extras, false));
    }

    /// The copies live as long as the call: the operands of a call are fixed when it is made.
    private static Operand room(Problem p, int batch) {
        DType dtype = p.dtype();
        long matrix = (long) p.m() * p.n() * dtype.bytes();
        long[] starts = new long[batch];
        for (int i = 0; i < batch; i++) {
            starts[i] = i * matrix;
        }
        MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, matrix * batch), 64);
        return new Operand(memory, starts, (long) p.n() * dtype.bytes(), dtype.bytes());
    }

    @Override
    public long scratchBytes() {
        return inner.scratchBytes();
    }

    @Override
    public void run(MemorySegment scratch) {
        for (int i = 0; i < before.size(); i++) {
            copy(before.get(i));
        }
        inner.run(scratch);
        copy(after);
    }

    private void copy(Copy copy) {
        Operand from = copy.from;
        Operand to = copy.to;
        for (int i = 0; i < from.batch(); i++) {
            Strided.copy(
                    bytes, m, n, from.segment(), from.starts()[i], from.row(), from.column(), to.segment(),
                    to.starts()[i], to.row(), to.column(), room);
        }
    }
}
