package dev.gatun.kernels;

import dev.gatun.kernels.expr.Expr;
import java.util.List;

/// What happens to a product or convolution before its only store: `c = expr(value, extras…)`, where input 0 of the
/// expression is the finished value (after alpha and beta) and input `i` is `extras.get(i − 1)`, a view with the
/// shape of the result; stride 0 repeats (a bias per column has strides `[0, 1]`, one per row `[1, 0]`).
/// The extras must not overlap the result, but for an extra that is exactly the result itself; there are at most
/// [#MOST_EXTRAS].
public record Epilogue(Expr expr, List<View> extras) {
    /// The value as it is.
    public static final Epilogue NONE = new Epilogue(Expr.input(0), List.of());

    /// As many extras as there may be.
    public static final int MOST_EXTRAS = 15;

    /// Copies the list. Throws an `IllegalArgumentException` when it is too long.
    public Epilogue {
        extras = List.copyOf(extras);
        if (extras.size() > MOST_EXTRAS) {
            throw new IllegalArgumentException(
                    "epilogue: at most " + MOST_EXTRAS + " extras: " + extras.size() + "; compute the rest apart");
        }
    }

    /// True when nothing is to be done.
    public boolean isNone() {
        return expr.equals(Expr.input(0));
    }
}
