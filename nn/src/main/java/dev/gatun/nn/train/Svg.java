package dev.gatun.nn.train;

import dev.gatun.nn.metrics.ConfusionMatrix;
import java.util.List;
import java.util.Locale;

/// Pictures as SVG text: no graphics library, so they can be drawn on a machine without fonts.
public final class Svg {
    /// A named curve: `y[i]` belongs to epoch i + 1; NaN leaves a gap.
    public record Curve(String name, double[] y) {}

    private static final String[] COLOURS = {"#1f6feb", "#d1500b", "#1a7f37", "#8250df"};
    private static final String FONT = "font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\"";

    private Svg() {}

    /// Panels above each other, one for each list of curves, over epochs 1, 2, …; `titles` has one per panel.
    public static String curves(List<String> titles, List<List<Curve>> panels) {
        int width = 640;
        int height = 240;
        StringBuilder out = start(width, height * panels.size());
        for (int i = 0; i < panels.size(); i++) {
            panel(out, titles.get(i), panels.get(i), i * height, width, height);
        }
        return out.append("</svg>\n").toString();
    }

    private static void panel(StringBuilder out, String title, List<Curve> curves, int top, int width, int height) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        int n = 1;
        for (Curve c : curves) {
            n = Math.max(n, c.y().length);
            for (double v : c.y()) {
                if (Double.isFinite(v)) {
                    low = Math.min(low, v);
                    high = Math.max(high, v);
                }
            }
        }
        if (!(high > low)) {
            low = Double.isFinite(low) ? low - 0.5 : 0;
            high = low + 1;
        }
        int left = 60;
        int right = width - 20;
        int base = top + height - 40;
        int ceiling = top + 30;
        text(out, left, top + 18, "start", title);
        text(out, (left + right) / 2, base + 32, "middle", "epoch");
        for (int i = 0; i <= 4; i++) {
            double y = base - i * (base - ceiling) / 4.0;
            out.append(String.format(
                    Locale.ROOT, "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>%n", left, y,
                    right, y));
            text(out, left - 6, y + 4, "end", String.format(Locale.ROOT, "%.4g", low + i * (high - low) / 4));
        }
        text(out, left, base + 16, "middle", "1");
        text(out, right, base + 16, "middle", Integer.toString(n));
        for (int c = 0; c < curves.size(); c++) {
            String colour = COLOURS[c % COLOURS.length];
            StringBuilder path = new StringBuilder();
            boolean pen = false;
            double[] values = curves.get(c).y();
            for (int i = 0; i < values.length; i++) {
                boolean here = Double.isFinite(values[i]);
                if (here) {
                    double x = n == 1 ? left : left + (double) i * (right - left) / (n - 1);
                    double y = base - (values[i] - low) / (high - low) * (base - ceiling);
                    path.append(String.format(Locale.ROOT, "%s%.1f %.1f ", pen ? "L" : "M", x, y));
                }
                pen = here;
            }
            out.append("<path d=\"").append(path).append("\" fill=\"none\" stroke-width=\"2\" stroke=\"")
                    .append(colour).append("\"/>\n");
            int x = right - 110 * (curves.size() - c);
            out.append(String.format(
                    Locale.ROOT, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"4\" fill=\"%s\"/>%n", x, top + 12,
                    colour));
            text(out, x + 18, top + 18, "start", curves.get(c).name());
        }
    }

    /// The matrix as coloured cells: rows are true classes, columns answers, darker where a row has more.
    public static String confusion(ConfusionMatrix matrix) {
        int cell = 40;
        int left = 60;
        int top = 60;
        int n = matrix.classes();
        StringBuilder out = start(left + n * cell + 20, top + n * cell + 20);
        text(out, left + n * cell / 2.0, 20, "middle", String.format(Locale.ROOT, "answer (accuracy %.2f %%)",
                100 * matrix.accuracy()));
        out.append(
                String.format(Locale.ROOT, "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\" %s>"
                        + "true class</text>%n", top + n * cell / 2, FONT));
        for (int t = 0; t < n; t++) {
            text(out, left - 10, top + t * cell + cell / 2.0 + 4, "end", Integer.toString(t));
            text(out, left + t * cell + cell / 2.0, top - 10, "middle", Integer.toString(t));
            for (int a = 0; a < n; a++) {
                double share = matrix.support(t) == 0 ? 0 : (double) matrix.count(t, a) / matrix.support(t);
                String colour = t == a ? "31,111,235" : "209,80,11";
                out.append(String.format(Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"rgba(%s,%.3f)\" stroke=\"#ddd\"/>%n",
                        left + a * cell, top + t * cell, cell, cell, colour, Math.sqrt(share)));
                if (matrix.count(t, a) > 0) {
                    text(out, left + a * cell + cell / 2.0, top + t * cell + cell / 2.0 + 4, "middle",
                            Long.toString(matrix.count(t, a)));
                }
            }
        }
        return out.append("</svg>\n").toString();
    }

    private static StringBuilder start(int width, int height) {
        return new StringBuilder(String.format(Locale.ROOT, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
                + "height=\"%d\" viewBox=\"0 0 %d %d\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                width, height, width, height));
    }

    private static void text(StringBuilder out, double x, double y, String anchor, String text) {
        String safe = text.replace("&", "&amp;").replace("<", "&lt;");
        out.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>%n",
                x, y, anchor, FONT, safe));
    }
}
