package dev.gatun.tests.conformance;

import java.util.List;

/// What the kit knows of one kernel: the interface methods and the named functions it stands for, and its cases.
/// `covers` holds `GemmKernels.pack` for methods, `UnaryFunction.EXP` for enum constants.
record Row(String name, List<String> covers, List<Case> cases) {
}
