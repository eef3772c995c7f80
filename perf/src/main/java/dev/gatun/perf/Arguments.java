package dev.gatun.perf;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Command-line options of the form `--name value`, and nothing else.
public final class Arguments {
    private final Map<String, String> values = new HashMap<>();

    /// Thrown for words that are no option of the command; `main` prints the message and exits with 2.
    public static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        /// What is wrong.
        public UsageException(String message) {
            super(message);
        }
    }

    private Arguments() {}

    /// Parses `words`; throws [UsageException] for a name that is not in `known`, a missing value or a name given
    /// twice.
    public static Arguments parse(List<String> words, List<String> known) {
        Arguments result = new Arguments();
        for (int i = 0; i < words.size(); i += 2) {
            String name = words.get(i);
            if (!known.contains(name)) {
                throw new UsageException("unknown option '" + name + "'; known: " + String.join(" ", known));
            }
            if (i + 1 == words.size()) {
                throw new UsageException(name + " needs a value");
            }
            if (result.values.put(name, words.get(i + 1)) != null) {
                throw new UsageException(name + " is given twice");
            }
        }
        return result;
    }

    /// The value of an option, when given.
    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /// A whole number of at least `least`, when given.
    public Optional<Long> number(String name, long least) {
        return text(name).map(value -> {
            try {
                long n = Long.parseLong(value);
                if (n >= least) {
                    return n;
                }
            } catch (NumberFormatException notANumber) {
                throw new UsageException(name + " must be a whole number: " + value);
            }
            throw new UsageException(name + " must be at least " + least + ": " + value);
        });
    }
}
