package dev.gatun.nn.io;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipException;

/// A rectangular table of numbers from a CSV file (plain or gzip): comma between fields, one row per line, the same
/// number of fields in each, no quotes. `values` is row-major.
public record NumberTable(int rows, int columns, double[] values) {
    private static final int LONGEST_LINE = 1 << 20;

    /// Reads `path` after skipping `headerLines`. Throws [FileFormatException] for a field that is not a number and for
    /// rows of different length.
    public static NumberTable read(Path path, int headerLines) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return read(path.toString(), in, headerLines);
        }
    }

    /// Reads a stream to its end; `file` is how messages call it. The stream is left open.
    public static NumberTable read(String file, InputStream stream, int headerLines) throws IOException {
        List<double[]> rows = new ArrayList<>();
        long offset = 0;
        try {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(IdxFile.unpacked(stream), StandardCharsets.US_ASCII));
            StringBuilder line = new StringBuilder();
            for (int i = 0; nextLine(file, offset, in, line); i++) {
                if (i >= headerLines && !line.isEmpty()) {
                    rows.add(parse(file, offset, line.toString(), rows.isEmpty() ? -1 : rows.getFirst().length));
                }
                offset += line.length() + 1L;
            }
        } catch (ZipException e) {
            throw new FileFormatException(file, offset, "not a valid gzip file: " + e.getMessage(), e);
        }
        int columns = rows.isEmpty() ? 0 : rows.getFirst().length;
        double[] values = new double[Math.multiplyExact(rows.size(), columns)];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, values, i * columns, columns);
        }
        return new NumberTable(rows.size(), columns, values);
    }

    /// Field `column` of row `row`.
    public double at(int row, int column) {
        if (column < 0 || column >= columns) {
            throw new IndexOutOfBoundsException("column " + column + " of " + columns);
        }
        return values[row * columns + column];
    }

    private static boolean nextLine(String file, long offset, BufferedReader in, StringBuilder line)
            throws IOException {
        line.setLength(0);
        int c = in.read();
        if (c < 0) {
            return false;
        }
        while (c >= 0 && c != '\n') {
            if (line.length() == LONGEST_LINE) {
                throw new FileFormatException(file, offset, "a line is longer than " + LONGEST_LINE + " bytes");
            }
            line.append((char) c);
            c = in.read();
        }
        return true;
    }

    private static double[] parse(String file, long offset, String line, int columns) throws FileFormatException {
        String[] fields = line.split(",", -1);
        if (columns >= 0 && fields.length != columns) {
            throw new FileFormatException(
                    file, offset, "this row has " + fields.length + " fields, the first has " + columns);
        }
        double[] row = new double[fields.length];
        for (int i = 0; i < row.length; i++) {
            try {
                row[i] = Double.parseDouble(fields[i]);
            } catch (NumberFormatException e) {
                throw new FileFormatException(file, offset, "field " + i + " is not a number: " + fields[i], e);
            }
        }
        return row;
    }
}
