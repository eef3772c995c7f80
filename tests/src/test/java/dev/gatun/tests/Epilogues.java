package dev.gatun.tests;

import dev.gatun.kernels.Epilogue;
import dev.gatun.kernels.View;
import dev.gatun.kernels.expr.Expr;
import java.util.Collections;

/// Epilogues of several tests.
public final class Epilogues {
    private Epilogues() {
    }

    /// The largest of the value and of as many operands as there may be, all of them `v`.
    public static Epilogue largest(View v) {
        Expr all = Expr.input(0);
        for (int i = 1; i <= Epilogue.MOST_EXTRAS; i++) {
            all = all.max(Expr.input(i));
        }
        return new Epilogue(all, Collections.nCopies(Epilogue.MOST_EXTRAS, v));
    }
}
