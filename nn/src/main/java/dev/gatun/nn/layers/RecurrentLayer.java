package dev.gatun.nn.layers;

import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.nn.Init;
import dev.gatun.nn.Module;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Recurrent;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What [LSTM], [GRU] and [RNN] share: layers and directions of one cell over sequences `[steps, batch, in]` (or
/// `[batch, steps, in]`, see [RecurrentOptions]). [#forward(Tensor)] begins with zero states and gives all outputs
/// `[steps, batch, directions·hidden]`.
///
/// Parameters as in PyTorch: `weight_ih_l0` `[gates·hidden, in]`, `weight_hh_l0` `[gates·hidden, hidden]`, `bias_ih_l0` and
/// `bias_hh_l0` `[gates·hidden]`, the same with `_reverse`, then those of layer 1; all uniform within `±1/√hidden`.
public abstract sealed class RecurrentLayer extends Module permits LSTM, GRU, RNN {
    private final RecurrentCell cell;
    private final int in;
    private final int hidden;
    private final RecurrentOptions options;
    private final @Nullable Dropout dropout;

    /// States of all layers and directions, layer by layer, forward before reverse: `[layers·directions, batch, hidden]`.
    ///
    /// @param hidden h
    /// @param cell c, of the LSTM alone
    public record State(Tensor hidden, @Nullable Tensor cell) {}

    /// Outputs of the last layer at every step, and all states after the last one.
    public record Result(Tensor output, State last) {}

    RecurrentLayer(RecurrentCell cell, int in, int hidden, RecurrentOptions options, Generator generator) {
        if (in < 1 || hidden < 1) {
            throw new IllegalArgumentException(
                    op(cell) + ": sizes must be at least 1: in " + in + ", hidden " + hidden);
        }
        this.cell = cell;
        this.in = in;
        this.hidden = hidden;
        this.options = options;
        Init init = init(hidden);
        int rows = cell.gates() * hidden;
        for (int layer = 0; layer < options.layers(); layer++) {
            for (int direction = 0; direction < options.directions(); direction++) {
                String suffix = suffix(layer, direction);
                parameter("weight_ih" + suffix, init.make(generator, rows, inputs(layer)));
                parameter("weight_hh" + suffix, init.make(generator, rows, hidden));
                if (options.bias()) {
                    parameter("bias_ih" + suffix, init.make(generator, rows));
                    parameter("bias_hh" + suffix, init.make(generator, rows));
                }
            }
        }
        dropout = options.dropout() > 0 ? child("dropout", new Dropout(options.dropout(), generator)) : null;
    }

    static Init init(int hidden) {
        double bound = 1 / Math.sqrt(hidden);
        return Init.uniform(-bound, bound);
    }

    static String op(RecurrentCell cell) {
        return switch (cell) {
            case LSTM -> "lstm";
            case GRU -> "gru";
            case TANH, RELU -> "rnn";
        };
    }

    private static String suffix(int layer, int direction) {
        return "_l" + layer + (direction == 0 ? "" : "_reverse");
    }

    private int inputs(int layer) {
        return layer == 0 ? in : hidden * options.directions();
    }

    @Override
    protected final Tensor compute(Tensor x) {
        return forward(x, null, null).output();
    }

    /// Runs over `x` from `initial` (zeros when null). With `lengths` (integers, one per sequence, 0 … steps), a sequence
    /// ends there: beyond, outputs are 0 and states stay, and the reverse direction begins at the sequence's own end, as
    /// PyTorch's packed sequences do.
    public final Result forward(Tensor x, @Nullable State initial, @Nullable Tensor lengths) {
        if (x.rank() != 3 || x.size(2) != in) {
            throw new IllegalArgumentException(op(cell) + ": needs an input "
                    + (options.batchFirst() ? "[batch, steps, " : "[steps, batch, ") + in + "]: " + x.shape());
        }
        Tensor y = options.batchFirst() ? x.transpose(0, 1) : x;
        if (initial != null) {
            checkState(initial, y.size(1));
        }
        Map<String, Tensor> parameters = parameters();
        List<Tensor> h = new ArrayList<>();
        List<Tensor> c = new ArrayList<>();
        for (int layer = 0; layer < options.layers(); layer++) {
            List<Tensor> outputs = new ArrayList<>();
            Tensor source = y.contiguous();
            for (int direction = 0; direction < options.directions(); direction++) {
                String suffix = suffix(layer, direction);
                int index = layer * options.directions() + direction;
                Recurrent.Operands operands = new Recurrent.Operands(
                        parameter(parameters, "weight_ih" + suffix), parameter(parameters, "weight_hh" + suffix),
                        options.bias() ? parameter(parameters, "bias_ih" + suffix) : null,
                        options.bias() ? parameter(parameters, "bias_hh" + suffix) : null,
                        initial == null ? null : initial.hidden().select(0, index),
                        initial == null || initial.cell() == null ? null : initial.cell().select(0, index));
                List<Tensor> results =
                        Recurrent.run(new RecurrentSpec(cell, direction == 1), source, operands, lengths);
                outputs.add(results.get(0));
                h.add(results.get(1));
                if (cell.hasCellState()) {
                    c.add(results.get(2));
                }
            }
            y = outputs.size() == 1 ? outputs.getFirst() : Tensor.cat(2, outputs.toArray(Tensor[]::new));
            if (dropout != null && layer < options.layers() - 1) {
                y = dropout.forward(y);
            }
        }
        Tensor output = options.batchFirst() ? y.transpose(0, 1).contiguous() : y;
        return new Result(output, new State(Tensor.stack(h, 0), c.isEmpty() ? null : Tensor.stack(c, 0)));
    }

    private static Tensor parameter(Map<String, Tensor> parameters, String name) {
        return java.util.Objects.requireNonNull(parameters.get(name), name);
    }

    private void checkState(State initial, int batch) {
        Shape wanted = Shape.of(options.layers() * options.directions(), batch, hidden);
        Tensor c = initial.cell();
        boolean cells = cell.hasCellState() ? c != null && c.shape().equals(wanted) : c == null;
        if (!initial.hidden().shape().equals(wanted) || !cells) {
            throw new IllegalArgumentException(
                    op(cell) + ": the initial state must be [layers·directions, batch, hidden]"
                            + (cell.hasCellState() ? ", h and c" : ", h alone") + ", here " + wanted + ": "
                            + initial.hidden().shape() + (c == null ? "" : " and " + c.shape()));
        }
    }

    @Override
    protected final long multiplyAdds(Shape x, Shape y) {
        long each = 0;
        for (int layer = 0; layer < options.layers(); layer++) {
            each += (long) options.directions() * cell.gates() * hidden * (inputs(layer) + hidden);
        }
        return each * x.dim(0) * x.dim(1);
    }

    @Override
    protected final String describe() {
        return "in=" + in + ", hidden=" + hidden + (cell == RecurrentCell.RELU ? ", relu" : "") + ", " + options;
    }
}
