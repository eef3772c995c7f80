package dev.gatun.kernels.recurrent;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.Reduction;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is left when the gradients of the gates of all steps are there: `gW_ih = dgᵀ·x`, `gW_hh = dgᵀ·h`, the biases' column
/// sums, `gx = dg·W_ih`, each over all steps and rows at once.
final class WeightGradients {
    private final Machine machine;
    private final RecurrentSpec spec;
    private final RecurrentWeights w;
    private final View x;
    private final View kept;
    private final @Nullable View gx;
    private final RecurrentWeights gw;
    private final long scratchBytes;
    private Call[] calls = {};

    WeightGradients(
            Machine machine, RecurrentSpec spec, RecurrentWeights w, View x, View kept, @Nullable View gx,
            RecurrentWeights gw) {
        this.machine = machine;
        this.spec = spec;
        this.w = w;
        this.x = x;
        this.kept = kept;
        this.gx = gx;
        this.gw = gw;
        // What the calls need depends on shapes only: they are asked with memory that is large enough and there.
        scratchBytes = calls(kept.segment(), kept.offset(), kept.offset()).stream().mapToLong(Call::scratchBytes).max()
                .orElse(0);
    }

    long scratchBytes() {
        return scratchBytes;
    }

    /// The gradients of the gates lie at these bytes of `memory`.
    void bind(MemorySegment memory, long input, long state) {
        calls = calls(memory, input, state).toArray(Call[]::new);
    }

    void run(MemorySegment scratch) {
        for (Call call : calls) {
            call.run(scratch);
        }
    }

    private List<Call> calls(MemorySegment memory, long input, long state) {
        int rows = x.dim(0) * x.dim(1);
        int gates = w.hidden().dim(0);
        int hidden = w.hidden().dim(1);
        int in = x.dim(2);
        View ofInput = View.of(memory, input, DType.F32, rows, gates);
        View ofState = View.of(memory, state, DType.F32, rows, gates);
        int line = kept.dim(2) / spec.cell().kept();
        View inputs = View.of(x.segment(), x.offset(), DType.F32, rows, in);
        View states = kept.restride(
                rows == 0 ? 0 : (spec.cell().kept() - 1) * line, new int[] {rows, hidden}, new int[] {kept.dim(2), 1});
        List<Call> made = new ArrayList<>();
        made.add(product(ofInput.permute(1, 0), inputs, gw.input()));
        made.add(product(ofState.permute(1, 0), states, gw.hidden()));
        View result = gx;
        if (result != null) {
            made.add(product(ofInput, w.input(), View.of(result.segment(), result.offset(), DType.F32, rows, in)));
        }
        if (gw.inputBias() != null && gw.hiddenBias() != null) {
            made.add(columns(ofInput, gw.inputBias()));
            made.add(columns(ofState, gw.hiddenBias()));
        }
        return made;
    }

    private Call product(View a, View b, View c) {
        return machine.gemm().gemm(1, a, b, 0, c, Epilogue.NONE);
    }

    private Call columns(View gates, View sums) {
        return machine.reduce().reduce(
                Reduction.SUM, Expr.input(0), List.of(gates), sums.restride(0, new int[] {1, sums.count()},
                        new int[] {sums.count(), 1}));
    }
}
