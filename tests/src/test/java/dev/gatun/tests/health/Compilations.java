package dev.gatun.tests.health;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `-XX:+PrintCompilation` said about the methods of Gatun.
final class Compilations {
    // time, id, flags, tier, method, [@ bci], (size bytes), [made not entrant or COMPILE SKIPPED: why]
    private static final Pattern LINE = Pattern.compile(
            "\\s*\\d+\\s+\\d+\\s+([%sbn! ]*)\\s+([0-4])\\s+(dev\\.gatun\\S+)(?: @ -?\\d+)? \\((\\d+) bytes\\)\\s*(.*)");
    /// Shorter ones are accessors and tails, which are inlined where it matters.
    private static final int KERNEL_BYTES = 200;
    /// Hot methods up to this size are inlined by C2 (FreqInlineSize).
    private static final int INLINED_BYTES = 325;
    /// The only callers of kernels that may be that short.
    private static final Map<String, List<String>> CALLERS = Map.of(
            ".PanelKernel/", List.of("dev.gatun.kernels.gemm.MatrixPanels::pack"),
            ".PassKernel/", List.of("dev.gatun.kernels.gemm.TileProduct::run"));

    private final List<String> skipped = new ArrayList<>();
    private final Map<String, Integer> highest = new LinkedHashMap<>();
    private final Map<String, Integer> sizes = new LinkedHashMap<>();

    Compilations(String output) {
        for (String line : output.lines().toList()) {
            Matcher m = LINE.matcher(line);
            if (m.matches()) {
                read(line, m);
            }
        }
    }

    private void read(String line, Matcher m) {
        String method = m.group(3);
        int tier = Integer.parseInt(m.group(2));
        sizes.put(method, Integer.parseInt(m.group(4)));
        if (m.group(5).contains("COMPILE SKIPPED")) {
            // Class loading in another thread only delays the compilation.
            if (!line.contains("concurrent class loading")) {
                skipped.add(line.strip());
            }
        } else if (!m.group(5).contains("made not entrant")) {
            highest.merge(method, tier, Math::max);
        }
    }

    /// Compilations that the compiler gave up.
    List<String> skipped() {
        return skipped;
    }

    /// Loops of generated kernels that never came to the optimising compiler.
    List<String> slow() {
        return highest.entrySet().stream()
                .filter(e -> e.getKey().contains("/0x") && !e.getKey().contains("$$Lambda"))
                .filter(e -> sizes.get(e.getKey()) >= KERNEL_BYTES && e.getValue() < 4 && !isInlined(e.getKey()))
                .map(e -> e.getKey() + " (" + sizes.get(e.getKey()) + " bytes) tier " + e.getValue())
                .toList();
    }

    /// A method that the `run` of its kernel, or the `panel` of a fold, calls, once that has been optimised: it is part of it
    /// and not called by itself any more, or, where it still is called, as hot as it is and on its way. So is a short kernel
    /// once its caller has been optimised.
    private boolean isInlined(String method) {
        int name = method.lastIndexOf("::");
        String kernel = method.substring(0, name);
        boolean inCaller = CALLERS.entrySet().stream()
                .filter(e -> kernel.contains(e.getKey()))
                .flatMap(e -> e.getValue().stream())
                .anyMatch(caller -> highest.getOrDefault(caller, 0) == 4);
        if (inCaller && sizes.get(method) <= INLINED_BYTES) {
            return true;
        }
        return !method.endsWith("::run") && !method.endsWith("::panel")
                && (highest.getOrDefault(kernel + "::run", 0) == 4 || highest.getOrDefault(kernel + "::panel", 0) == 4);
    }

    /// How many methods of generated kernels reached the optimising compiler.
    long fast() {
        return highest.entrySet().stream().filter(e -> e.getKey().contains("/0x") && e.getValue() == 4).count();
    }
}
