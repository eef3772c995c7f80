package dev.gatun.tests.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.DType;
import dev.gatun.kernels.Kernels;
import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentSpec;
import dev.gatun.kernels.RecurrentState;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import dev.gatun.kernels.thread.Threads;
import dev.gatun.nn.layers.LSTM;
import dev.gatun.nn.layers.LSTMCell;
import dev.gatun.nn.layers.RNN;
import dev.gatun.nn.layers.RecurrentCellLayer;
import dev.gatun.nn.layers.RecurrentLayer;
import dev.gatun.nn.layers.RecurrentOptions;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Generator;
import dev.gatun.ops.Recurrent;
import dev.gatun.ops.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What recurrent layers say about operands that do not fit, word for word.
class RecurrentMessagesTest {
    private static final RecurrentSpec LSTM_FORWARD = new RecurrentSpec(RecurrentCell.LSTM, false);

    private static View f32(int... dims) {
        return of(DType.F32, dims);
    }

    private static View of(DType type, int... dims) {
        return View.of(Arena.ofAuto().allocate(Math.max(View.count(dims), 1) * 8L, 64), 0, type, dims);
    }

    private static RecurrentState state(int batch, int hidden) {
        return new RecurrentState(f32(batch, hidden), f32(batch, hidden));
    }

    private static Call lstm(Kernels k, RecurrentWeights w, View x, View lengths, View y, RecurrentState last) {
        return k.recurrent().forward(LSTM_FORWARD, w, x, lengths, null, y, last, null);
    }

    @Test
    void kernels() {
        try (Threads threads = Threads.of(1)) {
            for (Kernels k : List.of(Kernels.reference(), Kernels.best(threads))) {
                RecurrentWeights w = RecurrentWeights.of(f32(12, 2), f32(12, 3));
                View three = of(DType.I64, 4);
                refused(() -> lstm(k, RecurrentWeights.of(f32(9, 2), f32(12, 3)), f32(5, 4, 2), three, f32(5, 4, 3),
                        state(4, 3)), "lstm: needs weights [4·hidden, in] and [4·hidden, hidden]: [9, 2] and [12, 3]");
                refused(() -> lstm(k, w, f32(5, 4, 7), three, f32(5, 4, 3), state(4, 3)),
                        "lstm: x must be [steps, batch, 2], as the weights ask: [5, 4, 7]");
                refused(() -> lstm(k, w, f32(5, 4, 2), three, f32(5, 4, 2), state(4, 3)),
                        "lstm: y must have shape [5, 4, 3]: [5, 4, 2]");
                refused(() -> lstm(k, w, f32(4, 5, 2).permute(1, 0, 2), three, f32(5, 4, 3), state(4, 3)),
                        "lstm: x must be row-major without holes: F32[5, 4, 2] strides [2, 10, 1]; copy it first");
                refused(() -> lstm(k, w, f32(5, 4, 2), f32(4), f32(5, 4, 3), state(4, 3)),
                        "lstm: the lengths must be I64: F32[4]");
                refused(() -> lstm(k, w, f32(5, 4, 2), three, f32(5, 4, 3), RecurrentState.of(f32(4, 3))),
                        "lstm: the last state needs a cell state");
                refused(() -> new RecurrentWeights(f32(4, 1), f32(4, 1), f32(4), null),
                        "recurrent: there must be two biases or none: input bias F32[4], hidden bias null");
                View y = f32(5, 4, 3);
                three.setLong(2, 6);
                Call call = lstm(k, w, f32(5, 4, 2), three, y, state(4, 3));
                y.setDouble(0, 7);
                MemorySegment scratch = Arena.ofAuto().allocate(call.scratchBytes() + 64, 64);
                refused(() -> call.run(scratch),
                        "lstm: lengths must be from 0 to the number of steps: length 6 of row 2, steps 5");
                assertThat(y.getDouble(0)).isEqualTo(7);
            }
        }
    }

    @Test
    void tensors() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(64 << 20).build()) {
            engine.run(() -> {
                Tensor x = Tensor.ones(5, 4, 2);
                Recurrent.Operands wrong = new Recurrent.Operands(Tensor.ones(9, 2), Tensor.ones(12, 3), null, null,
                        null, null);
                refused(() -> Recurrent.run(LSTM_FORWARD, x, wrong, null), "lstm: needs input [steps, batch, in],"
                        + " weights [4·hidden, in] and [4·hidden, hidden], biases [4·hidden]: [5, 4, 2], [9, 2], [12, 3]");
                Recurrent.Operands states = new Recurrent.Operands(Tensor.ones(12, 2), Tensor.ones(12, 3), null, null,
                        Tensor.ones(4, 3), Tensor.ones(4, 2));
                refused(() -> Recurrent.run(LSTM_FORWARD, x, states, null),
                        "lstm: an initial state must be [batch, hidden], here [4, 3]: [4, 2]");
                Recurrent.Operands plain = new Recurrent.Operands(Tensor.ones(12, 2), Tensor.ones(12, 3), null, null,
                        null, null);
                refused(() -> Recurrent.run(LSTM_FORWARD, x, plain, Tensor.of(new long[] {1, 2}, 2)),
                        "lstm: the lengths must be I64 [batch], here [4]: I64[2]");
            });
        }
    }

    @Test
    void layers() {
        try (Engine engine = Engine.builder().kernels(Kernels.reference()).memoryBudget(64 << 20).build()) {
            engine.run(() -> {
                Generator g = Generator.of(1);
                LSTM lstm = new LSTM(2, 3, g);
                Tensor x = Tensor.ones(5, 4, 2);
                refused(() -> lstm.forward(Tensor.ones(5, 2)), "lstm: needs an input [steps, batch, 2]: [5, 2]");
                refused(() -> lstm.forward(x, new RecurrentLayer.State(Tensor.ones(1, 4, 3), null), null),
                        "lstm: the initial state must be [layers·directions, batch, hidden], h and c, here [1, 4, 3]:"
                                + " [1, 4, 3]");
                refused(() -> new RNN(0, 3, g), "rnn: sizes must be at least 1: in 0, hidden 3");
                refused(() -> RecurrentOptions.DEFAULT.withDropout(2),
                        "recurrent: at least one layer, and a dropout between 0 and 1: 1 layers, dropout 2.0");
                LSTMCell cell = new LSTMCell(2, 3, g);
                refused(() -> cell.forward(x), "lstmCell: needs an input [batch, 2]: [5, 4, 2]");
                refused(() -> cell.forward(Tensor.ones(4, 2), new RecurrentCellLayer.State(Tensor.ones(4, 3), null)),
                        "lstmCell: the state must be h and c");
            });
        }
    }

    private static void refused(Runnable work, String message) {
        assertThat(catchThrowable(work::run)).isExactlyInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }
}
