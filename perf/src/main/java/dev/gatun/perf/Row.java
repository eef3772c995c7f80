package dev.gatun.perf;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gatun.perf.measure.Distribution;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/// One line of a benchmark: Gatun's figure, those of its peers, and what else was measured with them.
///
/// @param name what was measured
/// @param threads threads of every side
/// @param unit of the figures; see [#lowerIsBetter]
/// @param gatun Gatun's figure
/// @param peers the peers' figures, without those that are absent
/// @param ratio above 1 when Gatun beats the best peer; NaN without a peer
/// @param allocBytes bytes on the Java heap per call of Gatun; NaN where not measured
/// @param latency how the calls of each side are spread
/// @param absent peers that could not take part, and why
/// @param more further facts: numbers or texts
public record Row(String name, int threads, String unit, double gatun, Map<String, Double> peers, double ratio,
        double allocBytes, Map<String, Distribution> latency, Map<String, String> absent, Map<String, Object> more) {
    private static final MathContext DIGITS = new MathContext(6);
    private static final JsonFactory JSON = new JsonFactory();

    /// With the ratio of the figures themselves.
    static Row of(String name, int threads, String unit, double gatun, Map<String, Double> peers, double allocBytes) {
        return new Row(name, threads, unit, gatun, peers, ratio(unit, gatun, peers.values()), allocBytes, Map.of(),
                Map.of(), Map.of());
    }

    /// True for times and memory; rates and factors grow the better they are.
    static boolean lowerIsBetter(String unit) {
        return switch (unit) {
            case "ms", "s", "MB", "p99/p50", "threads", "ulp" -> true;
            case "GFLOP/s", "GB/s", "x", "calls/s" -> false;
            default -> throw new IllegalArgumentException("bench: a unit without a direction: " + unit);
        };
    }

    /// Gatun's figure against the best of the others; NaN without others.
    static double ratio(String unit, double gatun, Collection<Double> others) {
        return lowerIsBetter(unit)
                ? others.stream().mapToDouble(v -> v).min().orElse(Double.NaN) / gatun
                : gatun / others.stream().mapToDouble(v -> v).max().orElse(Double.NaN);
    }

    Row with(String key, Object value) {
        Map<String, Object> wider = new LinkedHashMap<>(more);
        wider.put(key, value);
        return new Row(name, threads, unit, gatun, peers, ratio, allocBytes, latency, absent, wider);
    }

    /// One JSON object on one line.
    String toJson() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("name", name);
            json.writeNumberField("threads", threads);
            json.writeStringField("unit", unit);
            number(json, "gatun", gatun);
            json.writeObjectFieldStart("peers");
            for (Map.Entry<String, Double> peer : peers.entrySet()) {
                number(json, peer.getKey(), peer.getValue());
            }
            json.writeEndObject();
            number(json, "ratio", ratio);
            number(json, "alloc_bytes", allocBytes);
            if (!absent.isEmpty()) {
                json.writeObjectFieldStart("absent");
                for (Map.Entry<String, String> peer : absent.entrySet()) {
                    json.writeStringField(peer.getKey(), peer.getValue());
                }
                json.writeEndObject();
            }
            if (!latency.isEmpty()) {
                json.writeObjectFieldStart("latency_us");
                for (Map.Entry<String, Distribution> side : latency.entrySet()) {
                    latency(json, side.getKey(), side.getValue());
                }
                json.writeEndObject();
            }
            for (Map.Entry<String, Object> fact : more.entrySet()) {
                if (fact.getValue() instanceof Number value) {
                    number(json, fact.getKey(), value.doubleValue());
                } else {
                    json.writeStringField(fact.getKey(), fact.getValue().toString());
                }
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void latency(JsonGenerator json, String side, Distribution d) throws IOException {
        json.writeObjectFieldStart(side);
        json.writeNumberField("calls", d.calls());
        number(json, "p50", d.p50());
        number(json, "p90", d.p90());
        number(json, "p99", d.p99());
        number(json, "p999", d.p999());
        number(json, "p9999", d.p9999());
        number(json, "max", d.max());
        json.writeEndObject();
    }

    private static void number(JsonGenerator json, String key, double value) throws IOException {
        if (Double.isFinite(value)) {
            json.writeFieldName(key);
            json.writeNumber(new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString());
        } else {
            json.writeNullField(key);
        }
    }
}
