package dev.gatun.nn;

import dev.gatun.kernels.View;
import dev.gatun.nn.io.SafetensorsFile;
import dev.gatun.nn.io.SafetensorsWriter;
import dev.gatun.ops.Autograd;
import dev.gatun.ops.Engine;
import dev.gatun.ops.Scope;
import dev.gatun.ops.Shape;
import dev.gatun.ops.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Tensors by name in a safetensors file.
public final class ModelFile {
    /// What a file holds.
    public record Content(Map<String, Tensor> tensors, Map<String, String> metadata) {}

    private ModelFile() {}

    /// Writes the parameters and buffers of `module`, replacing `path` as a whole.
    public static void save(Module module, Path path) throws IOException {
        write(path, module.stateDict(), Map.of("format", "pt"));
    }

    /// Reads `path` straight into the parameters and buffers of `module`. Names and shapes must fit as [Module#load]
    /// demands, and are checked before anything is changed. Floats of any width are converted.
    public static void load(Module module, Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Map<String, int[]> shapes = new LinkedHashMap<>();
            for (SafetensorsFile.Entry e : file.entries()) {
                shapes.put(e.name(), dims(e));
            }
            module.checkFits(shapes);
            Map<String, Tensor> own = module.stateDict();
            for (Map.Entry<String, Tensor> e : own.entrySet()) {
                file.checkReadable(file.get(e.getKey()), e.getValue().dtype());
            }
            for (Map.Entry<String, Tensor> e : own.entrySet()) {
                View view = e.getValue().view();
                file.read(file.get(e.getKey()), view.dtype(), view.segment(), view.offset());
            }
        }
    }

    /// Writes tensors and free text, replacing `path` as a whole.
    public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        try (Scope _ = Engine.current().scope()) {
            Map<String, View> views = new LinkedHashMap<>();
            Autograd.noGrad(() -> tensors.forEach((name, t) -> views.put(name, t.contiguous().view())));
            SafetensorsWriter.write(path, views, metadata);
        }
    }

    /// Reads all tensors of `path`, in the order of the file.
    public static Content read(Path path) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            for (SafetensorsFile.Entry e : file.entries()) {
                Tensor t = Tensor.empty(e.type().dtype(), new Shape(dims(e)));
                file.read(e, t.dtype(), t.view().segment(), t.view().offset());
                tensors.put(e.name(), t);
            }
            return new Content(tensors, file.metadata());
        }
    }

    private static int[] dims(SafetensorsFile.Entry e) {
        return Arrays.stream(e.shape()).mapToInt(Math::toIntExact).toArray();
    }
}
