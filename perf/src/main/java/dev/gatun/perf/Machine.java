package dev.gatun.perf;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/// On what and at which commit something is measured.
///
/// @param processor the processor's name
/// @param processors how many this JVM may use
/// @param jdk version of the JVM
/// @param system operating system
/// @param flags options of this JVM
/// @param commit of the sources, with `+` when there were uncommitted changes
/// @param date when
record Machine(String processor, int processors, String jdk, String system, String flags, String commit, String date) {
    /// This one, now; `home` is the checkout.
    static Machine here(Path home) {
        return new Machine(processorName(), Runtime.getRuntime().availableProcessors(),
                System.getProperty("java.vm.version") + " (" + System.getProperty("java.vendor") + ")",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                        .filter(option -> option.startsWith("-X")).toList()),
                commit(home),
                ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'")));
    }

    /// What each row of a JSON file repeats, so that files can be mixed.
    Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("machine", processor + ", " + processors + " processors, " + system);
        facts.put("jdk", jdk);
        facts.put("flags", flags);
        facts.put("commit", commit);
        facts.put("date", date);
        return facts;
    }

    private static String processorName() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException notLinux) {
            return System.getProperty("os.arch");
        }
    }

    private static String commit(Path home) {
        String hash = git(home, "rev-parse", "--short=10", "HEAD");
        return hash.isEmpty() ? "unknown" : git(home, "status", "--porcelain").isEmpty() ? hash : hash + "+";
    }

    private static String git(Path home, String... words) {
        ProcessBuilder builder = new ProcessBuilder("git", "-C", home.toString());
        for (String word : words) {
            builder.command().add(word);
        }
        try {
            Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
            try (BufferedReader lines = process.inputReader()) {
                String first = lines.readLine();
                return first == null ? "" : first;
            }
        } catch (IOException noGit) {
            return "";
        }
    }
}
