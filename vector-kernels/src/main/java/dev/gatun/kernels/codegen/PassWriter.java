package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_long;

import dev.gatun.kernels.codegen.PassShape.Extra;
import dev.gatun.kernels.codegen.PassShape.Place;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.MethodTypeDesc;
import java.util.List;

/// maths: to[i, j] = epilogue(from[i, j], extras…) over one tile.
/// layout: rows of C any stride apart, elements side by side; rows that the tile holds follow each other.
/// blocking and why: tile by tile, right before or after its sums: what it reads is in the first-level cache. The last
/// vectors of the rows, partly outside C, are a method of their own: a method that has the program of a GELU twice is too
/// much for C1. The loop over rows ends by an address and not by a count: of a counted one C2 makes three loops for its
/// range checks.
/// registers: one vector and what its program needs.
/// evidence: docs/kernels-gemm.md.
final class PassWriter {
    /// Operands of partial vectors that are read by masks: C1 has no room for more in one method.
    private static final int FEW = 3;

    private final PassShape shape;
    private final VectorType type;

    PassWriter(PassShape shape) {
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
        if (shape.vectors() != 1 || !shape.tail()) {
            new Rows(code).whole();
        }
        if (shape.tail()) {
            code.aload(0).aload(1).invokevirtual(MicroKernels.self("Pass"), "edge", MicroKernels.RUN);
        }
        code.return_();
    }

    /// One method: the program on vectors of all rows.
    private final class Rows {
        private final CodeBuilder code;
        private final TileCode tile;
        private final int c;
        private final int cOff;
        private final int cRow;
        private final int held;
        private final int vectors;
        /// The first element of the row in the tile's array.
        private final int heldRow;
        /// Of the vector: its byte in a row of C, its element in the tile's array.
        private final int at;
        private final int heldAt;
        private final int[] segments;
        private final int[] offsets;
        private final ZeroVector zero;

