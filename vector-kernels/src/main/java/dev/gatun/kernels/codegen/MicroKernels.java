package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import dev.gatun.kernels.Rehearsal;
import dev.gatun.kernels.codegen.PassShape.Extra;
import dev.gatun.kernels.codegen.TileRehearsal.Loop;
import dev.gatun.kernels.expr.Expr;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The compiled micro-kernels of one set of kernels: each shape becomes a hidden class once. A class is unloaded with
/// the last use of this object and of the calls made from it.
public final class MicroKernels {
    static final ClassDesc TILE = ClassDesc.of(Tile.class.getName());
    static final MethodTypeDesc RUN = MethodTypeDesc.of(CD_void, TILE);

    private final Map<Object, MicroKernel> made = new ConcurrentHashMap<>();
    private final Queue<Rehearsal> fresh = new ConcurrentLinkedQueue<>();

    /// The kernel of this shape.
    public MicroKernel product(MicroShape shape) {
        return made.computeIfAbsent(shape,
                _ -> define("Product", new ProductWriter(shape)::write, shape.type(), Loop.TERMS, 0, false));
    }

    /// The kernel that copies rows of B into a panel of `vectors` vectors per row, zeros behind the tail.
    public MicroKernel panel(VectorType type, int vectors, boolean tail) {
        PanelShape shape = new PanelShape(type, vectors, tail);
        return made.computeIfAbsent(shape, _ -> define("Panel", new PanelWriter(shape)::write, type, Loop.TERMS, 0,
                false));
    }

    /// The kernel of a pass over tiles.
    public MicroKernel pass(PassShape shape) {
        return made.computeIfAbsent(shape,
                _ -> define("Pass", new PassWriter(shape)::write, shape.type(), Loop.TERMS, shape.extras().size(),
                        shape.isHeld() || shape.tail()));
    }

    /// The kernels that apply an epilogue to C without (first) and with a tail (second), rows of any width: null for those
    /// that do not occur, since each that is made costs the JIT compiler a tenth of a second.
    public @Nullable MicroKernel[] passes(
            VectorType type, Expr epilogue, List<Extra> extras, boolean whole, boolean tail) {
        return new @Nullable MicroKernel[] {
            whole ? pass(PassShape.over(type, false, epilogue, extras)) : null,
            tail ? pass(PassShape.over(type, true, epilogue, extras)) : null
        };
    }

    /// The kernel of dot products of `rows` rows with one vector.
    public MicroKernel dot(VectorType type, int rows) {
        DotShape shape = new DotShape(type, rows);
        return made.computeIfAbsent(shape,
                _ -> define("Dot", new DotWriter(shape)::write, type, Loop.VECTORS, 1, false));
    }

    /// The kernels made since the last time, each with what makes the JIT compiler know it.
    public List<Rehearsal> rehearsals() {
        List<Rehearsal> all = new ArrayList<>();
        for (Rehearsal one = fresh.poll(); one != null; one = fresh.poll()) {
            all.add(one);
        }
        return all;
    }

    private MicroKernel define(
            String name, Consumer<ClassBuilder> members, VectorType type, Loop loop, int extras, boolean helped) {
        MicroKernel kernel = define(name, members);
        fresh.add(new TileRehearsal(kernel, type, loop, extras, helped));
        return kernel;
    }

    /// The kernel of a filter on one plane.
    public MicroKernel stencil(StencilShape shape) {
        return made.computeIfAbsent(shape, _ -> define("Stencil", type -> StencilWriter.write(shape, type)));
    }

    /// The kernel of one filter per channel on images that lie channels last.
    public MicroKernel stencil(PixelStencilShape shape) {
        return made.computeIfAbsent(shape,
                _ -> define("PixelStencil", type -> PixelStencilWriter.write(shape, type), shape.type(), Loop.TERMS,
                        shape.extras(), false));
    }

    /// The kernel that sums up the gradient of a filter on one plane.
    public MicroKernel stencilSums(StencilSumsShape shape) {
        return made.computeIfAbsent(shape, _ -> define("StencilSums", type -> StencilSumsWriter.write(shape, type)));
    }

    /// What a kernel's class is called before it is hidden.
    static ClassDesc self(String name) {
        return ClassDesc.of(MicroKernels.class.getPackageName(), name + "Kernel");
    }

    private static MicroKernel define(String name, Consumer<ClassBuilder> members) {
        ClassDesc self = self(name);
        byte[] bytes = ClassFile.of().build(self, type -> {
            type.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL);
            type.withInterfaceSymbols(ClassDesc.of(MicroKernel.class.getName()));
            type.withMethodBody(
                    INIT_NAME, MTD_void, ClassFile.ACC_PUBLIC,
                    code -> code.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void).return_());
            members.accept(type);
        });
        try {
            MethodHandles.Lookup hidden = MethodHandles.lookup().defineHiddenClass(bytes, true);
            MethodType none = MethodType.methodType(void.class);
            return (MicroKernel) hidden.findConstructor(hidden.lookupClass(), none).invoke();
        } catch (Throwable failure) {
            throw new IllegalStateException("codegen: the generated class was refused: " + name, failure);
        }
    }

    record DotShape(VectorType type, int rows) {}

    record PanelShape(VectorType type, int vectors, boolean tail) {}
}
