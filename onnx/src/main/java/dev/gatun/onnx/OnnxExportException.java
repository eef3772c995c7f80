package dev.gatun.onnx;

/// An operation that cannot be written as ONNX.
public final class OnnxExportException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String operation;

    OnnxExportException(String operation, String reason) {
        super("onnx: " + operation + " cannot be exported: " + reason);
        this.operation = operation;
    }

    /// The name of the operation.
    public String operation() {
        return operation;
    }
}
