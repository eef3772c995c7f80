package dev.gatun.nn.data;

/// Cuts a data set into batches. A value: the `with…` methods return changed copies. Each epoch is a pass of its own,
/// reshuffled from (seed, epoch), so that any epoch can be repeated to the bit.
///
/// ```java
/// DataLoader loader = DataLoader.of(train, 64).withShuffle(seed);
/// try (Batches batches = loader.epoch(0)) {
///     while (batches.hasNext()) {
///         Batch batch = batches.next();
///     }
/// }
/// ```
public record DataLoader(Dataset dataset, int batchSize, boolean shuffles, long seed, boolean dropLast, int prefetch) {
    /// Checks the ranges.
    public DataLoader {
        if (batchSize < 1 || prefetch < 0) {
            throw new IllegalArgumentException("loader: the batch size must be at least 1 and prefetch at least 0: "
                    + batchSize + ", " + prefetch);
        }
    }

    /// Batches in the order of the data set, a shorter last one kept, two made ahead by a background thread.
    public static DataLoader of(Dataset dataset, int batchSize) {
        return new DataLoader(dataset, batchSize, false, 0, false, 2);
    }

    /// Each epoch in another order, which depends on `seed` and the number of the epoch only.
    public DataLoader withShuffle(long newSeed) {
        return new DataLoader(dataset, batchSize, true, newSeed, dropLast, prefetch);
    }

    /// Leaves out a last batch that is not full.
    public DataLoader withDropLast() {
        return new DataLoader(dataset, batchSize, shuffles, seed, true, prefetch);
    }

    /// Makes up to `batches` batches ahead on a background thread; with 0 there is no such thread.
    public DataLoader withPrefetch(int batches) {
        return new DataLoader(dataset, batchSize, shuffles, seed, dropLast, batches);
    }

    /// Batches per epoch.
    public int steps() {
        int full = dataset.size() / batchSize;
        return dropLast || dataset.size() % batchSize == 0 ? full : full + 1;
    }

    /// Samples per epoch.
    public int samples() {
        return dropLast ? steps() * batchSize : dataset.size();
    }

    /// The batches of an epoch (0, 1, …); close it when done.
    public Batches epoch(int epoch) {
        int[] order = null;
        if (shuffles) {
            order = Permutation.of(dataset.size(), seed, epoch);
        }
        return new Batches(this, order);
    }
}
