package dev.gatun.perf.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A row as `bench --json` wrote it.
///
/// @param suite which suite wrote it
/// @param name what was measured
/// @param threads of every side
/// @param unit of the figures
/// @param gatun Gatun's figure
/// @param peers theirs
/// @param ratio above 1 when Gatun is ahead of the best peer; NaN without one
/// @param allocBytes per call of Gatun; NaN where not measured
/// @param latency percentiles in microseconds by side and name (`p50` … `max`, and `calls`)
/// @param absent peers that did not take part, and why
/// @param numbers everything else that is a number
/// @param texts everything else that is a text
record Measured(String suite, String name, int threads, String unit, double gatun, Map<String, Double> peers,
        double ratio, double allocBytes, Map<String, Map<String, Double>> latency, Map<String, String> absent,
        Map<String, Double> numbers, Map<String, String> texts) {
    private static final JsonFactory JSON = new JsonFactory();

    /// The rows of all `*.json` files of a folder, file by file; throws IOException that names a file with anything
    /// else in it.
    static List<Measured> readAll(Path folder) throws IOException {
        List<Measured> rows = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                try {
                    rows.addAll(read(Files.readString(file)));
                } catch (IOException | IllegalArgumentException wrong) {
                    throw new IOException("report: " + file + " holds no rows of bench --json: " + wrong.getMessage(),
                            wrong);
                }
            }
        }
        return rows;
    }

    /// The rows of one file.
    static List<Measured> read(String text) throws IOException {
        List<Measured> rows = new ArrayList<>();
        try (JsonParser json = JSON.createParser(text)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                throw new IllegalArgumentException("no array");
            }
            while (json.nextToken() != JsonToken.END_ARRAY) {
                rows.add(row(object(json)));
            }
        }
        return rows;
    }

    /// The members of the object that begins at the current token: Double, String or such a map.
    private static Map<String, Object> object(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("no object");
        }
        Map<String, Object> members = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken token = json.nextToken();
            members.put(name, switch (token) {
                case START_OBJECT -> object(json);
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getDoubleValue();
                case VALUE_NULL -> Double.NaN;
                default -> json.getText();
            });
        }
        return members;
    }

    private static Measured row(Map<String, Object> members) {
        Map<String, Map<String, Double>> latency = new LinkedHashMap<>();
        object(members, "latency_us").forEach((side, value) -> latency.put(side, numbers(value)));
        Map<String, String> absent = new LinkedHashMap<>();
        object(members, "absent").forEach((peer, reason) -> absent.put(peer, reason.toString()));
        Map<String, Double> peers = numbers(members.remove("peers"));
        String suite = text(members, "suite");
        String name = text(members, "name");
        String unit = text(members, "unit");
        if (name.isEmpty() || unit.isEmpty()) {
            throw new IllegalArgumentException("a row without name or unit");
        }
        double threads = number(members, "threads");
        double gatun = number(members, "gatun");
        double ratio = number(members, "ratio");
        double bytes = number(members, "alloc_bytes");
        Map<String, Double> numbers = new LinkedHashMap<>();
        Map<String, String> texts = new LinkedHashMap<>();
        members.forEach((key, value) -> {
            if (value instanceof Double n) {
                numbers.put(key, n);
            } else {
                texts.put(key, value.toString());
            }
        });
        return new Measured(suite, name, (int) threads, unit, gatun, peers, ratio, bytes, latency, absent, numbers,
                texts);
    }

    private static String text(Map<String, Object> members, String key) {
        return members.remove(key) instanceof String text ? text : "";
    }

    private static double number(Map<String, Object> members, String key) {
        return members.remove(key) instanceof Double value ? value : Double.NaN;
    }

    private static Map<?, ?> map(Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static Map<String, Object> object(Map<String, Object> members, String key) {
        Map<String, Object> object = new LinkedHashMap<>();
        Object value = members.remove(key);
        if (value != null) {
            map(value).forEach((k, v) -> object.put(k.toString(), v));
        }
        return object;
    }

    private static Map<String, Double> numbers(@org.jspecify.annotations.Nullable Object value) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (value != null) {
            map(value).forEach((key, v) -> {
                if (v instanceof Double n) {
                    numbers.put(key.toString(), n);
                }
            });
        }
        return numbers;
    }

    /// The better ones among the peers' figures and Gatun's are the smaller ones.
    boolean lowerIsBetter() {
        return !(unit.equals("GFLOP/s") || unit.equals("GB/s") || unit.equals("x") || unit.equals("calls/s"));
    }

    /// The peer that Gatun is compared with; empty without one.
    String bestPeer() {
        return peers.entrySet().stream().filter(e -> !e.getValue().isNaN())
                .min((a, b) -> lowerIsBetter()
                        ? Double.compare(a.getValue(), b.getValue())
                        : Double.compare(b.getValue(), a.getValue()))
                .map(Map.Entry::getKey).orElse("");
    }

    /// The figure of [#bestPeer]; NaN without one.
    double bestFigure() {
        return peers.getOrDefault(bestPeer(), Double.NaN);
    }

    double number(String key) {
        return numbers.getOrDefault(key, Double.NaN);
    }

    String text(String key) {
        return texts.getOrDefault(key, "");
    }
}
