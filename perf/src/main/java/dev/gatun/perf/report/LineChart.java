package dev.gatun.perf.report;

import java.util.List;

/// Curves over a few named places, upwards by logarithm.
final class LineChart {
    private static final double WIDTH = 430;
    private static final double HEIGHT = 250;
    private static final double LEFT = 56;
    private static final double RIGHT = 415;
    private static final double TOP = 34;
    private static final double BASE = 222;

    /// One value per place; a NaN ends the curve there.
    record Curve(String side, double[] values) {}

    private LineChart() {}

    static String draw(String title, List<String> places, List<Curve> curves) {
        double least = Double.MAX_VALUE;
        double most = 0;
        for (Curve curve : curves) {
            for (double v : curve.values) {
                if (Double.isFinite(v) && v > 0) {
                    least = Math.min(least, v);
                    most = Math.max(most, v);
                }
            }
        }
        StringBuilder out = new StringBuilder(Html.svg(WIDTH, HEIGHT, title));
        if (most == 0) {
            return out.append(Html.text(WIDTH / 2, HEIGHT / 2, "middle", "label", "nothing measured")).append("</svg>")
                    .toString();
        }
        Scale scale = Scale.logarithmic(least * 0.98, most * 1.02, BASE, TOP);
        out.append(Html.legend(LEFT, 14, curves.stream().map(Curve::side).toList()));
        for (double tick : scale.ticks()) {
            out.append(Html.line(LEFT, scale.place(tick), RIGHT, scale.place(tick), "grid"));
            out.append(Html.text(LEFT - 6, scale.place(tick) + 4, "end", "tick", Html.tick(tick)));
        }
        double step = (RIGHT - LEFT - 20) / Math.max(1, places.size() - 1);
        for (int i = 0; i < places.size(); i++) {
            out.append(Html.text(LEFT + 10 + i * step, BASE + 18, "middle", "tick", places.get(i)));
        }
        for (Curve curve : curves) {
            StringBuilder points = new StringBuilder();
            StringBuilder dots = new StringBuilder();
            for (int i = 0; i < curve.values.length; i++) {
                double v = curve.values[i];
                if (Double.isFinite(v) && v > 0) {
                    String x = Html.at(LEFT + 10 + i * step);
                    String y = Html.at(scale.place(v));
                    points.append(x).append(',').append(y).append(' ');
                    dots.append("<circle cx=\"").append(x).append("\" cy=\"").append(y).append("\" r=\"3\" class=\"")
                            .append(Html.colour(curve.side)).append("\"><title>")
                            .append(Html.escape(curve.side + ", " + places.get(i) + ": " + Html.figure(v)))
                            .append("</title></circle>\n");
                }
            }
            out.append("<polyline points=\"").append(points).append("\" class=\"curve ").append(
                    Html.colour(curve.side)).append("\"/>\n").append(dots);
        }
        return out.append("</svg>").toString();
    }
}
