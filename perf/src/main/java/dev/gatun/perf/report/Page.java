package dev.gatun.perf.report;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The page around the sections: everything it needs is inside it.
final class Page {
    private static final String STYLE = """
            :root { color-scheme: light dark; --page: #fff; --ink: #1f2328; --dim: #59636e; --rule: #d1d9e0;
              --card: #f6f8fa; --gatun: #0969da; --onnxruntime: #d1610a; --libtorch: #8250df; --openblas: #1a7f37;
              --blis: #57606a; --ahead: #0969da; --behind: #cf222e; --reference: #1f2328; }
            @media (prefers-color-scheme: dark) { :root { --page: #0d1117; --ink: #e6edf3; --dim: #9198a1;
              --rule: #30363d; --card: #151b23; --gatun: #58a6ff; --onnxruntime: #f0883e; --libtorch: #bc8cff;
              --openblas: #3fb950; --blis: #9198a1; --ahead: #58a6ff; --behind: #ff7b72; --reference: #e6edf3; } }
            body { margin: 0 auto; max-width: 1000px; padding: 24px 20px 80px; background: var(--page);
              color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
            h1 { font-size: 30px; margin: 0 0 4px; } h2 { margin: 48px 0 4px; font-size: 22px; }
            h2 { border-top: 1px solid var(--rule); padding-top: 24px; } h3 { margin: 28px 0 8px; font-size: 17px; }
            p { max-width: 75ch; margin: 6px 0 12px; } .note { color: var(--dim); font-size: 13px; margin: 4px 0; }
            figure { margin: 20px 0 32px; padding: 14px 16px; background: var(--card); border-radius: 8px; }
            figcaption { font-weight: 600; margin-bottom: 10px; }
            .chart { overflow-x: auto; } svg { width: 100%; height: auto; display: block; }
            .grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 16px; }
            .grid figure { margin: 0; min-width: 0; }
            .grid th, .grid td { padding: 3px 5px; font-size: 12px; }
            details { margin-top: 12px; } summary { cursor: pointer; color: var(--dim); font-size: 13px; }
            .table { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; margin: 6px 0;
              font-variant-numeric: tabular-nums; }
            th, td { text-align: right; padding: 3px 10px; border-bottom: 1px solid var(--rule); white-space: nowrap; }
            th { font-weight: 600; color: var(--dim); } .text { text-align: left; }
            .facts th { text-align: left; vertical-align: top; } .facts td { text-align: left; white-space: normal; }
            text { fill: var(--ink); font: 12px system-ui, sans-serif; } text.tick { fill: var(--dim); font-size: 11px; }
            text.value { font-size: 11px; paint-order: stroke; stroke: var(--card); stroke-width: 4px; } line.grid { stroke: var(--rule); stroke-width: 1; }
            line.reference { stroke: var(--reference); stroke-width: 1.5; stroke-dasharray: 5 4; }
            .c-gatun { fill: var(--gatun); stroke: var(--gatun); }
            .c-onnxruntime, .c-peer { fill: var(--onnxruntime); stroke: var(--onnxruntime); }
            .c-libtorch { fill: var(--libtorch); stroke: var(--libtorch); }
            .c-openblas { fill: var(--openblas); stroke: var(--openblas); }
            .c-blis, .c-clean { fill: var(--blis); stroke: var(--blis); }
            .c-ahead { fill: var(--ahead); } .c-behind { fill: var(--behind); }
            rect { stroke: none; } polyline.curve { fill: none; stroke-width: 2; }
            """;

    private Page() {}

    /// The page of all rows.
    static String of(List<Measured> rows) {
        String body = Sections.summary(rows) + Sections.ratios(rows) + Sections.latencies(rows)
                + Sections.roofline(rows) + Sections.scaling(rows) + Sections.training(rows)
                + Sections.plain("Start-up", "From launching a fresh JVM to its first answer, and until its calls stay "
                        + "within 10 % of its steady speed; medians of three launches. Lower is better.", "start", rows)
                + Sections.plain("Under pressure", "Sessions beside one spinning process per core, several callers and "
                        + "several sessions at once, and a session in a JVM that has done other work before (clean: "
                        + "the same session in a new JVM). For x, more is better; otherwise less.", "session", rows)
                + Sections.allocation(rows) + Sections.accuracy(rows);
        return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + "<title>Gatun performance report</title>\n<style>\n" + STYLE + "</style></head><body>\n"
                + "<h1>Gatun performance report</h1>\n" + facts(rows) + body + "</body></html>\n";
    }

    private static String facts(List<Measured> rows) {
        StringBuilder out = new StringBuilder("<table class=\"facts\">\n");
        fact(out, "Machine", rows, "machine");
        fact(out, "JDK", rows, "jdk");
        fact(out, "JVM flags", rows, "flags");
        fact(out, "Commit", rows, "commit");
        Set<String> dates = values(rows, "date");
        out.append("<tr><th>Measured</th><td>").append(Html.escape(dates.isEmpty() ? "unknown"
                : dates.stream().min(String::compareTo).orElseThrow() + " to "
                        + dates.stream().max(String::compareTo).orElseThrow()))
                .append("</td></tr>\n");
        return out.append("<tr><th>Rows</th><td>").append(rows.size()).append("</td></tr></table>\n").toString();
    }

    private static void fact(StringBuilder out, String title, List<Measured> rows, String key) {
        Set<String> values = values(rows, key);
        out.append("<tr><th>").append(title).append("</th><td>")
                .append(Html.escape(values.isEmpty() ? "none" : String.join("; ", values))).append("</td></tr>\n");
    }

    private static Set<String> values(List<Measured> rows, String key) {
        Set<String> values = new LinkedHashSet<>();
        rows.stream().map(r -> r.text(key)).filter(v -> !v.isEmpty()).forEach(values::add);
        return values;
    }
}
