package dev.gatun.kernels.codegen;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import dev.gatun.kernels.Call;
import dev.gatun.kernels.expr.Expr;
import dev.gatun.kernels.thread.Threads;
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

/// The compiled micro-kernels of one set of kernels: each shape becomes a hidden class once. A class is unloaded with
/// the last use of this object and of the calls made from it.
public final class MicroKernels {
    static final ClassDesc TILE = ClassDesc.of(Tile.class.getName());
    static final MethodTypeDesc RUN = MethodTypeDesc.of(CD_void, TILE);

    private final Map<Object, MicroKernel> made = new ConcurrentHashMap<>();
    private final Queue<Rehearsal.Part> fresh = new ConcurrentLinkedQueue<>();

    /// The kernel of this shape.
    public MicroKernel product(MicroShape shape) {
        return made.computeIfAbsent(shape,
                _ -> define("Product", new ProductWriter(shape)::write, shape.type(), false, shape.extras().size()));
    }

    /// The kernel that copies rows of B into a panel of `vectors` vectors per row, zeros behind the tail.
    public MicroKernel panel(VectorType type, int vectors, boolean tail) {
        PanelShape shape = new PanelShape(type, vectors, tail);
        return made.computeIfAbsent(shape, _ -> define("Panel", new PanelWriter(shape)::write, type, false, 0));
    }

    /// The kernel that applies an epilogue to a tile of C in memory.
    public MicroKernel pass(VectorType type, boolean tail, Expr epilogue, List<MicroShape.Extra> extras) {
        PassShape shape = new PassShape(type, tail, epilogue, List.copyOf(extras));
        return made.computeIfAbsent(shape,
                _ -> define("Pass", new PassWriter(shape)::write, type, false, extras.size()));
    }

    /// The kernel of dot products of `rows` rows with one vector.
    public MicroKernel dot(VectorType type, int rows) {
        DotShape shape = new DotShape(type, rows);
        return made.computeIfAbsent(shape, _ -> define("Dot", new DotWriter(shape)::write, type, true, 1));
    }

    /// A call that runs every kernel made since the last rehearsal so often, on scratch memory, that the optimising
    /// compiler has all it needs to know; it may still be at work afterwards.
    public Call rehearsal(Threads threads) {
        List<Rehearsal.Part> parts = new ArrayList<>();
        for (Rehearsal.Part part = fresh.poll(); part != null; part = fresh.poll()) {
            parts.add(part);
        }
        return new Rehearsal(threads, parts);
    }

    private MicroKernel define(
            String name, Consumer<ClassBuilder> members, VectorType type, boolean longRows, int extras) {
        MicroKernel kernel = define(name, members);
        fresh.add(new Rehearsal.Part(kernel, type, longRows, extras));
        return kernel;
    }

    /// The kernel of a filter on one plane.
    public MicroKernel stencil(StencilShape shape) {
        return made.computeIfAbsent(shape, _ -> define("Stencil", type -> StencilWriter.write(shape, type)));
    }

    /// The kernel of one filter per channel on images that lie channels last.
    public MicroKernel stencil(PixelStencilShape shape) {
        return made.computeIfAbsent(shape,
                _ -> define("PixelStencil", type -> PixelStencilWriter.write(shape, type), shape.type(), false,
                        shape.extras()));
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

    record PassShape(VectorType type, boolean tail, Expr epilogue, List<MicroShape.Extra> extras) {}

    record PanelShape(VectorType type, int vectors, boolean tail) {}
}
