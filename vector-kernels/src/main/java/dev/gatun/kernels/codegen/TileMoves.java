package dev.gatun.kernels.codegen;

import java.lang.classfile.CodeBuilder;

/// Bodies of methods that move vectors of C, `rows` of `columns` whole ones, between memory and the tile's array, where
/// [Tile#wholeVector] says. Methods of their own, because C1 gives up on the sum of all accesses of a kernel and C2 on
/// inlining them all; vectors pass in memory, because one that a method takes or returns is boxed in every step of a loop in
/// processes in which C2 does not inline the call (docs/kernels-jit.md).
final class TileMoves {
    private TileMoves() {}

    /// `void name(Tile)`: C into the array.
    static void load(CodeBuilder code, VectorType type, int rows, int columns) {
        move(code, type, rows, columns, true);
    }

    /// `void name(Tile)`: the array into C.
    static void store(CodeBuilder code, VectorType type, int rows, int columns) {
        move(code, type, rows, columns, false);
    }

    private static void move(CodeBuilder code, VectorType type, int rows, int columns, boolean load) {
        TileCode tile = new TileCode(code);
        int c = tile.segment("c");
        int at = tile.offset("cOff");
        int cRow = tile.offset("cRow");
        int edge = tile.edge(type);
        for (int n = 0; n < rows * columns; n++) {
            int j = n % columns;
            if (n > 0 && j == 0) {
                code.lload(at).lload(cRow).ladd().lstore(at);
            }
            type.species(code).aload(load ? c : edge);
            if (load) {
                TileCode.at(code, at, (long) j * type.bytes());
                type.exact(type.load(code)).aload(edge);
            }
            code.loadConstant(Tile.wholeVector(n) * type.lanes());
            if (load) {
                code.invokevirtual(type.vector(), "intoArray", type.intoArray());
            } else {
                type.exact(type.fromArray(code)).aload(c);
                TileCode.at(code, at, (long) j * type.bytes());
                type.store(code);
            }
        }
        code.return_();
    }
}
