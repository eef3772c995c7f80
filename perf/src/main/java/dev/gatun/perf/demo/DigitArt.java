package dev.gatun.perf.demo;

import java.util.List;

/// Grey images as text, side by side.
final class DigitArt {
    private static final String SHADES = " ░▒▓█";
    /// Wider images are drawn with half the rows and one character per column, so that they keep their proportions.
    private static final int WIDE = 16;

    private DigitArt() {}

    /// `images` are `[height·width]` each, 0 to 1; a caption goes below each.
    static String draw(List<float[]> images, List<String> captions, int height, int width) {
        int across = width > WIDE ? 1 : 2;
        int down = width > WIDE ? 2 : 1;
        StringBuilder out = new StringBuilder();
        for (int row = 0; row + down <= height; row += down) {
            for (float[] image : images) {
                for (int column = 0; column < width; column++) {
                    float sum = 0;
                    for (int i = 0; i < down; i++) {
                        sum += image[(row + i) * width + column];
                    }
                    int shade = Math.clamp(Math.round(sum / down * (SHADES.length() - 1)), 0, SHADES.length() - 1);
                    out.append(SHADES.substring(shade, shade + 1).repeat(across));
                }
                out.append("  ");
            }
            out.append('\n');
        }
        for (String caption : captions) {
            out.append(String.format("%-" + (width * across + 2) + "s", caption));
        }
        return out.append('\n').toString();
    }
}
