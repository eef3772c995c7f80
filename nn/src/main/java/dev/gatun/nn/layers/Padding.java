package dev.gatun.nn.layers;

/// Zeros around the input of a convolution, along one dim.
public sealed interface Padding {
    /// Elements before the first and after the last.
    record Ends(int before, int after) {}

    /// The padding of an input of `length` for a filter of `kernel` taps.
    Ends ends(int length, int kernel, int stride, int dilation);

    /// The same number on both sides.
    record Fixed(int amount) implements Padding {
        /// Not negative.
        public Fixed {
            if (amount < 0) {
                throw new IllegalArgumentException("padding: must not be negative: " + amount);
            }
        }

        @Override
        public Ends ends(int length, int kernel, int stride, int dilation) {
            return new Ends(amount, amount);
        }
    }

    /// As much as makes the output `⌈length / stride⌉` long, the odd one after the last.
    record Same() implements Padding {
        @Override
        public Ends ends(int length, int kernel, int stride, int dilation) {
            int outputs = (length + stride - 1) / stride;
            int total = Math.max(0, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - length);
            return new Ends(total / 2, total - total / 2);
        }
    }

    /// `dilation·(kernel − 1)` before the first: no output sees a later input.
    record Causal() implements Padding {
        @Override
        public Ends ends(int length, int kernel, int stride, int dilation) {
            return new Ends(dilation * (kernel - 1), 0);
        }
    }

    /// `amount` on both sides.
    static Padding of(int amount) {
        return new Fixed(amount);
    }

    /// None.
    static Padding valid() {
        return new Fixed(0);
    }

    /// As much as keeps the length (at stride 1).
    static Padding same() {
        return new Same();
    }

    /// Only before the first.
    static Padding causal() {
        return new Causal();
    }
}
