package dev.gatun.tests.conformance;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.View;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// Runs one case: the reference once, the fast kernels on every thread count twice, and compares.
final class CaseRun {
    private final Case work;
    private final Kernels reference;

    CaseRun(Case work, Kernels reference) {
        this.work = work;
        this.reference = reference;
    }

    void check(List<Kernels> fast) {
        List<Operand.Placed> in = place(work.in(), DoubleUnaryOperator.identity());
        List<byte[]> before = in.stream().map(Operand.Placed::bytes).toList();
        List<Operand.Placed> expected = place(work.out(), DoubleUnaryOperator.identity());
        run(work.binding().bind(reference, views(in), views(expected)));
        List<long[]> first = List.of();
        for (Kernels kernels : fast) {
            List<Operand.Placed> actual = place(work.out(), DoubleUnaryOperator.identity());
            List<byte[]> initial = actual.stream().map(Operand.Placed::bytes).toList();
            Call call = work.binding().bind(kernels, views(in), views(actual));
            run(call);
            List<long[]> bits = bits(actual);
            for (int o = 0; o < actual.size(); o++) {
                actual.get(o).checkSurroundings(initial.get(o).clone());
                actual.get(o).restore(initial.get(o));
            }
            run(call);
            same(bits, bits(actual), "a second run");
            if (first.isEmpty()) {
                first = bits;
                compare(expected, actual);
            } else {
                same(first, bits, kernels.threads().count() + " threads");
            }
        }
        for (int i = 0; i < in.size(); i++) {
            if (!Arrays.equals(before.get(i), in.get(i).bytes())) {
                throw new AssertionError("input " + i + " was changed");
            }
        }
    }

    private void compare(List<Operand.Placed> expected, List<Operand.Placed> actual) {
        List<double[]> magnitudes = magnitudes();
        for (int o = 0; o < expected.size(); o++) {
            View view = expected.get(o).view();
            double[] e = expected.get(o).values();
            double[] a = actual.get(o).values();
            double largest = Arrays.stream(e).map(Math::abs).filter(Double::isFinite).max().orElse(0);
            int zeros = 0;
            for (int i = 0; i < e.length; i++) {
                double room = work.tolerance().room(view.dtype(), e[i], magnitudes.isEmpty() ? 0 : magnitudes.get(o)[i],
                        largest);
                if (!near(e[i], a[i], room)) {
                    throw new AssertionError("output " + o + " element " + i + " of " + e.length + ": " + a[i]
                            + ", reference " + e[i] + ", off by " + Math.abs(a[i] - e[i]) + ", room " + room);
                }
                zeros += e[i] == 0 ? 1 : 0;
            }
            if (!work.zeros() && view.dtype().isFloating() && zeros > e.length / 2) {
                throw new AssertionError("output " + o + " is mostly zeros (" + zeros + " of " + e.length
                        + "): the case proves nothing");
            }
        }
    }

    private static boolean near(double e, double a, double room) {
        if (Double.isNaN(e) || Double.isNaN(a)) {
            return Double.isNaN(e) && Double.isNaN(a);
        }
        // The room is infinite where the reference overflows; there the fast one must say the same.
        return e == a || (Math.abs(e - a) <= room && Double.isFinite(e) && Double.isFinite(a));
    }

    private List<double[]> magnitudes() {
        if (!(work.tolerance() instanceof Tolerance.Terms)) {
            return List.of();
        }
        List<Operand.Placed> in = place(work.in(), Math::abs);
        List<Operand.Placed> out = place(work.out(), Math::abs);
        run(work.magnitude().bind(reference, views(in), views(out)));
        return out.stream().map(Operand.Placed::values).toList();
    }

    private static void same(List<long[]> expected, List<long[]> actual, String what) {
        for (int o = 0; o < expected.size(); o++) {
            int wrong = Arrays.mismatch(expected.get(o), actual.get(o));
            if (wrong >= 0) {
                throw new AssertionError("bits differ with " + what + ": output " + o + " element " + wrong + ": "
                        + Long.toHexString(expected.get(o)[wrong]) + " and " + Long.toHexString(actual.get(o)[wrong]));
            }
        }
    }

    private static List<Operand.Placed> place(List<Operand> operands, DoubleUnaryOperator change) {
        List<Operand.Placed> placed = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            placed.add(operands.get(i).place(31L * i + 7, change));
        }
        return placed;
    }

    private static List<View> views(List<Operand.Placed> placed) {
        return placed.stream().map(Operand.Placed::view).toList();
    }

    private static List<long[]> bits(List<Operand.Placed> placed) {
        return placed.stream().map(p -> Elements.bits(p.view())).toList();
    }

    /// Scratch memory starts as garbage and is no longer than asked for.
    static void run(Call call) {
        long bytes = call.scratchBytes();
        MemorySegment memory = Arena.ofAuto().allocate(bytes + 64, 64);
        memory.fill((byte) 0xFF);
        call.run(memory.asSlice(0, bytes));
    }
}
