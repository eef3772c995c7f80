package dev.gatun.kernels.reference;

import static java.lang.StrictMath.exp;
import static java.lang.StrictMath.tanh;

import dev.gatun.kernels.RecurrentCell;
import dev.gatun.kernels.RecurrentWeights;
import dev.gatun.kernels.View;
import org.jspecify.annotations.Nullable;

/// One step of one row, forward and backward, in double. A record of a step holds lines of `hidden` numbers: LSTM i, f, g,
/// o, the old c, the old h; GRU r, z, n, `W_hn·h + b_hn`, the old h; plain the new h, the old h.
final class ReferenceCell {
    private final RecurrentCell kind;
    private final int n;
    private final int in;
    private final double[] wx;
    private final double[] wh;
    private final double[] bx;
    private final double[] bh;
    private final double[] gwx;
    private final double[] gwh;
    private final double[] gbx;
    private final double[] gbh;

    ReferenceCell(RecurrentCell kind, RecurrentWeights w, int hidden, int in) {
        this.kind = kind;
        this.n = hidden;
        this.in = in;
        int rows = kind.gates() * hidden;
        wx = ReferenceRecurrent.line(w.input(), 0, rows * in);
        wh = ReferenceRecurrent.line(w.hidden(), 0, rows * hidden);
        bx = ReferenceRecurrent.line(w.inputBias(), 0, rows);
        bh = ReferenceRecurrent.line(w.hiddenBias(), 0, rows);
        gwx = new double[wx.length];
        gwh = new double[wh.length];
        gbx = new double[rows];
        gbh = new double[rows];
    }

    /// Replaces h (and c) by the new state; gives the record of the step.
    double[] step(double[] x, double[] h, double[] c) {
        double[] a = product(wx, x, bx);
        double[] s = product(wh, h, bh);
        double[] record = new double[kind.kept() * n];
        double[] old = h.clone();
        for (int u = 0; u < n; u++) {
            switch (kind) {
                case LSTM -> {
                    double i = sigmoid(a[u] + s[u]);
                    double f = sigmoid(a[n + u] + s[n + u]);
                    double g = tanh(a[2 * n + u] + s[2 * n + u]);
                    double o = sigmoid(a[3 * n + u] + s[3 * n + u]);
                    put(record, u, i, f, g, o, c[u], old[u]);
                    c[u] = f * c[u] + i * g;
                    h[u] = o * tanh(c[u]);
                }
                case GRU -> {
                    double r = sigmoid(a[u] + s[u]);
                    double z = sigmoid(a[n + u] + s[n + u]);
                    double q = s[2 * n + u];
                    double next = tanh(a[2 * n + u] + r * q);
                    put(record, u, r, z, next, q, old[u]);
                    h[u] = (1 - z) * next + z * old[u];
                }
                case TANH, RELU -> {
                    double v = a[u] + s[u];
                    h[u] = kind == RecurrentCell.TANH ? tanh(v) : Math.max(v, 0);
                    put(record, u, h[u], old[u]);
                }
            }
        }
        return record;
    }

    /// Adds the step's part to the gradients of the weights, replaces gh (and gc) by the gradients of the old state, and
    /// gives the gradient of x.
    double[] gradient(double[] x, double[] record, double[] gy, double[] gh, double[] gc) {
        double[] da = new double[kind.gates() * n];
        double[] ds = new double[da.length];
        double[] old = new double[n];
        double[] carried = new double[n];
        for (int u = 0; u < n; u++) {
            double dh = gh[u] + gy[u];
            old[u] = record[(kind.kept() - 1) * n + u];
            switch (kind) {
                case LSTM -> {
                    double i = record[u];
                    double f = record[n + u];
                    double g = record[2 * n + u];
                    double o = record[3 * n + u];
                    double before = record[4 * n + u];
                    double tc = tanh(f * before + i * g);
                    double dc = gc[u] + dh * o * (1 - tc * tc);
                    put(da, u, dc * g * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - g * g),
                            dh * tc * o * (1 - o));
                    gc[u] = dc * f;
                }
                case GRU -> {
                    double r = record[u];
                    double z = record[n + u];
                    double next = record[2 * n + u];
                    double dn = dh * (1 - z) * (1 - next * next);
                    put(da, u, dn * record[3 * n + u] * r * (1 - r), dh * (old[u] - next) * z * (1 - z), dn);
                    ds[2 * n + u] = dn * r;
                    carried[u] = dh * z;
                }
                case TANH -> da[u] = dh * (1 - record[u] * record[u]);
                case RELU -> da[u] = record[u] > 0 ? dh : 0;
            }
        }
        System.arraycopy(da, 0, ds, 0, kind == RecurrentCell.GRU ? 2 * n : da.length);
        add(da, x, gwx, gbx);
        add(ds, old, gwh, gbh);
        double[] product = transposed(wh, ds, n);
        for (int u = 0; u < n; u++) {
            gh[u] = carried[u] + product[u];
        }
        return transposed(wx, da, in);
    }

    void storeGradients(RecurrentWeights gw) {
        ReferenceRecurrent.store(gw.input(), 0, gwx);
        ReferenceRecurrent.store(gw.hidden(), 0, gwh);
        bias(gw.inputBias(), gbx);
        bias(gw.hiddenBias(), gbh);
    }

    private static void bias(@Nullable View to, double[] gradient) {
        if (to != null) {
            ReferenceRecurrent.store(to, 0, gradient);
        }
    }

    private void put(double[] record, int u, double... values) {
        for (int i = 0; i < values.length; i++) {
            record[i * n + u] = values[i];
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + exp(-x));
    }

    private static double[] product(double[] w, double[] x, double[] bias) {
        double[] y = new double[bias.length];
        for (int i = 0; i < y.length; i++) {
            double sum = bias[i];
            for (int j = 0; j < x.length; j++) {
                sum += w[i * x.length + j] * x[j];
            }
            y[i] = sum;
        }
        return y;
    }

    private static double[] transposed(double[] w, double[] gradient, int columns) {
        double[] y = new double[columns];
        for (int i = 0; i < gradient.length; i++) {
            for (int j = 0; j < columns; j++) {
                y[j] += w[i * columns + j] * gradient[i];
            }
        }
        return y;
    }

    private static void add(double[] gradient, double[] x, double[] gw, double[] gb) {
        for (int i = 0; i < gradient.length; i++) {
            gb[i] += gradient[i];
            for (int j = 0; j < x.length; j++) {
                gw[i * x.length + j] += gradient[i] * x[j];
            }
        }
    }
}
