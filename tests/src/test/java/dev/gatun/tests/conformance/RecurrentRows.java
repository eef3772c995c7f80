package dev.gatun.tests.conformance;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.PackedRecurrent;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentState;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Recurrent layers: every cell in both directions, with and without biases, initial states and lengths, units that
/// fill vectors and units that do not. Backward runs its own forward pass first, since what that keeps is private. F64
/// is held against differences by [GradientTest].
final class RecurrentRows {
    /// Rounding errors travel through all steps; beside them each step adds those of its sums.
    private static final int UNITS = 60;

    private RecurrentRows() {
    }

    private record Sizes(int steps, int batch, int in, int hidden) {
    }

    private record Sequence(RecurrentSpec spec, Sizes sizes, boolean bias, boolean initial, boolean lengths) {
        private boolean cell() {
            return spec.cell().hasCellState();
        }

        List<Operand> inputs() {
            int rows = spec.cell().gates() * sizes.hidden;
            double bound = 1 / Math.sqrt(sizes.hidden);
            Domain weights = Domain.uniform(-bound, bound);
            // From 0 to all steps, the longest not first.
            Domain ends = (i, _) -> i * 5 % (sizes.steps + 1);
            return List.of(Operand.f32(sizes.steps, sizes.batch, sizes.in),
                    Operand.of(DType.F32, weights, rows, sizes.in), Operand.of(DType.F32, weights, rows, sizes.hidden),
                    Operand.of(DType.F32, weights, rows), Operand.of(DType.F32, weights, rows),
                    Operand.f32(sizes.batch, sizes.hidden), Operand.f32(sizes.batch, sizes.hidden),
                    Operand.of(DType.I64, ends, sizes.batch),
                    Operand.f32(sizes.steps, sizes.batch, sizes.hidden), Operand.f32(sizes.batch, sizes.hidden),
                    Operand.f32(sizes.batch, sizes.hidden));
        }

        List<Operand> outputs() {
            List<Operand> out = new ArrayList<>(List.of(Operand.out(DType.F32, sizes.steps, sizes.batch, sizes.hidden),
                    Operand.out(DType.F32, sizes.batch, sizes.hidden)));
            if (cell()) {
                out.add(Operand.out(DType.F32, sizes.batch, sizes.hidden));
            }
            return out;
        }

        List<Operand> gradients() {
            int rows = spec.cell().gates() * sizes.hidden;
            List<Operand> out = new ArrayList<>(List.of(Operand.out(DType.F32, sizes.steps, sizes.batch, sizes.in),
                    Operand.out(DType.F32, rows, sizes.in), Operand.out(DType.F32, rows, sizes.hidden),
                    Operand.out(DType.F32, sizes.batch, sizes.hidden)));
            if (cell()) {
                out.add(Operand.out(DType.F32, sizes.batch, sizes.hidden));
            }
            if (bias) {
                out.add(Operand.out(DType.F32, rows));
                out.add(Operand.out(DType.F32, rows));
            }
            return out;
        }

        RecurrentWeights weights(List<View> in) {
            return bias ? new RecurrentWeights(in.get(1), in.get(2), in.get(3), in.get(4))
                    : RecurrentWeights.of(in.get(1), in.get(2));
        }

        @Nullable
        View ends(List<View> in) {
            return lengths ? in.get(7) : null;
        }

        RecurrentState state(View h, View c) {
            return new RecurrentState(h, cell() ? c : null);
        }

        @Nullable
        RecurrentState first(List<View> in) {
            return initial ? state(in.get(5), in.get(6)) : null;
        }

        Call forward(Kernels k, List<View> in, List<View> out) {
            return k.recurrent().forward(spec, weights(in), in.getFirst(), ends(in), first(in), out.getFirst(),
                    state(out.get(1), out.getLast()), null);
        }

        Call packed(Kernels k, List<View> in, List<View> out) {
            long bytes = k.recurrent().packedBytes(spec, weights(in));
            PackedRecurrent w = k.recurrent().pack(spec, weights(in), Arena.ofAuto().allocate(bytes, 64));
            return k.recurrent().forward(spec, w, in.getFirst(), ends(in), first(in), out.getFirst(),
                    state(out.get(1), out.getLast()));
        }

        Call backward(Kernels k, List<View> in, List<View> out) {
            View kept = memory(sizes.steps, sizes.batch, spec.cell().keptWidth(sizes.hidden));
            View y = memory(sizes.steps, sizes.batch, sizes.hidden);
            RecurrentState last = state(memory(sizes.batch, sizes.hidden), memory(sizes.batch, sizes.hidden));
            Call forward = k.recurrent().forward(spec, weights(in), in.getFirst(), ends(in), first(in), y, last, kept);
            int at = cell() ? 5 : 4;
            RecurrentWeights gw = bias ? new RecurrentWeights(out.get(1), out.get(2), out.get(at), out.get(at + 1))
                    : RecurrentWeights.of(out.get(1), out.get(2));
            Call backward = k.recurrent().backward(spec, weights(in), in.getFirst(), ends(in), kept, in.get(8),
                    state(in.get(9), in.get(10)), out.getFirst(), gw, state(out.get(3), out.get(4 % out.size())));
            return new Call() {
                @Override
                public long scratchBytes() {
                    return backward.scratchBytes();
                }

                @Override
                public void run(java.lang.foreign.MemorySegment scratch) {
                    CaseRun.run(forward);
                    backward.run(scratch);
                }
            };
        }

