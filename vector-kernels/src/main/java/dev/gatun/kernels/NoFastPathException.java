package dev.gatun.kernels;

/// This JVM cannot run the vector kernels at speed; the message says why and what to change on its command line.
public final class NoFastPathException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /// With the reason and the fix.
    public NoFastPathException(String message) {
        super(message);
    }
}
