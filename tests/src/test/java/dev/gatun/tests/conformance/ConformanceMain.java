package dev.gatun.tests.conformance;

import java.util.ArrayList;
import java.util.List;

/// All rows in a JVM of their own, for settings that are read once at start, such as the vector width. Prints one line
/// per failure and, at the end, how many cases ran; exits 1 when any failed.
final class ConformanceMain {
    private ConformanceMain() {
    }

    public static void main(String[] args) {
        List<String> failures = new ArrayList<>();
        int cases = 0;
        try (FastKernels fast = new FastKernels(1, 3)) {
            for (Row row : Rows.all()) {
                failures.addAll(RowRun.failures(row, fast.all()));
                cases += row.cases().size();
            }
        }
        failures.stream().limit(40).forEach(System.out::println);
        System.out.println("cases " + cases + " failed " + failures.size());
        System.exit(failures.isEmpty() ? 0 : 1);
    }
}
