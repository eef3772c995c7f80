package dev.gatun.nn.optim;

/// A learning rate as a function of time: the factor of the base rate at step (or epoch) `t` = 0, 1, … A pure function,
/// so training resumes anywhere.
@FunctionalInterface
public interface Schedule {
    /// Factor of the base rate at `t`.
    double factor(long t);

    /// The rate stays.
    static Schedule constant() {
        return t -> 1;
    }

    /// Times `gamma` every `every` steps.
    static Schedule step(long every, double gamma) {
        if (every < 1) {
            throw new IllegalArgumentException("schedule: step needs an interval of at least 1: " + every);
        }
        return t -> Math.pow(gamma, t / every);
    }

    /// Half a cosine from 1 at 0 down to `least` at `total` and after.
    static Schedule cosine(long total, double least) {
        checkTotal(total);
        return t -> least + (1 - least) * (1 + Math.cos(Math.PI * Math.min(t, total) / total)) / 2;
    }

    /// From 1/`warmup` up to 1 in `warmup` steps, then as `after`, which starts at 0 there.
    static Schedule warmup(long warmup, Schedule after) {
        return t -> t < warmup ? (t + 1.0) / warmup : after.factor(t - warmup);
    }

    /// One cycle (Smith and Topin, 2018) with the base rate as its peak: half a cosine up from 1/25 during the first
    /// 30 % of `total` steps, then half a cosine down to 1/250,000.
    static Schedule oneCycle(long total) {
        return oneCycle(total, 0.3, 25, 1e4);
    }

    /// One cycle from `1/divide` up to 1 during the share `up` of `total` steps, then down to
    /// `1/(divide·finalDivide)` at step `total − 1`.
    static Schedule oneCycle(long total, double up, double divide, double finalDivide) {
        checkTotal(total);
        double peak = up * total - 1;
        return t -> {
            double start = 1 / divide;
            double end = start / finalDivide;
            if (t < peak) {
                return anneal(start, 1, t / peak);
            }
            return t == peak ? 1 : anneal(1, end, t >= total - 1 ? 1 : (t - peak) / (total - 1 - peak));
        };
    }

    private static double anneal(double from, double to, double part) {
        return to + (from - to) / 2 * (1 + Math.cos(Math.PI * part));
    }

    private static void checkTotal(long total) {
        if (total < 1) {
            throw new IllegalArgumentException("schedule: the number of steps must be at least 1: " + total);
        }
    }
}
