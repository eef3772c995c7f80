package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;

/// The epilogue of a product on its accumulators: each goes through the program, operands that several accumulators
/// share are loaded once.
final class EpilogueCode {
    private final MicroShape shape;
    private final ZeroVector zero;
    private final CodeBuilder code;
    private final VectorType type;
    private final int mask;
    private final ProgramEmitter emitter;
    private final int[] segments;
    private final int[] offsets;
    private final int[] steps;
    private final int[][] shared;
    private final int[][] rows;

    EpilogueCode(MicroShape shape, ZeroVector zero, TileCode tile, int mask) {
        this.shape = shape;
        this.zero = zero;
        code = zero.code();
        this.type = shape.type();
        this.mask = mask;
        emitter = new ProgramEmitter(ExprLowering.lower(type.dtype(), List.of(shape.epilogue())), zero);
        emitter.withoutCasts();
        int n = shape.extras().size();
        segments = new int[n];
        offsets = new int[n];
        steps = new int[n];
        shared = new int[n][];
        rows = new int[n][];
        for (int e = 0; e < n; e++) {
            segments[e] = tile.segment("extra", e);
            offsets[e] = tile.offset("extraOff", e);
            steps[e] = tile.offset("extraRow", e);
        }
    }

    static MethodTypeDesc rowType(VectorType type) {
        return MethodTypeDesc.of(type.element(), VectorType.SEGMENT, CD_long);
    }

    /// Reads the elements that belong to whole rows; to be written before the loop of the sums, since behind it C2
    /// inlines no helper any more (docs/kernels-gemm.md). `self` has a static method `row` of [#rowType]: read here, one
    /// would weigh on C1 as much as one and a half vectors.
    void rows(ClassDesc self) {
        TypeKind kind = TypeKind.from(type.element());
        for (int e = 0; e < rows.length; e++) {
            if (shape.extras().get(e) == MicroShape.Extra.ROWS) {
                rows[e] = new int[shape.rows()];
                for (int i = 0; i < rows[e].length; i++) {
                    rows[e][i] = code.allocateLocal(kind);
                    code.aload(segments[e]).lload(offsets[e]).invokestatic(self, "row", rowType(type));
                    code.storeLocal(kind, rows[e][i]);
                    code.lload(offsets[e]).lload(steps[e]).ladd().lstore(offsets[e]);
                }
            }
        }
    }

    void apply(int[] sums) {
        emitter.constants();
        for (int e = 0; e < shared.length; e++) {
            if (shape.extras().get(e) == MicroShape.Extra.COLUMNS) {
                shared[e] = new int[shape.vectors()];
                for (int j = 0; j < shape.vectors(); j++) {
                    vector(e, j);
                    shared[e][j] = code.allocateLocal(TypeKind.REFERENCE);
                    code.astore(shared[e][j]);
                }
            }
        }
        for (int i = 0; i < shape.rows(); i++) {
            for (int e = 0; e < shared.length; e++) {
                if (shape.extras().get(e) == MicroShape.Extra.ROWS) {
                    int local = code.allocateLocal(TypeKind.REFERENCE);
                    zero.push().loadLocal(TypeKind.from(type.element()), rows[e][i]);
                    zero.broadcast().astore(local);
                    shared[e] = new int[shape.vectors()];
                    java.util.Arrays.fill(shared[e], local);
                }
            }
            for (int j = 0; j < shape.vectors(); j++) {
                int sum = sums[i * shape.vectors() + j];
                int column = j;
                emitter.body(input -> {
                    if (input == 0) {
                        code.aload(sum);
                        return false;
                    }
                    if (shared[input - 1] != null) {
                        code.aload(shared[input - 1][column]);
                        return false;
                    }
                    vector(input - 1, column);
                    return false;
                });
                code.aload(emitter.result(0)).astore(sum);
            }
            for (int e = 0; e < shared.length; e++) {
                if (shape.extras().get(e) == MicroShape.Extra.FULL) {
                    code.lload(offsets[e]).lload(steps[e]).ladd().lstore(offsets[e]);
                }
            }
        }
    }

    private void vector(int e, int j) {
        type.species(code);
        code.aload(segments[e]);
        TileCode.at(code, offsets[e], (long) j * type.bytes());
        if (shape.tail() && j == shape.vectors() - 1) {
            type.loadMasked(code, mask);
        } else {
            type.load(code);
        }
    }
}
