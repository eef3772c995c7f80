package dev.gatun.perf;

import java.util.Comparator;
import java.util.List;

/// Guesses what was meant by a word that is unknown.
final class Nearest {
    private static final int MOST_EDITS = 3;

    private Nearest() {}

    /// ` (did you mean 'x'?)` for the known word that takes the fewest edits, or nothing when all are far.
    static String hint(String word, List<String> known) {
        return known.stream().min(Comparator.comparingInt(k -> edits(word, k)))
                .filter(k -> edits(word, k) <= MOST_EDITS).map(k -> " (did you mean '" + k + "'?)").orElse("");
    }

    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int left = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int up = row[j];
                row[j] = Math.min(Math.min(up, row[j - 1]) + 1, left + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
                left = up;
            }
        }
        return row[b.length()];
    }
}
