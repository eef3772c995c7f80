package dev.gatun.kernels;

/// What one step of a recurrent layer computes from the input `x`, the state `h` and, in an LSTM, the cell state `c`.
/// With `a = W_ih·x + b_ih` and `s = W_hh·h + b_hh`, both cut into gates of as many rows as there are units:
///
/// - [#LSTM]: `i, f, g, o` in this order, `c' = σ(f)·c + σ(i)·tanh(g)`, `h' = σ(o)·tanh(c')` (Hochreiter and Schmidhuber,
///   1997, with the forget gate of Gers and others, 2000).
/// - [#GRU]: `r, z, n`; `n = tanh(a_n + σ(r)·s_n)`, so that the reset gate acts after the product, as in PyTorch and cuDNN;
///   `h' = (1 − σ(z))·n + σ(z)·h` (Cho and others, 2014).
/// - [#TANH], [#RELU]: `h' = tanh(a + s)` or `max(0, a + s)` (Elman, 1990).
public enum RecurrentCell {
    /// Long short-term memory.
    LSTM(4, 6),
    /// Gated recurrent unit.
    GRU(3, 5),
    /// Plain recurrence with the hyperbolic tangent.
    TANH(1, 2),
    /// Plain recurrence with the rectifier.
    RELU(1, 2);

    /// Rows of kept numbers begin at multiples of this, the lanes of the widest vector.
    private static final int WIDEST = 16;

    private final int gates;
    private final int kept;

    RecurrentCell(int gates, int kept) {
        this.gates = gates;
        this.kept = kept;
    }

    /// Gates: the weights have this many rows per unit.
    public int gates() {
        return gates;
    }

    /// Numbers per unit that the forward pass keeps of every step for the backward pass.
    public int kept() {
        return kept;
    }

    /// Numbers that the forward pass keeps of every step and row, for `hidden` units; more than `kept · hidden` where the
    /// units do not fill vectors.
    public int keptWidth(int hidden) {
        return kept * Math.ceilDiv(hidden, WIDEST) * WIDEST;
    }

    /// True when there is a cell state beside the hidden state.
    public boolean hasCellState() {
        return this == LSTM;
    }
}
