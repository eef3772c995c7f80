package dev.gatun.perf;

import dev.gatun.perf.fork.Fork;
import dev.gatun.perf.fork.JavaCommand;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The native engines, each in a JVM of its own with a class path of its own. ONNX Runtime comes twice when there are
/// several threads, with its workers spinning between calls and not; the better one is the peer.
final class Peers implements AutoCloseable {
    static final String ONNX_RUNTIME = "onnxruntime";
    static final String LIBTORCH = "libtorch";
    static final List<String> NAMES = List.of(ONNX_RUNTIME, LIBTORCH);

    /// One way to run a peer.
    ///
    /// @param peer its name in the rows
    /// @param variant a name of its own among the sides
    /// @param options what its orders say beside the case
    record Kind(String peer, String variant, Map<String, String> options) {}

    private final Path home;
    private final Map<String, String> absent = new LinkedHashMap<>();
    private final List<Kind> kinds = new ArrayList<>();
    private final Map<String, String> versions = new LinkedHashMap<>();
    private final Map<String, Fork> forks = new LinkedHashMap<>();

    /// Those that are built and wanted, out of `names`; nothing is started yet.
    Peers(BenchOptions options, List<String> names) {
        this.home = options.home().resolve("peers/target");
        for (String peer : names) {
            if (!options.peers()) {
                absent.put(peer, "left out by --no-peers");
            } else if (jars(peer).isEmpty()) {
                absent.put(peer, "not downloaded");
            } else if (peer.equals(ONNX_RUNTIME) && options.threads() > 1) {
                kinds.add(new Kind(peer, "onnxruntime spinning", Map.of("spin", "1")));
                kinds.add(new Kind(peer, "onnxruntime parking", Map.of("spin", "0")));
            } else {
                kinds.add(new Kind(peer, peer, Map.of()));
            }
        }
    }

    /// What can be tried.
    List<Kind> kinds() {
        return kinds;
    }

    /// Who cannot, and why.
    Map<String, String> absent() {
        return absent;
    }

    private List<Path> jars(String peer) {
        try (Stream<Path> files = Files.list(home.resolve(peer))) {
            return files.filter(f -> f.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException notBuilt) {
            return List.of();
        }
    }

    /// The process of a kind, started when there is none, so that several rows can share it.
    Fork fork(Kind kind) {
        return forks.computeIfAbsent(kind.variant(), _ -> start(kind));
    }

    /// A new process, for measurements that need one; the caller closes it.
    Fork start(Kind kind) {
        List<Path> path = new ArrayList<>(List.of(protocol(), home.resolve("classes")));
        path.addAll(jars(kind.peer()));
        String main = kind.peer().equals(LIBTORCH) ? "dev.gatun.peers.LibtorchPeer" : "dev.gatun.peers.OnnxRuntimePeer";
        List<String> options = List.of("-XX:-UseDynamicNumberOfCompilerThreads", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dai.djl.offline=true", "-Dai.djl.pytorch.num_interop_threads=1",
                "-DDJL_CACHE_DIR=" + home.resolve("djl"), "-DENGINE_CACHE_DIR=" + home.resolve("djl"));
        return Fork.start(kind.variant(), JavaCommand.on(path, main, options), Map.of("OPT_OUT_TRACKING", "true"));
    }

    /// Notes what a peer said of itself.
    void met(Kind kind, Map<String, String> facts) {
        versions.put(kind.peer(), facts.getOrDefault("version", "?"));
    }

    /// One line per peer that was met.
    List<String> about() {
        return versions.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList();
    }

    /// Ends the process of a kind, so that the next row starts a new one.
    void drop(Kind kind) {
        Fork fork = forks.remove(kind.variant());
        if (fork != null) {
            fork.close();
        }
    }

    /// Where the classes of this module lie: those of the protocol stand on the JDK alone.
    private static Path protocol() {
        try {
            return Path.of(Fork.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void close() {
        forks.values().forEach(Fork::close);
        forks.clear();
    }
}
