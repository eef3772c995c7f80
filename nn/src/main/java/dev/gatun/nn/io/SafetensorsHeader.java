package dev.gatun.nn.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The JSON header of a safetensors file, parsed and checked as a whole: afterwards every entry lies inside the data,
/// its length is shape × type, and the entries tile the data without hole, overlap or rest.
record SafetensorsHeader(List<SafetensorsFile.Entry> entries, Map<String, String> metadata) {
    /// The header may not be longer: no honest one is, and it is held in memory.
    static final int LIMIT = 100_000_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(4)
                    .maxNumberLength(19)
                    .maxNameLength(65_536)
                    .maxStringLength(LIMIT)
                    .build())
            .build();

    /// Parses `json`, which starts at byte 8 of `file` and is followed by `dataBytes` of tensors.
    static SafetensorsHeader parse(String file, byte[] json, long dataBytes) throws IOException {
        if (json.length == 0 || json[0] != '{') {
            throw new FileFormatException(file, 8, "the header must start with {");
        }
        List<SafetensorsFile.Entry> entries = new ArrayList<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        try (JsonParser in = JSON.createParser(json)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                expect(file, in, in.nextToken(), JsonToken.START_OBJECT);
                if (name.equals("__metadata__")) {
                    readMetadata(file, in, metadata);
                } else {
                    entries.add(readEntry(file, in, name, dataBytes));
                }
            }
            if (in.nextToken() != null) {
                throw new FileFormatException(file, at(in), "something follows the header's closing }");
            }
        } catch (JsonProcessingException e) {
            long column = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
            throw new FileFormatException(file, 8 + column, "the header is not valid JSON: " + e.getOriginalMessage(),
                    e);
        }
        checkTiling(file, 8L + json.length, entries, dataBytes);
        return new SafetensorsHeader(List.copyOf(entries), Map.copyOf(metadata));
    }

    private static void readMetadata(String file, JsonParser in, Map<String, String> metadata) throws IOException {
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            String key = in.currentName();
            expect(file, in, in.nextToken(), JsonToken.VALUE_STRING);
            metadata.put(key, in.getText());
        }
    }

    private static SafetensorsFile.Entry readEntry(String file, JsonParser in, String name, long dataBytes)
            throws IOException {
        long start = at(in);
        @Nullable
        StoredType type = null;
        long @Nullable [] shape = null;
        long @Nullable [] offsets = null;
        while (in.nextToken() == JsonToken.FIELD_NAME) {
            switch (in.currentName()) {
                case "dtype" -> {
                    expect(file, in, in.nextToken(), JsonToken.VALUE_STRING);
                    type = storedType(file, in, name);
                }
                case "shape" -> shape = readLongs(file, in, name);
                case "data_offsets" -> offsets = readLongs(file, in, name);
                default -> throw new FileFormatException(
                        file, at(in), "tensor " + name + " has an unknown field " + in.currentName());
            }
        }
        if (type == null || shape == null || offsets == null) {
            throw new FileFormatException(file, start, "tensor " + name + " needs dtype, shape and data_offsets");
        }
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes) {
            throw new FileFormatException(
                    file, start, "tensor " + name + " lies outside the data: data_offsets " + Arrays.toString(offsets)
                            + " of " + dataBytes + " bytes");
        }
        long bytes = type.bytes();
        try {
            for (long d : shape) {
                bytes = Math.multiplyExact(bytes, Math.toIntExact(d));
            }
        } catch (ArithmeticException e) {
            throw new FileFormatException(
                    file, start, "tensor " + name + " is too large: shape " + Arrays.toString(shape), e);
        }
        if (bytes != offsets[1] - offsets[0]) {
            throw new FileFormatException(
                    file, start,
                    "tensor " + name + " of type " + type + " and shape " + Arrays.toString(shape) + " needs "
                            + bytes + " bytes, data_offsets give " + (offsets[1] - offsets[0]));
        }
        return new SafetensorsFile.Entry(name, type, shape, offsets[0], offsets[1]);
    }

    private static StoredType storedType(String file, JsonParser in, String name) throws IOException {
        String text = in.getText();
        for (StoredType type : StoredType.values()) {
            if (type.name().equals(text)) {
                return type;
            }
        }
        throw new FileFormatException(
                file, at(in), "tensor " + name + " has unknown dtype " + text + "; known: "
                        + Arrays.toString(StoredType.values()));
    }

    private static long[] readLongs(String file, JsonParser in, String name) throws IOException {
        expect(file, in, in.nextToken(), JsonToken.START_ARRAY);
        long[] values = new long[16];
        int n = 0;
        while (in.nextToken() == JsonToken.VALUE_NUMBER_INT) {
            if (n == values.length) {
                throw new FileFormatException(file, at(in), "tensor " + name + " has more than 16 dims");
            }
            if (in.getNumberType() == JsonParser.NumberType.BIG_INTEGER || in.getLongValue() < 0) {
                throw new FileFormatException(
                        file, at(in), "tensor " + name + ": a size or offset is out of range: " + in.getText());
            }
            values[n++] = in.getLongValue();
        }
        expect(file, in, in.currentToken(), JsonToken.END_ARRAY);
        return Arrays.copyOf(values, n);
    }

    private static void checkTiling(String file, long dataStart, List<SafetensorsFile.Entry> entries, long dataBytes)
            throws FileFormatException {
        List<SafetensorsFile.Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(SafetensorsFile.Entry::begin)
                .thenComparingLong(SafetensorsFile.Entry::end));
        long at = 0;
        for (SafetensorsFile.Entry e : sorted) {
            if (e.begin() != at) {
                throw new FileFormatException(
                        file, dataStart + at, (e.begin() > at ? "hole" : "overlap") + " before tensor " + e.name()
                                + ": it begins at " + e.begin() + " of the data, the one before ends at " + at);
            }
            at = e.end();
        }
        if (at != dataBytes) {
            throw new FileFormatException(
                    file, dataStart + at, (dataBytes - at) + " bytes follow the last tensor and belong to none");
        }
    }

    private static void expect(String file, JsonParser in, @Nullable JsonToken found, JsonToken wanted)
            throws IOException {
        if (found != wanted) {
            throw new FileFormatException(file, at(in), "the header needs " + wanted + " here, found " + found);
        }
    }

    private static long at(JsonParser in) {
        return 8 + Math.max(0, in.currentTokenLocation().getByteOffset());
    }
}
