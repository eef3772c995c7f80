package dev.gatun.perf.report;

import java.util.ArrayList;
import java.util.List;

/// Horizontal bars in groups, one group per line of the chart, one bar per side.
final class BarChart {
    private static final double WIDTH = 900;
    private static final double LEFT = 250;
    private static final double RIGHT = 830;
    private static final double BAR = 13;
    private static final double GAP = 9;

    /// One bar.
    ///
    /// @param side names it and colours it
    /// @param value how long it is; nothing is drawn for NaN
    /// @param label stands at its end
    record Bar(String side, double value, String label) {}

    /// The bars of one thing.
    record Group(String name, List<Bar> bars) {}

    private BarChart() {}

    /// Bars from 0; with a line at `reference` unless that is NaN.
    static String draw(String title, List<Group> groups, double reference) {
        double most = groups.stream().flatMap(g -> g.bars.stream()).mapToDouble(Bar::value)
                .filter(Double::isFinite).max().orElse(1);
        double top = 34;
        double height = top + groups.stream().mapToDouble(g -> g.bars.size() * BAR + GAP).sum() + 24;
        Scale scale = Scale.linear(Math.max(most, Double.isNaN(reference) ? 0 : reference * 1.05), LEFT, RIGHT);
        StringBuilder out = new StringBuilder(Html.svg(WIDTH, height, title));
        List<String> sides = new ArrayList<>();
        groups.forEach(g -> g.bars.forEach(b -> {
            if (!sides.contains(b.side)) {
                sides.add(b.side);
            }
        }));
        out.append(Html.legend(LEFT, 14, sides));
        for (double tick : scale.ticks()) {
            out.append(Html.line(scale.place(tick), top - 8, scale.place(tick), height - 20, "grid"));
            out.append(Html.text(scale.place(tick), height - 6, "middle", "tick", Html.tick(tick)));
        }
        if (!Double.isNaN(reference)) {
            out.append(Html.line(scale.place(reference), top - 8, scale.place(reference), height - 20, "reference"));
        }
        double y = top;
        for (Group group : groups) {
            out.append(Html.text(LEFT - 10, y + group.bars.size() * BAR / 2 + 4, "end", "label", group.name));
            for (Bar bar : group.bars) {
                if (Double.isFinite(bar.value)) {
                    double end = scale.place(bar.value);
                    out.append("<rect x=\"").append(Html.at(LEFT)).append("\" y=\"").append(Html.at(y + 1))
                            .append("\" width=\"").append(Html.at(Math.max(1, end - LEFT))).append("\" height=\"")
                            .append(Html.at(BAR - 2)).append("\" class=\"").append(Html.colour(bar.side))
                            .append("\"><title>")
                            .append(Html.escape(group.name + ", " + bar.side + ": " + bar.label))
                            .append("</title></rect>\n");
                    out.append(Html.text(end + 6, y + BAR - 2.5, "start", "value", bar.label));
                } else {
                    out.append(Html.text(LEFT + 6, y + BAR - 2.5, "start", "value", bar.side + " " + bar.label));
                }
                y += BAR;
            }
            y += GAP;
        }
        return out.append("</svg>").toString();
    }
}
