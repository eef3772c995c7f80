package dev.gatun.perf.report;

import java.util.List;

/// Work per second over work per byte, both by logarithm, below what the machine can do at most.
final class Roofline {
    private static final double WIDTH = 900;
    private static final double HEIGHT = 460;
    private static final double LEFT = 60;
    private static final double RIGHT = 870;
    private static final double TOP = 40;
    private static final double BASE = 410;

    /// @param number stands beside the point and in the table
    /// @param intensity operations per byte that must move at least
    /// @param gatun GFLOP/s
    /// @param peer the best peer's; NaN without one
    record Point(int number, String name, double intensity, double gatun, double peer) {}

    private Roofline() {}

    /// `peak` in GFLOP/s, `bandwidth` in GB/s; NaN where that was not measured.
    static String draw(String title, List<Point> points, double peak, double bandwidth) {
        double high = Math.max(Double.isFinite(peak) ? peak : 0,
                points.stream().mapToDouble(p -> Math.max(p.gatun, Double.isNaN(p.peer) ? 0
                        : p.peer)).max().orElse(1));
        double low = points.stream().mapToDouble(p -> Double.isNaN(p.peer) ? p.gatun : Math.min(p.gatun, p.peer)).min()
                .orElse(1);
        Scale y = Scale.logarithmic(low * 0.9, high * 1.1, BASE, TOP);
        Scale x = Scale.logarithmic(points.stream().mapToDouble(Point::intensity).min().orElse(1) * 0.9,
                points.stream().mapToDouble(Point::intensity).max().orElse(1) * 1.1, LEFT, RIGHT);
        StringBuilder out = new StringBuilder(Html.svg(WIDTH, HEIGHT, title));
        out.append(Html.legend(LEFT, 14, List.of("gatun", "peer")));
        for (double tick : y.ticks()) {
            out.append(Html.line(LEFT, y.place(tick), RIGHT, y.place(tick), "grid"));
            out.append(Html.text(LEFT - 6, y.place(tick) + 4, "end", "tick", Html.tick(tick)));
        }
        for (double tick : x.ticks()) {
            out.append(Html.line(x.place(tick), TOP, x.place(tick), BASE, "grid"));
            out.append(Html.text(x.place(tick), BASE + 18, "middle", "tick", Html.tick(tick)));
        }
        out.append(Html.text((LEFT + RIGHT) / 2, HEIGHT - 8, "middle", "label", "operations per byte"));
        out.append(Html.text(LEFT, TOP - 8, "start", "label", "GFLOP/s"));
        if (Double.isFinite(peak)) {
            double knee = Double.isFinite(bandwidth) ? Math.max(x.low(), peak / bandwidth) : x.low();
            out.append(Html.line(x.place(knee), y.place(peak), RIGHT, y.place(peak), "reference"));
            out.append(Html.text(RIGHT, y.place(peak) - 6, "end", "label", "peak of the registers "
                    + Html.figure(peak) + " GFLOP/s"));
            if (Double.isFinite(bandwidth) && knee > x.low()) {
                double start = Math.max(x.low(), y.low() / bandwidth);
                out.append(Html.line(x.place(start), y.place(start * bandwidth), x.place(knee), y.place(peak),
                        "reference"));
                out.append(Html.text(x.place(start) + 8, y.place(start * bandwidth) - 12, "start", "label", "memory "
                        + Html.figure(bandwidth) + " GB/s"));
            }
        }
        for (Point p : points) {
            if (Double.isFinite(p.peer)) {
                out.append(dot(x.place(p.intensity), y.place(p.peer), "peer", p.name + ", best peer: "
                        + Html.figure(p.peer) + " GFLOP/s"));
            }
            out.append(dot(x.place(p.intensity), y.place(p.gatun), "gatun", p.name + ": " + Html.figure(p.gatun)
                    + " GFLOP/s"));
            out.append(Html.text(x.place(p.intensity) + 6, y.place(p.gatun) + 4, "start", "tick",
                    Integer.toString(p.number)));
        }
        return out.append("</svg>").toString();
    }

    private static String dot(double x, double y, String side, String title) {
        return "<circle cx=\"" + Html.at(x) + "\" cy=\"" + Html.at(y) + "\" r=\"4\" class=\"" + Html.colour(side)
                + "\"><title>" + Html.escape(title) + "</title></circle>\n";
    }
}