        Rows(CodeBuilder code) {
            this.code = code;
            tile = new TileCode(code);
            int n = shape.extras().size();
            c = tile.segment("c");
            cOff = tile.offset("cOff");
            cRow = tile.offset("cRow");
            held = tile.held(type);
            vectors = tile.number("vectors");
            heldRow = code.allocateLocal(TypeKind.INT);
            code.iconst_0().istore(heldRow);
            at = code.allocateLocal(TypeKind.LONG);
            heldAt = code.allocateLocal(TypeKind.INT);
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
            if (shape.vectors() != PassShape.ANY_WIDTH) {
                each(() -> {
                    for (int v = 0; v < shape.vectors() - (shape.tail() ? 1 : 0); v++) {
                        code.loadConstant((long) v * type.bytes()).lstore(at);
                        code.iload(heldRow).loadConstant(v * type.lanes()).iadd().istore(heldAt);
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
                code.iload(heldRow).iload(j).loadConstant(type.lanes()).imul().iadd().istore(heldAt);
                vector(emitter);
                code.iinc(j, 1).goto_(nextVector).labelBinding(rowEnd);
            });
        }

        private void vector(ProgramEmitter emitter) {
            emitter.body(input -> {
                if (isElement(input)) {
                    return element(input - 1);
                }
                type.species(code);
                if (input == 0 && shape.from() == Place.HELD) {
                    type.fromArray(code.aload(held).iload(heldAt));
                } else {
                    code.aload(segment(input)).lload(offset(input)).lload(at).ladd();
                    type.load(code);
                }
                return false;
            });
            emitter.pushResult(0);
            if (shape.to() == Place.HELD) {
                code.aload(held).iload(heldAt).invokevirtual(type.vector(), "intoArray", type.intoArray());
            } else {
                type.store(code.aload(c).lload(cOff).lload(at).ladd());
            }
        }

        /// The last vectors of all rows. What all rows share, the mask too, is made anew for each: a vector in a local across
        /// the loop is what C2 boxes in some processes. Operands and result pass through places of the tile's array behind
        /// the sums, so that one that ends behind its segment may be read or written element by element ([Tails]).
        void edge() {
            int count = tile.number("tail");
            code.iload(vectors).iconst_1().isub().i2l().loadConstant((long) type.bytes()).lmul().lstore(at);
            var emitter = emitter();
            each(() -> {
                code.iload(heldRow).iload(vectors).iconst_1().isub().loadConstant(type.lanes()).imul().iadd();
                code.istore(heldAt);
                int mask = tile.mask(type);
                int first = shape.from() == Place.HELD ? 1 : 0;
                for (int input = first; input <= segments.length; input++) {
                    if (!isElement(input)) {
                        stage(input, count, segments.length + 1 - first <= FEW ? mask : -1);
                    }
                }
                emitter.body(input -> {
                    if (isElement(input)) {
                        return element(input - 1);
                    }
                    type.species(code).aload(held);
                    if (input == 0 && shape.from() == Place.HELD) {
                        code.iload(heldAt);
                    } else {
                        code.loadConstant(staged(input));
                    }
                    type.fromArray(code);
                    return false;
                });
                result(emitter.pushResult(0).aload(held));
                code.invokevirtual(type.vector(), "intoArray", type.intoArray());
                if (shape.to() == Place.C) {
                    store(count, mask);
                }
            });
            code.return_();
        }

        /// The elements that there are of an operand into its place behind the sums, zeros behind them; without a mask (−1) one
        /// by one.
        private void stage(int input, int count, int mask) {
            Label outside = code.newLabel();
            Label end = code.newLabel();
            if (mask >= 0) {
                ifOutside(segment(input), offset(input), outside);
                type.species(code).aload(segment(input)).lload(offset(input)).lload(at).ladd();
                type.loadMasked(code, mask);
                code.aload(held).loadConstant(staged(input));
                code.invokevirtual(type.vector(), "intoArray", type.intoArray()).goto_(end);
            }
            code.labelBinding(outside);
            code.aload(segment(input)).lload(offset(input)).lload(at).ladd();
            code.aload(held).loadConstant(staged(input)).iload(count);
            Tails.get(code, type);
            code.labelBinding(end);
        }

        /// Pushes where in the tile's array the result goes.
        private CodeBuilder result(CodeBuilder code) {
            return shape.to() == Place.HELD ? code.iload(heldAt) : code.loadConstant(staged(0));
        }

        /// The result, left in the tile's array, as far as it belongs to C.
        private void store(int count, int mask) {
            Label outside = code.newLabel();
            Label end = code.newLabel();
            ifOutside(c, cOff, outside);
            result(type.species(code).aload(held));
            type.exact(type.fromArray(code)).aload(c).lload(cOff).lload(at).ladd();
            type.storeMasked(code, mask);
            result(code.goto_(end).labelBinding(outside).aload(held)).iload(count);
            code.aload(c).lload(cOff).lload(at).ladd();
            Tails.put(code, type);
            code.labelBinding(end);
        }

        /// Jumps when the vector ends behind the segment.
        private void ifOutside(int segment, int offset, Label outside) {
            code.lload(offset).lload(at).ladd().loadConstant((long) type.bytes()).ladd();
            code.aload(segment).invokeinterface(VectorType.SEGMENT, "byteSize", MethodTypeDesc.of(CD_long));
            code.lcmp().ifgt(outside);
        }

        private boolean isElement(int input) {
            return input > 0 && shape.extras().get(input - 1) == Extra.ROWS;
        }

        private int segment(int input) {
            return input == 0 ? c : segments[input - 1];
        }

        private int offset(int input) {
            return input == 0 ? cOff : offsets[input - 1];
        }

        private int staged(int input) {
            return Tile.staged(input) * type.lanes();
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
            int[] steps = new int[offsets.length];
            for (int e = 0; e < steps.length; e++) {
                steps[e] = tile.offset("extraRow", e);
            }
            int rows = tile.number("rows");
            int end = code.allocateLocal(TypeKind.LONG);
            code.lload(cOff).iload(rows).i2l().lload(cRow).lmul().ladd().lstore(end);
            Label nextRow = code.newLabel();
            Label none = code.newLabel();
            code.iload(rows).ifle(none).labelBinding(nextRow);
            row.run();
            code.lload(cOff).lload(cRow).ladd().lstore(cOff);
            code.iload(heldRow).iload(vectors).loadConstant(type.lanes()).imul().iadd().istore(heldRow);
            for (int e = 0; e < steps.length; e++) {
                code.lload(offsets[e]).lload(steps[e]).ladd().lstore(offsets[e]);
            }
            code.lload(cOff).lload(end).lcmp().ifne(nextRow).labelBinding(none);
        }
    }
}
