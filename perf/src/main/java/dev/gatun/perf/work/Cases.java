package dev.gatun.perf.work;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// All networks that are measured, by suite.
public final class Cases {
    private static final Map<String, List<NetworkCase>> SUITES = new LinkedHashMap<>(Map.of(
            "conv", ConvCases.ALL,
            "layers", LayerCases.ALL,
            "models", ModelCases.ALL));

    private Cases() {}

    /// The cases of a suite.
    public static List<NetworkCase> of(String suite) {
        List<NetworkCase> cases = SUITES.get(suite);
        if (cases == null) {
            throw new IllegalArgumentException("bench: no networks for suite " + suite);
        }
        return cases;
    }

    /// The case `SUITE/NAME`.
    static NetworkCase find(String path) {
        int slash = path.indexOf('/');
        return of(path.substring(0, slash)).stream().filter(c -> c.name().equals(path.substring(slash + 1))).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("bench: no case " + path));
    }
}
