package dev.gatun.nn.io;

import java.io.IOException;

/// A file does not say what its format demands: names the file, the byte where reading stopped, and the rule broken.
public final class FileFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final String reason;

    /// `file` at byte `offset` breaks the rule in `reason`.
    public FileFormatException(String file, long offset, String reason) {
        super(file + ": at byte " + offset + ": " + reason);
        this.file = file;
        this.offset = offset;
        this.reason = reason;
    }

    /// Adds what was thrown first.
    public FileFormatException(String file, long offset, String reason, Throwable cause) {
        this(file, offset, reason);
        initCause(cause);
    }

    /// The file, as it was given.
    public String file() {
        return file;
    }

    /// Bytes from the start of the file (of the unpacked file, when it is compressed).
    public long offset() {
        return offset;
    }

    /// The rule broken, with the numbers.
    public String reason() {
        return reason;
    }
}
