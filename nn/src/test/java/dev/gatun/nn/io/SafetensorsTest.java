package dev.gatun.nn.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatun.kernels.DType;
import dev.gatun.kernels.View;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsTest {
    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeComesBackWithItsBits(DType dtype) throws IOException {
        View view = View.of(Arena.ofAuto().allocate(3 * 5 * 8, 64), 0, dtype, 3, 5);
        for (int i = 0; i < 15; i++) {
            view.setDouble(i, i * 1.7 + 1);
        }
        Path path = folder.resolve("a.safetensors");
        SafetensorsWriter.write(path, Map.of("x", view), Map.of("format", "pt"));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            SafetensorsFile.Entry entry = file.find("x").orElseThrow();
            assertThat(entry.shape()).containsExactly(3, 5);
            assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
            View back = View.of(Arena.ofAuto().allocate(15L * dtype.bytes(), 64), 0, dtype, 3, 5);
            file.read(entry, dtype, back.segment(), 0);
            for (int i = 0; i < 15; i++) {
                assertThat(back.getDouble(i)).isEqualTo(view.getDouble(i)).isNotZero();
            }
        }
    }

    @Test
    void severalTensorsIncludingScalarsAndEmptyOnes() throws IOException {
        MemorySegment memory = Arena.ofAuto().allocate(1 << 20, 64);
        Map<String, View> tensors = new LinkedHashMap<>();
        tensors.put("byte", View.of(memory, 0, DType.U8, 3));
        tensors.put("scalar", View.of(memory, 64, DType.I64));
        tensors.put("empty", View.of(memory, 128, DType.F32, 0, 4));
        tensors.put("large", View.of(memory, 256, DType.F32, 300, 301));
        tensors.get("byte").setLong(2, 255);
        tensors.get("scalar").setLong(0, -7);
        tensors.get("large").setDouble(300 * 301 - 1, 2.5);
        Path path = folder.resolve("new/folder/a.safetensors");
        SafetensorsWriter.write(path, tensors, Map.of());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertThat(file.entries()).extracting(SafetensorsFile.Entry::name)
                    .containsExactly("scalar", "empty", "large", "byte");
            for (var e : tensors.entrySet()) {
                View view = e.getValue();
                View back = View.of(Arena.ofAuto().allocate(Math.max(8, (long) view.count() * 8), 64), 0, view.dtype(),
                        view.dims());
                file.read(file.find(e.getKey()).orElseThrow(), view.dtype(), back.segment(), 0);
                assertThat(view.bytes().mismatch(back.bytes())).as(e.getKey()).isEqualTo(-1);
            }
        }
        try (var files = Files.list(path.getParent())) {
            assertThat(files).containsExactly(path);
        }
    }

    @ParameterizedTest
    @CsvSource({"F16, 15360, 1.0", "F16, -16384, -2.0", "F16, 1, 5.9604644775390625e-8", "BF16, 16256, 1.0",
        "BF16, -16320, -3.0", "I16, -12345, -12345"})
    void narrowTypesAreWidened(StoredType type, short bits, double expected) throws IOException {
        Path path = file("{\"x\":{\"dtype\":\"" + type + "\",\"shape\":[1],\"data_offsets\":[0,2]}}",
                (byte) bits, (byte) (bits >> 8));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            View back = View.of(Arena.ofAuto().allocate(8), 0, type.dtype());
            file.read(file.find("x").orElseThrow(), type.dtype(), back.segment(), 0);
            assertThat(back.getDouble(0)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"x":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}                | needs 4 bytes, data_offsets give 8
            {"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}                | hole before tensor x
            {"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}                | 4 bytes follow the last tensor
            {"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}               | lies outside the data
            {"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}                | lies outside the data
            {"x":{"dtype":"F8_E5M2","shape":[8],"data_offsets":[0,8]}}            | unknown dtype F8_E5M2
            {"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}               | out of range: -2
            {"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}} | too large
            {"x":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}  | exceeds the maximum
            {"x":{"dtype":"F32","shape":[9999999999999999999],"data_offsets":[0,8]}}   | out of range
            {"x":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}              | needs END_ARRAY
            {"x":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}}              | needs END_ARRAY
            {"x":{"dtype":"F32","shape":[2]}}                                     | needs dtype, shape and data_offsets
            {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"code":"x"}}     | unknown field code
            {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"x":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}} | Duplicate field
            {"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | overlap before tensor y
            {"__metadata__":{"a":1},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | needs VALUE_STRING
            {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} {}             | something follows
            {"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]                  | not valid JSON
            [1]                                                                   | must start with {
            {"x":3}                                                               | needs START_OBJECT
            """)
    void hostileHeadersAreRefused(String json, String reason) throws IOException {
        Path path = file(json, new byte[8]);
        assertThatThrownBy(() -> SafetensorsFile.open(path)).isInstanceOf(FileFormatException.class)
                .hasMessageContaining(path.toString()).hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "57", "100000001", "-1", "9223372036854775807"})
    void headerLengthsOutsideTheFileAreRefused(long length) throws IOException {
        Path path = folder.resolve("bad.safetensors");
        Files.write(path,
                ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put((byte) '{').array());
        assertThatThrownBy(() -> SafetensorsFile.open(path)).isInstanceOf(FileFormatException.class)
                .hasMessageContaining("header length");
    }

    @Test
    void everyPrefixOfAGoodFileIsRefused() throws IOException {
        View view = View.of(Arena.ofAuto().allocate(64, 64), 0, DType.F32, 4);
        Path good = folder.resolve("good.safetensors");
        SafetensorsWriter.write(good, Map.of("x", view), Map.of());
        byte[] bytes = Files.readAllBytes(good);
        Path cut = folder.resolve("cut.safetensors");
        for (int n = 0; n < bytes.length; n++) {
            Files.write(cut, java.util.Arrays.copyOf(bytes, n));
            assertThatThrownBy(() -> SafetensorsFile.open(cut)).isInstanceOf(FileFormatException.class);
        }
    }

    @Test
    void aTensorIsNotReadAsAnotherKindNorPastTheSegment() throws IOException {
        Path path = file("{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", new byte[8]);
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            SafetensorsFile.Entry x = file.find("x").orElseThrow();
            MemorySegment small = Arena.ofAuto().allocate(7);
            assertThatThrownBy(() -> file.read(x, DType.I64, small, 0)).hasMessageContaining("cannot be read as I64");
            assertThatThrownBy(() -> file.read(x, DType.F32, small, 0)).hasMessageContaining("needs 8 bytes");
        }
    }

    @Test
    void aWriterThatFailsLeavesTheOldFile() throws IOException {
        Path path = folder.resolve("old.txt");
        Files.writeString(path, "old");
        assertThatThrownBy(() -> AtomicFile.write(path, channel -> {
            channel.write(ByteBuffer.wrap(new byte[3]));
            throw new IOException("disk full");
        })).hasMessage("disk full");
        assertThat(path).hasContent("old");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(path);
        }
    }

    private Path file(String json, byte... data) throws IOException {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        Path path = folder.resolve("made.safetensors");
        Files.write(path, ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length).put(header).put(data).array());
        return path;
    }
}
