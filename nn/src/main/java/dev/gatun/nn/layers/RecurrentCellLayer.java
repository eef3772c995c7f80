package dev.gatun.nn.layers;

import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.nn.Init;
import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Recurrent;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What [LSTMCell], [GRUCell] and [RNNCell] share: one step of one layer, x `[batch, in]`, states `[batch, hidden]`.
/// [#forward(Tensor)] begins with a zero state and gives the new h.
///
/// Parameters as in PyTorch: `weight_ih` `[gates·hidden, in]`, `weight_hh` `[gates·hidden, hidden]`, `bias_ih`, `bias_hh`
/// `[gates·hidden]`; all uniform within `±1/√hidden`.
public abstract sealed class RecurrentCellLayer extends Module permits LSTMCell, GRUCell, RNNCell {
    private final RecurrentCell cell;
    private final Tensor inputWeight;
    private final Tensor hiddenWeight;
    private final @Nullable Tensor inputBias;
    private final @Nullable Tensor hiddenBias;

    /// The state of a cell, `[batch, hidden]`.
    ///
    /// @param hidden h
    /// @param cell c, of the LSTM alone
    public record State(Tensor hidden, @Nullable Tensor cell) {}

    RecurrentCellLayer(RecurrentCell cell, int in, int hidden, boolean withBias, Generator generator) {
        if (in < 1 || hidden < 1) {
            throw new IllegalArgumentException(
                    RecurrentLayer.op(cell) + "Cell: sizes must be at least 1: in " + in + ", hidden " + hidden);
        }
        this.cell = cell;
        Init init = RecurrentLayer.init(hidden);
        int rows = cell.gates() * hidden;
        inputWeight = parameter("weight_ih", init.make(generator, rows, in));
        hiddenWeight = parameter("weight_hh", init.make(generator, rows, hidden));
        inputBias = withBias ? parameter("bias_ih", init.make(generator, rows)) : null;
        hiddenBias = withBias ? parameter("bias_hh", init.make(generator, rows)) : null;
    }

    @Override
    protected final Tensor compute(Tensor x) {
        return forward(x, null).hidden();
    }

    /// One step from `state` (zeros when null).
    public final State forward(Tensor x, @Nullable State state) {
        if (x.rank() != 2 || x.size(1) != inputWeight.size(1)) {
            throw new IllegalArgumentException(RecurrentLayer.op(cell) + "Cell: needs an input [batch, "
                    + inputWeight.size(1) + "]: " + x.shape());
        }
        if (state != null && (state.cell() != null) != cell.hasCellState()) {
            throw new IllegalArgumentException(RecurrentLayer.op(cell) + "Cell: the state must be "
                    + (cell.hasCellState() ? "h and c" : "h alone"));
        }
        Recurrent.Operands operands = new Recurrent.Operands(
                inputWeight, hiddenWeight, inputBias, hiddenBias, state == null ? null : state.hidden(),
                state == null ? null : state.cell());
        List<Tensor> results = Recurrent.run(new RecurrentSpec(cell, false), x.unsqueeze(0), operands, null);
        return new State(results.get(1), cell.hasCellState() ? results.get(2) : null);
    }

    @Override
    protected final long multiplyAdds(Shape x, Shape y) {
        return (long) x.dim(0) * (inputWeight.count() + hiddenWeight.count());
    }

    @Override
    protected final String describe() {
        return "in=" + inputWeight.size(1) + ", hidden=" + hiddenWeight.size(1)
                + (cell == RecurrentCell.RELU ? ", relu" : "") + ", bias=" + (inputBias != null);
    }
}
