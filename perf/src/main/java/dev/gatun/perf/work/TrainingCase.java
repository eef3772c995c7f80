package dev.gatun.perf.work;

/// A network in training on one batch, again and again.
///
/// @param network with the shape of the batch; without dropout, so that all sides compute the same
/// @param classes true for cross-entropy against random classes, false for the mean square error against random numbers
public record TrainingCase(NetworkCase network, boolean classes) {
    /// What the row is called.
    public String name() {
        return network.name();
    }
}
