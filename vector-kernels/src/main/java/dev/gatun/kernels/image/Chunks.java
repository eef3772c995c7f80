package dev.gatun.kernels.image;

/// Items `0 … items − 1` cut into `count` chunks of `size` items, of some 32 k operations each.
record Chunks(int items, int size, int count) {
    private static final long WORK = 32_768;

    /// Chunks for items of `work` operations each.
    static Chunks of(int items, long work) {
        long size = Math.clamp(WORK / Math.max(1, work), 1, Math.max(1, items));
        long least = (items + (1L << 19)) >> 19;
        size = Math.max(size, least);
        return new Chunks(items, (int) size, (int) ((items + size - 1) / size));
    }

    int from(int chunk) {
        return chunk * size;
    }

    int to(int chunk) {
        return Math.min(items, (chunk + 1) * size);
    }
}
