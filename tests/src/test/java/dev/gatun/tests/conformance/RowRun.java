package dev.gatun.tests.conformance;

import dev.gatun.kernels.Kernels;
import java.util.ArrayList;
import java.util.List;

/// All cases of one row; says what failed, at most the first few at length.
final class RowRun {
    private static final int SHOWN = 6;

    private RowRun() {
    }

    /// One line per failed case, empty when all hold.
    static List<String> failures(Row row, List<Kernels> fast) {
        Kernels reference = Kernels.reference();
        List<String> failures = new ArrayList<>();
        for (Case c : row.cases()) {
            try {
                new CaseRun(c, reference).check(fast);
            } catch (AssertionError | RuntimeException e) {
                StackTraceElement[] trace = e.getStackTrace();
                String at = e instanceof AssertionError || trace.length == 0 ? "" : " at " + trace[0];
                failures.add(row.name() + ": " + c.name() + ": " + e.getMessage()
                        + (e instanceof AssertionError ? "" : " (" + e.getClass().getSimpleName() + at + ")"));
            }
        }
        return failures;
    }

    /// The message for a row that failed.
    static String report(Row row, List<String> failures) {
        return failures.size() + " of " + row.cases().size() + " cases of " + row.name() + " failed:\n"
                + String.join("\n", failures.subList(0, Math.min(SHOWN, failures.size())));
    }
}
