package dev.gatun.tests.project;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// A folder that plays a machine for the launcher: a checkout whose path has a space, a PATH that holds the tools of
/// a bare system and nothing else, and JDKs that only print what they were asked to run.
record FakeMachine(Path folder) {
    private static final List<String> TOOLS =
            List.of("sh", "awk", "basename", "cat", "cut", "dirname", "env", "find", "grep",
                    "head", "ls", "mkdir", "mv", "printf", "readlink", "rm", "sed", "touch", "tr", "uname");

    record Answer(int exit, String out, String err) {}

    static FakeMachine in(Path folder) throws IOException {
        var machine = new FakeMachine(folder);
        Files.createDirectories(machine.checkout());
        Files.copy(Checkout.root().resolve("gatun"), machine.checkout().resolve("gatun"));
        for (String file : List.of("pom.xml", ".mvn/settings", "perf/pom.xml", "perf/src/main/java/A.java")) {
            machine.write("my checkout/" + file, "");
        }
        Files.createDirectories(machine.bin());
        for (String tool : TOOLS) {
            for (String place : List.of("/bin", "/usr/bin")) {
                Path real = Path.of(place, tool);
                if (Files.isExecutable(real)) {
                    Files.createSymbolicLink(machine.bin().resolve(tool), real);
                    break;
                }
            }
        }
        return machine;
    }

    Path checkout() {
        return folder.resolve("my checkout");
    }

    Path bin() {
        return folder.resolve("bin");
    }

    Path jdks() {
        return folder.resolve("jd ks");
    }

    Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    void script(String name, String text) throws IOException {
        Files.setPosixFilePermissions(write(name, "#!/bin/sh\n" + text), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// A JDK whose `java` prints its own folder's name and its arguments, one per line.
    Path jdk(String name, String version) throws IOException {
        write("jd ks/" + name + "/release",
                "JAVA_VERSION=\"" + version + "\"\nMODULES=\"java.base jdk.incubator.vector jdk.compiler\"\n");
        script("jd ks/" + name + "/bin/java", "echo ran " + name + "\nprintf '%s\\n' \"$@\"\n");
        script("jd ks/" + name + "/bin/javac", "exit 1\n");
        return jdks().resolve(name);
    }

    /// As if the checkout had been built after its last change.
    void markBuilt() throws IOException {
        Files.createDirectories(checkout().resolve("perf/target/lib"));
        Path stamp = write("my checkout/.gatun/built", "");
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().plusSeconds(60)));
    }

    /// Runs the launcher under the given shell with an environment of its own.
    Answer run(String shell, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(shell, checkout().resolve("gatun").toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        Map<String, String> all = new TreeMap<>(Map.of("PATH", bin().toString(), "HOME", folder.toString(),
                "GATUN_JDK_FOLDERS", jdks().toString()));
        all.putAll(environment);
        builder.environment().clear();
        builder.environment().putAll(all);
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the launcher did not end: " + command);
        }
        return new Answer(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
