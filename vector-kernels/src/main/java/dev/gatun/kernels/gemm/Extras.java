package dev.gatun.kernels.gemm;

import dev.gatun.kernels.codegen.PassShape.Extra;
import dev.gatun.kernels.codegen.Tile;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The operands of an epilogue beside the product itself. Each has one element per column of C side by side, or one
/// for a whole row (column step 0).
public final class Extras {
    /// No operand.
    public static final Extras NONE = new Extras(List.of());

    private final Operand[] operands;
    private final MemorySegment[] segments;
    private final long[] rows;

    /// Column steps must be 0 or one element.
    public Extras(List<Operand> operands) {
        this.operands = operands.toArray(Operand[]::new);
        segments = operands.stream().map(Operand::segment).toArray(MemorySegment[]::new);
        rows = operands.stream().mapToLong(Operand::row).toArray();
    }

    /// How each lies.
    public List<Extra> kinds() {
        return List.of(operands).stream()
                .map(o -> o.column() == 0 ? Extra.ROWS : o.row() == 0 ? Extra.COLUMNS : Extra.FULL)
                .toList();
    }

    /// Gives a new tile the operands; after that [#place] moves them.
    public void attach(Tile tile) {
        tile.extra = segments;
        tile.extraRow = rows;
        tile.extraOff = new long[segments.length];
    }

    /// Moves to the element for row `row`, column `column` of matrix `batch` of C.
    public void place(Tile tile, int batch, long row, long column) {
        for (int e = 0; e < operands.length; e++) {
            Operand o = operands[e];
            tile.extraOff[e] = o.starts()[batch] + row * o.row() + column * o.column();
        }
    }
}
