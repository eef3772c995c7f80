package dev.gatun.perf;

import dev.gatun.perf.fork.Fork;
import dev.gatun.perf.fork.Fork.Slice;
import dev.gatun.perf.measure.Distribution;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Times several processes in turns, slice by slice, so that a machine that slows down slows them all. Whoever is not
/// timed waits for its next request.
final class Contest {
    private static final double WARM_SETTLE = 1;
    private static final double WARM_MOST = 30;
    private static final double SLICE_SECONDS = 0.5;
    private static final int LEAST_ROUNDS = 5;
    private static final int MOST_ROUNDS = 40;
    /// Native pools spin for some 30 ms after their last job and would take a core from the next side.
    private static final long PAUSE_MILLIS = 60;

    /// What one side showed.
    ///
    /// @param latency of all its calls
    /// @param bytesPerCall on the Java heap
    /// @param medians of its slices in nanoseconds, in the order of the rounds
    record Outcome(Distribution latency, double bytesPerCall, double[] medians) {
        /// How many times longer the other one took: the median over the rounds, in each of which both had a slice.
        double ratioTo(Outcome other) {
            double[] ratios = new double[medians.length];
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = other.medians[i] / medians[i];
            }
            return Distribution.median(ratios);
        }
    }

    private Contest() {}

    /// The outcome of a side; throws when it was not measured.
    static Outcome of(Map<String, Outcome> outcomes, String side) {
        Outcome outcome = outcomes.get(side);
        if (outcome == null) {
            throw new IllegalStateException("bench: " + side + " was not measured");
        }
        return outcome;
    }

    /// The outcome of each side by its name, in their order; `seconds` are shared by all sides. All have run once.
    static Map<String, Outcome> run(List<Fork> sides, double seconds) throws InterruptedException {
        return run(sides, seconds, sides.stream().map(Fork::name).toList());
    }

    /// As above, the outcomes under other names.
    static Map<String, Outcome> run(List<Fork> sides, double seconds, List<String> names) throws InterruptedException {
        for (Fork side : sides) {
            side.warm(WARM_SETTLE, WARM_MOST);
        }
        double share = seconds / sides.size();
        int rounds = Math.clamp(Math.round(share / SLICE_SECONDS), LEAST_ROUNDS, MOST_ROUNDS);
        List<List<Slice>> slices = new ArrayList<>();
        sides.forEach(_ -> slices.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < sides.size(); i++) {
                Thread.sleep(PAUSE_MILLIS);
                slices.get(i).add(sides.get(i).run(share / rounds, Integer.MAX_VALUE));
            }
        }
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (int i = 0; i < sides.size(); i++) {
            outcomes.put(names.get(i), outcome(slices.get(i)));
        }
        return outcomes;
    }

    private static Outcome outcome(List<Slice> slices) {
        long[] all = slices.stream().flatMapToLong(s -> java.util.Arrays.stream(s.nanos())).toArray();
        double[] medians = slices.stream().mapToDouble(s -> Distribution.of(s.nanos()).p50() * 1000).toArray();
        double bytes = slices.stream().mapToDouble(s -> s.bytesPerCall() * s.nanos().length).sum() / all.length;
        return new Outcome(Distribution.of(all), bytes, medians);
    }

    /// The sides of each peer reduced to the best by `p50`, under the peer's own name.
    static Map<String, Outcome> best(Map<String, Outcome> outcomes, List<Peers.Kind> kinds) {
        Map<String, Outcome> best = new LinkedHashMap<>();
        for (Peers.Kind kind : kinds) {
            Outcome outcome = outcomes.get(kind.variant());
            if (outcome != null) {
                best.merge(kind.peer(), outcome, (a, b) -> a.latency().p50() <= b.latency().p50() ? a : b);
            }
        }
        return best;
    }
}
