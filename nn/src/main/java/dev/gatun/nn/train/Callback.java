package dev.gatun.nn.train;

import java.io.IOException;

/// Takes part in a training run.
public interface Callback {
    /// After an epoch and its validation. Returns false to end the training.
    boolean epochEnded(History.Epoch epoch, Training training) throws IOException;

    /// After the last epoch, also when a callback ended the training.
    default void trainingEnded(Training training) throws IOException {}
}
