package dev.gatun.perf.fork;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Command lines that start another JVM like this one.
public final class JavaCommand {
    private JavaCommand() {}

    /// `main` of this module, on the module path where this JVM runs on one and on the class path otherwise.
    public static List<String> like(String main, List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(java());
        command.addAll(options);
        String modules = System.getProperty("jdk.module.path");
        if (modules == null) {
            command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-cp",
                    System.getProperty("java.class.path"), main));
        } else {
            command.addAll(List.of("-p", modules, "-m", "dev.gatun.perf/" + main));
        }
        return command;
    }

    /// `main` on the class path `entries`.
    public static List<String> on(List<Path> entries, String main, List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(java());
        command.addAll(options);
        command.add("-cp");
        command.add(String.join(System.getProperty("path.separator"), entries.stream().map(Path::toString).toList()));
        command.add(main);
        return command;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
