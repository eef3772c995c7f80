package dev.gatun.kernels.codegen;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.util.List;

/// maths: c[i, j] = epilogue(c[i, j], extras…) over one tile.
/// layout: rows any stride apart, elements side by side.
/// blocking and why: tile by tile, right after the tile was stored: it is still in the first-level cache. The last
/// vectors of the rows, partly outside C, are a method of their own: a method that has the program of a GELU twice is too
/// much for C1. They go by way of the tile's array ([Tails]).
/// registers: one vector and what its program needs.
/// evidence: docs/kernels-gemm.md.
final class PassWriter {
    private final MicroKernels.PassShape shape;
    private final VectorType type;

    PassWriter(MicroKernels.PassShape shape) {
        this.shape = shape;
        this.type = shape.type();
    }

    void write(ClassBuilder builder) {
        builder.withMethodBody("run", MicroKernels.RUN, ClassFile.ACC_PUBLIC, this::run);
        if (shape.tail()) {
            builder.withMethodBody("edge", MicroKernels.RUN, 0, code -> new Rows(code).edge());
        }
    }

    private void run(CodeBuilder code) {
        new Rows(code).whole();
        if (shape.tail()) {
            code.aload(0).aload(1).invokevirtual(
                    ClassDesc.of(MicroKernels.class.getPackageName(), "PassKernel"), "edge", MicroKernels.RUN);
        }
        code.return_();
    }

    /// One method: the program on vectors of all rows.
    private final class Rows {
        private final CodeBuilder code;
        private final TileCode tile;
        private final int c;
        private final int cOff;
        private final int vectors;
        private final int at;
        private final int[] segments;
        private final int[] offsets;
        private final ZeroVector zero;

        Rows(CodeBuilder code) {
            this.code = code;
            tile = new TileCode(code);
            int n = shape.extras().size();
            c = tile.segment("c");
            cOff = tile.offset("cOff");
            vectors = tile.number("vectors");
            at = code.allocateLocal(TypeKind.LONG);
            segments = new int[n];
            offsets = new int[n];
            for (int e = 0; e < n; e++) {
                segments[e] = tile.segment("extra", e);
                offsets[e] = tile.offset("extraOff", e);
            }
            zero = new ZeroVector(type, code);
        }

        /// All whole vectors of all rows: one by one where their number is known, else in a loop.
        void whole() {
            var emitter = emitter();
            if (shape.vectors() != MicroKernels.ANY_WIDTH) {
                each(() -> {
                    for (int v = 0; v < shape.vectors() - (shape.tail() ? 1 : 0); v++) {
                        code.loadConstant((long) v * type.bytes()).lstore(at);
                        vector(emitter);
                    }
                });
                return;
            }
            int j = code.allocateLocal(TypeKind.INT);
            each(() -> {
                Label nextVector = code.newLabel();
                Label rowEnd = code.newLabel();
                code.iconst_0().istore(j).labelBinding(nextVector).iload(j).iload(vectors);
                if (shape.tail()) {
                    code.iconst_1().isub();
                }
                code.if_icmpge(rowEnd).iload(j).i2l().loadConstant((long) type.bytes()).lmul().lstore(at);
                vector(emitter);
                code.iinc(j, 1).goto_(nextVector).labelBinding(rowEnd);
            });
        }

        /// The last vectors of all rows. What all rows share is read anew for each: a vector in a local across the loop is
        /// what C2 boxes in some processes.
        void edge() {
            int edge = tile.edge(type);
            int count = tile.number("tail");
            code.iload(vectors).iconst_1().isub().i2l().loadConstant((long) type.bytes()).lmul().lstore(at);
            var emitter = emitter();
            each(() -> {
                emitter.body(input -> {
                    if (input > 0 && shape.extras().get(input - 1) == MicroShape.Extra.ROWS) {
                        return element(input - 1);
                    }
                    get(input == 0 ? c : segments[input - 1], input == 0 ? cOff : offsets[input - 1], edge, count);
                    return false;
                });
                emitter.pushResult(0).aload(edge).iconst_0();
                code.invokevirtual(type.vector(), "intoArray", type.intoArray());
                code.aload(edge).iconst_0().iload(count).aload(c).lload(cOff).lload(at).ladd();
                Tails.put(code, type);
            });
            code.return_();
        }

        /// Pushes the vector of the elements that there are, zeros behind them.
        private void get(int segment, int offset, int edge, int count) {
            code.aload(segment).lload(offset).lload(at).ladd().aload(edge).iconst_0().iload(count);
            Tails.get(code, type);
            type.species(code).aload(edge).iconst_0();
            type.fromArray(code);
        }

        /// Pushes the one number of the row in all lanes.
        private boolean element(int extra) {
            zero.push().aload(segments[extra]);
            TileCode.layout(code, type);
            TileCode.element(code.lload(offsets[extra]), type);
            zero.broadcast();
            return true;
        }

        private ProgramEmitter emitter() {
            var emitter = new ProgramEmitter(ExprLowering.lower(type.dtype(), List.of(shape.epilogue())), zero);
            emitter.constants();
            return emitter;
        }

        private void each(Runnable row) {
            int cRow = tile.offset("cRow");
            int rows = tile.number("rows");
            int[] steps = new int[offsets.length];
            for (int e = 0; e < steps.length; e++) {
                steps[e] = tile.offset("extraRow", e);
            }
            int i = code.allocateLocal(TypeKind.INT);
            Label nextRow = code.newLabel();
            Label end = code.newLabel();
            code.iconst_0().istore(i).labelBinding(nextRow).iload(i).iload(rows).if_icmpge(end);
            row.run();
            code.lload(cOff).lload(cRow).ladd().lstore(cOff);
            for (int e = 0; e < steps.length; e++) {
                code.lload(offsets[e]).lload(steps[e]).ladd().lstore(offsets[e]);
            }
            code.iinc(i, 1).goto_(nextRow).labelBinding(end);
        }

        private void vector(ProgramEmitter emitter) {
            emitter.body(input -> {
                if (input > 0 && shape.extras().get(input - 1) == MicroShape.Extra.ROWS) {
                    return element(input - 1);
                }
                type.species(code);
                code.aload(input == 0 ? c : segments[input - 1]);
                code.lload(input == 0 ? cOff : offsets[input - 1]).lload(at).ladd();
                type.load(code);
                return false;
            });
            emitter.pushResult(0).aload(c).lload(cOff).lload(at).ladd();
            type.store(code);
        }
    }
}
