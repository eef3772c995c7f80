package dev.gatun.perf.report;

import java.util.List;
import java.util.Locale;

/// Pieces of HTML and of the SVG inside it.
final class Html {
    private Html() {}

    /// `text` with the characters that mean something to HTML replaced.
    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    /// Three to four digits; a dash for what was not measured.
    static String figure(double value) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        if (value == 0) {
            return "0";
        }
        if (Math.abs(value) >= 1000) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        int whole = (int) Math.floor(Math.log10(Math.abs(value))) + 1;
        return String.format(Locale.ROOT, "%." + Math.clamp(3 - whole, 0, 5) + "f", value);
    }

    /// A number of an axis: no more digits than it has.
    static String tick(double value) {
        return Math.abs(value) >= 1000
                ? String.format(Locale.ROOT, "%,.0f", value)
                : new java.math.BigDecimal(value).round(new java.math.MathContext(3)).stripTrailingZeros()
                        .toPlainString();
    }

    /// A coordinate.
    static String at(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /// A chart with its caption and the table of the same numbers below it.
    static String figure(String title, String svg, String table) {
        return "<figure><figcaption>" + escape(title) + "</figcaption>\n<div class=\"chart\">" + svg
                + "</div>\n<details open><summary>Table</summary>\n" + table + "</details></figure>\n";
    }

    /// A table; columns of figures are the ones whose titles do not begin with a space.
    static String table(List<String> titles, List<List<String>> rows) {
        StringBuilder out = new StringBuilder("<div class=\"table\"><table><thead><tr>");
        titles.forEach(t -> out.append(t.startsWith(" ") ? "<th class=\"text\">" : "<th>").append(escape(t.strip()))
                .append("</th>"));
        out.append("</tr></thead><tbody>\n");
        for (List<String> row : rows) {
            out.append("<tr>");
            for (int i = 0; i < row.size(); i++) {
                out.append(titles.get(i).startsWith(" ") ? "<td class=\"text\">" : "<td>").append(escape(row.get(i)))
                        .append("</td>");
            }
            out.append("</tr>\n");
        }
        return out.append("</tbody></table></div>\n").toString();
    }

    /// The opening tag of a drawing that is as wide as the page lets it be.
    static String svg(double width, double height, String label) {
        return "<svg viewBox=\"0 0 " + at(width) + " " + at(height) + "\" role=\"img\" aria-label=\"" + escape(label)
                + "\" style=\"max-width:" + at(width) + "px\">\n";
    }

    static String text(double x, double y, String anchor, String kind, String text) {
        return "<text x=\"" + at(x) + "\" y=\"" + at(y) + "\" text-anchor=\"" + anchor + "\" class=\"" + kind + "\">"
                + escape(text) + "</text>\n";
    }

    static String line(double x1, double y1, double x2, double y2, String kind) {
        return "<line x1=\"" + at(x1) + "\" y1=\"" + at(y1) + "\" x2=\"" + at(x2) + "\" y2=\"" + at(y2) + "\" class=\""
                + kind + "\"/>\n";
    }

    /// The class that colours a side: its first word.
    static String colour(String side) {
        return "c-" + side.split(" ")[0].toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /// Coloured squares with the names of the sides, in one row.
    static String legend(double x, double y, List<String> sides) {
        StringBuilder out = new StringBuilder();
        double at = x;
        for (String side : sides) {
            out.append("<rect x=\"").append(at(at)).append("\" y=\"").append(at(y - 9)).append(
                    "\" width=\"10\" height=\"10\" class=\"").append(colour(side)).append("\"/>\n");
            out.append(text(at + 15, y, "start", "label", side));
            at += 35 + 7.0 * side.length();
        }
        return out.toString();
    }
}
