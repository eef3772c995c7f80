package dev.gatun.perf.report;

import java.util.ArrayList;
import java.util.List;

/// Numbers to places along an axis, evenly or by their logarithms.
record Scale(double low, double high, double from, double to, boolean logarithmic) {
    /// From 0 to a round number not below `most`.
    static Scale linear(double most, double from, double to) {
        double step = step(Math.max(most, 1e-12));
        return new Scale(0, Math.ceil(most / step - 1e-9) * step, from, to, false);
    }

    /// Between the powers of ten, or halves of them, around two positive numbers.
    static Scale logarithmic(double least, double most, double from, double to) {
        return new Scale(below(least), above(most), from, to, true);
    }

    private static double step(double most) {
        double power = Math.pow(10, Math.floor(Math.log10(most)));
        double first = most / power;
        return power * (first <= 1.5 ? 0.25 : first <= 3 ? 0.5 : first <= 6 ? 1 : 2);
    }

    private static double below(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        return value >= 5 * power ? 5 * power : value >= 2 * power ? 2 * power : power;
    }

    private static double above(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        return value <= power ? power : value <= 2 * power ? 2 * power : value <= 5 * power ? 5 * power : 10 * power;
    }

    double place(double value) {
        double share = logarithmic
                ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
                : (value - low) / (high - low);
        return from + Math.clamp(share, 0, 1) * (to - from);
    }

    /// Where lines of the grid belong.
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (logarithmic) {
            boolean few = high / low > 2e3;
            for (double power = Math.pow(10, Math.floor(Math.log10(low))); power <= high * 1.001; power *= 10) {
                for (double digit : few ? new double[] {1} : new double[] {1, 2, 5}) {
                    if (digit * power >= low * 0.999 && digit * power <= high * 1.001) {
                        ticks.add(digit * power);
                    }
                }
            }
        } else {
            double step = step(high);
            for (int i = 0; i * step <= high * 1.001; i++) {
                ticks.add(i * step);
            }
        }
        return ticks;
    }
}
