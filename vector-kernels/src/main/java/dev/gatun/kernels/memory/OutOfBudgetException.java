package dev.gatun.kernels.memory;

/// A block was asked for that does not fit into the pool's byte budget. The message names the largest holders; nothing
/// was allocated.
public final class OutOfBudgetException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// With a message that names request, budget and holders.
    public OutOfBudgetException(String message) {
        super(message);
    }
}
