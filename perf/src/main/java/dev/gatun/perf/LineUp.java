package dev.gatun.perf;

import dev.gatun.perf.Peers.Kind;
import dev.gatun.perf.fork.Fork;
import dev.gatun.perf.fork.Fork.ForkException;
import dev.gatun.perf.fork.Work.Order;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One case opened in a new process of Gatun and in the peers', the answers compared: ready to be timed.
final class LineUp implements AutoCloseable {
    private final Peers peers;
    private final Folder folder = new Folder();
    private final Map<String, String> facts;
    private final List<Fork> sides = new ArrayList<>();
    private final List<Kind> opened = new ArrayList<>();
    private final Map<String, String> absent;

    /// Opens `path` (`SUITE/CASE`). A peer that cannot take part or answers otherwise is left out with its reason, the
    /// latter also reported; throws [ForkException] when Gatun cannot.
    LineUp(String path, int threads, Peers peers, BenchReport report) throws IOException {
        this.peers = peers;
        this.absent = new LinkedHashMap<>(peers.absent());
        Fork gatun = NetworkSuite.gatun();
        sides.add(gatun);
        try {
            facts = gatun.open(new Order(path, threads, folder.path(), Map.of()));
            float[] answer = gatun.answer(folder.path().resolve("gatun.out"));
            for (Kind kind : peers.kinds()) {
                if (facts.containsKey("unexported")) {
                    absent.put(kind.peer(), "no ONNX file: " + facts.get("unexported"));
                } else {
                    join(path, threads, kind, answer, report);
                }
            }
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private void join(String path, int threads, Kind kind, float[] answer, BenchReport report) {
        Map<String, String> options = new LinkedHashMap<>(facts);
        options.putAll(kind.options());
        try {
            Fork side = peers.fork(kind);
            Map<String, String> said = side.open(new Order(path, threads, folder.path(), options));
            opened.add(kind);
            peers.met(kind, said);
            String difference = Answers.difference(answer, side.answer(folder.path().resolve("peer.out")));
            if (difference.isEmpty()) {
                sides.add(side);
            } else {
                report.wrong(path, kind.variant() + ": " + difference);
                absent.put(kind.peer(), "its answer differs");
            }
        } catch (ForkException failure) {
            absent.put(kind.peer(), String.valueOf(failure.getMessage()));
            peers.drop(kind);
        }
    }

    /// Gatun first, then the peers that take part.
    List<Fork> sides() {
        return sides;
    }

    Fork gatun() {
        return sides.getFirst();
    }

    /// Who does not take part, and why.
    Map<String, String> absent() {
        return absent;
    }

    /// A number among Gatun's facts; NaN when it is not there.
    double fact(String key) {
        return Double.parseDouble(facts.getOrDefault(key, "NaN"));
    }

    /// Ends Gatun's process and closes the case in those of the peers.
    @Override
    public void close() throws IOException {
        sides.getFirst().close();
        for (Kind kind : opened) {
            try {
                peers.fork(kind).closeWork();
            } catch (ForkException gone) {
                peers.drop(kind);
            }
        }
        folder.close();
    }
}
