package dev.gatun.kernels.codegen;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;

/// maths: sum[i, j] += Σ_p a[i, p]·b[p, j] for one register tile, p ascending.
/// layout: A and B with rows any stride apart, elements side by side, or A where tables say; a packed panel of B has no
/// gaps, several panels of one tile are any stride apart. Sums begin with zeros or with what the tile holds, and go to C or
/// stay in the tile, where a pass finds them ([PassWriter]).
/// blocking and why: none inside; each element has one accumulator for all of p, so its bits depend on k alone. Old C,
/// epilogues and partial vectors are not in here: C1 gives up on the sum of all accesses, and what C2 has not bound after
/// 18,000 nodes boxes its vectors in some processes (docs/kernels-jit.md). And one kernel does for all epilogues.
/// registers: rows·vectors accumulators (at most 24), one row of B, one broadcast element of A.
/// evidence: 84 % of a Granite Rapids core's peak in short loops up to 128, more in long ones; docs/kernels-gemm.md.
final class ProductWriter {
    private final MicroShape shape;
    private final VectorType type;

    ProductWriter(MicroShape shape) {
        this.shape = shape;
        this.type = shape.type();
    }

    void write(ClassBuilder builder) {
        builder.withMethodBody("run", MicroKernels.RUN, ClassFile.ACC_PUBLIC, this::run);
    }

    private void run(CodeBuilder code) {
        TileCode tile = new TileCode(code);
        var zero = new ZeroVector(type, code);
        ProductLoop loop = new ProductLoop(shape, code, tile);
        int held = shape.resumed() || shape.held() ? tile.held(type) : -1;
        int[] sums = TileCode.locals(code, shape.rows() * shape.vectors(), TypeKind.REFERENCE);
        for (int i = 0; i < sums.length; i++) {
            if (shape.resumed()) {
                type.species(code);
                type.fromArray(code.aload(held).loadConstant(i * type.lanes()));
            } else {
                zero.push();
            }
            code.astore(sums[i]);
        }
        loop.write(sums);
        if (shape.held()) {
            for (int i = 0; i < sums.length; i++) {
                code.aload(sums[i]).aload(held).loadConstant(i * type.lanes());
                code.invokevirtual(type.vector(), "intoArray", type.intoArray());
            }
        } else {
            store(code, tile, sums);
        }
        code.return_();
    }

    private void store(CodeBuilder code, TileCode tile, int[] sums) {
        int c = tile.segment("c");
        int at = tile.offset("cOff");
        int cRow = tile.offset("cRow");
        for (int i = 0; i < shape.rows(); i++) {
            for (int j = 0; j < shape.vectors(); j++) {
                code.aload(sums[i * shape.vectors() + j]).aload(c);
                TileCode.at(code, at, (long) j * type.bytes());
                type.store(code);
            }
            code.lload(at).lload(cRow).ladd().lstore(at);
        }
    }
}