        private static View memory(int... dims) {
            long bytes = Math.max(View.count(dims), 1) * 4L;
            View v = View.of(Arena.ofAuto().allocate(bytes, 64), 0, DType.F32, dims);
            for (int i = 0; i < v.count(); i++) {
                v.setDouble(i, Double.NaN);
            }
            return v;
        }

        String name() {
            return spec.cell().name().toLowerCase(Locale.ROOT) + (spec.reverse() ? " reverse" : "")
                    + (bias ? "" : " without bias") + (initial ? " from a state" : "")
                    + (lengths ? " with lengths" : "");
        }
    }

    private static final List<Sizes> SIZES = List.of(new Sizes(1, 1, 1, 1), new Sizes(4, 2, 3, 5),
            new Sizes(7, 3, 17, 16), new Sizes(5, 1, 20, 32), new Sizes(6, 11, 9, 47), new Sizes(3, 40, 33, 64),
            new Sizes(9, 2, 8, 130), new Sizes(140, 1, 4, 12), new Sizes(0, 2, 3, 5), new Sizes(3, 0, 3, 5));

    private static List<Sequence> sequences() {
        List<Sequence> all = new ArrayList<>();
        for (RecurrentCell cell : RecurrentCell.values()) {
            for (int i = 0; i < SIZES.size(); i++) {
                for (boolean lengths : new boolean[] {false, true}) {
                    all.add(new Sequence(new RecurrentSpec(cell, (i & 1) == 1), SIZES.get(i), i % 3 != 0, i % 4 > 1,
                            lengths));
                    all.add(new Sequence(new RecurrentSpec(cell, (i & 1) == 0), SIZES.get(i), i % 3 == 0, i % 4 < 2,
                            lengths));
                }
            }
        }
        // One and two rows take several panels at once, with and without panels left over; and so many rows that each
        // worker has some of its own, over more than one block of steps.
        for (RecurrentCell cell : List.of(RecurrentCell.LSTM, RecurrentCell.GRU, RecurrentCell.TANH)) {
            for (Sizes sizes : List.of(new Sizes(5, 1, 9, 64), new Sizes(4, 1, 7, 208), new Sizes(5, 2, 9, 96),
                    new Sizes(3, 2, 5, 256), new Sizes(7, 48, 6, 64))) {
                all.add(new Sequence(new RecurrentSpec(cell, sizes.steps == 5), sizes, true, true, sizes.batch > 2));
            }
        }
        // Larger than one block of k.
        all.add(new Sequence(new RecurrentSpec(RecurrentCell.LSTM, false), new Sizes(2, 7, 10, 600), true, true,
                false));
        return all;
    }

    static List<Row> rows() {
        List<Case> forward = new ArrayList<>();
        List<Case> packed = new ArrayList<>();
        List<Case> backward = new ArrayList<>();
        for (Sequence s : sequences()) {
            forward.add(made(s, s.outputs(), s::forward));
            packed.add(made(s, s.outputs(), s::packed));
            backward.add(made(s, s.gradients(), s::backward));
        }
        String weights = "RecurrentSpec, RecurrentWeights, View, View, ";
        return List.of(
                new Row("recurrent forward", List.of("RecurrentKernels.forward(" + weights
                        + "RecurrentState, View, RecurrentState, View)"), forward),
                new Row("recurrent forward packed",
                        List.of("RecurrentKernels.forward(RecurrentSpec, PackedRecurrent, View, View, RecurrentState, "
                                + "View, RecurrentState)",
                                "RecurrentKernels.pack(RecurrentSpec, RecurrentWeights, "
                                        + "MemorySegment)",
                                "RecurrentKernels.packedBytes(RecurrentSpec, RecurrentWeights)"),
                        packed),
                new Row("recurrent backward", List.of("RecurrentKernels.backward(" + weights
                        + "View, View, RecurrentState, View, RecurrentWeights, RecurrentState)"), backward));
    }

    private static Case made(Sequence s, List<Operand> out, Case.Binding binding) {
        Case made = new Case(s.name() + " " + s.sizes, s.inputs(), out, Tolerance.ofLargest(UNITS), binding);
        // Beyond the lengths, and where the rectifier cuts, zeros are meant.
        boolean zeros = s.lengths || s.spec.cell() == RecurrentCell.RELU || s.sizes.steps < 2 || s.sizes.batch == 0;
        return zeros ? made.allowZeros() : made;
    }
}
