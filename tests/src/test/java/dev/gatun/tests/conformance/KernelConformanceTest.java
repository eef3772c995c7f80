package dev.gatun.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The fast kernels against the reference, on 1, 2, 3 and 7 threads with the same bits, row by row.
class KernelConformanceTest {
    private static FastKernels fast;

    @BeforeAll
    static void open() {
        fast = new FastKernels(1, 2, 3, 7);
    }

    @AfterAll
    static void close() {
        fast.close();
    }

    @TestFactory
    Stream<DynamicTest> rows() {
        return Rows.all().stream().map(row -> DynamicTest.dynamicTest(row.name() + " ×" + row.cases().size(), () -> {
            List<String> failures = RowRun.failures(row, fast.all());
            assertThat(failures).as(RowRun.report(row, failures)).isEmpty();
        }));
    }
}
