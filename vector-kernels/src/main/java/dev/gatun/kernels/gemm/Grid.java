package dev.gatun.kernels.gemm;

/// How the tiles of a product are cut into chunks for several threads: `heights` of row tiles by `widths` of panels.
///
/// @param heights cut of the row tiles
/// @param widths cut of the panels
public record Grid(Split heights, Split widths) {
    /// Multiply-adds of a thread in the time in which one number comes from a cache that the threads share.
    private static final double WORK_PER_READ = 27;

    /// Twice as many tiles are two heights at least: 128 rows by 768 and 3072 are 8 % slower on two threads as one. Why, is not
    /// known.
    private static final int LOW = 6;

    /// The cut into at most `wanted` chunks that is estimated to be done first. Each height reads all of B, each width all of A,
    /// and chunks that cannot be dealt out evenly leave threads idle.
    ///
    /// @param tall row tiles of a height, at most
    /// @param work multiply-adds of the product
    /// @param a numbers of A
    /// @param b numbers of B
    public static Grid of(int threads, int tiles, int panels, int tall, int wanted, double work, double a, double b) {
        int most = wanted > 1 && tiles >= 2 * LOW ? Math.ceilDiv(tiles, 2) : tiles;
        int least = Math.ceilDiv(Math.max(1, tiles), Math.clamp(tall, 1, Math.max(1, most)));
        int heights = least;
        int widths = 1;
        double best = Double.POSITIVE_INFINITY;
        for (int h = least; h <= Math.max(least, Math.min(wanted, tiles)); h++) {
            int w = Math.clamp(wanted / h, 1, Math.max(1, panels));
            int chunks = h * w;
            // At the end a thread waits for half a chunk of another's.
            double time = (Math.ceilDiv(chunks, threads) + 0.5) * threads / chunks;
            double cost = work * time / WORK_PER_READ + h * b + w * a;
            if (cost < best) {
                best = cost;
                heights = h;
                widths = w;
            }
        }
        return new Grid(into(tiles, heights), into(panels, widths));
    }

    private static Split into(int total, int parts) {
        return new Split(total, Math.max(1, Math.ceilDiv(total, parts)));
    }
}
