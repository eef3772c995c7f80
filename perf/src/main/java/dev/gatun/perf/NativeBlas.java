package dev.gatun.perf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.gatun.kernels.FastPath;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A native BLAS, if it is installed where Debian puts it. Each library is looked up by itself, since all of them
/// define `cblas_sgemm`.
@SuppressWarnings("restricted")
final class NativeBlas {
    private static final int ROW_MAJOR = 101;
    private static final int AS_IT_IS = 111;
    private static final List<String> FOLDERS =
            List.of("/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/", "/usr/lib64/", "/usr/lib/");

    private final String name;
    private final MethodHandle sgemm;
    private final String about;

    private NativeBlas(String name, MethodHandle sgemm, String about) {
        this.name = name;
        this.sgemm = sgemm;
        this.about = about;
    }

    /// Debian's libopenblas0-pthread.
    static Optional<NativeBlas> openBlas(int threads) {
        return find("openblas-pthread/libopenblas.so.0").map(file -> {
            wide("OPENBLAS_CORETYPE", "SkylakeX");
            SymbolLookup symbols = SymbolLookup.libraryLookup(file, Arena.global());
            call(symbols, "openblas_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT), threads);
            Object core = call(symbols, "openblas_get_corename", FunctionDescriptor.of(ADDRESS));
            return of("openblas", symbols, file, "core type " + text(core));
        });
    }

    /// Debian's libblis4-pthread.
    static Optional<NativeBlas> blis(int threads) {
        return find("blis-pthread/libblis.so.4").map(file -> {
            wide("BLIS_ARCH_TYPE", "skx");
            SymbolLookup symbols = SymbolLookup.libraryLookup(file, Arena.global());
            call(symbols, "bli_thread_set_num_threads", FunctionDescriptor.ofVoid(JAVA_LONG), (long) threads);
            Object id = call(symbols, "bli_arch_query_id", FunctionDescriptor.of(JAVA_INT));
            Object architecture =
                    call(symbols, "bli_arch_string", FunctionDescriptor.of(ADDRESS, JAVA_INT), id);
            return of("blis", symbols, file, "configuration " + text(architecture));
        });
    }

    /// Names the kernels for 512 bits to a library that is about to be loaded, where the machine has such vectors and the
    /// caller named none: of processors newer than themselves both libraries take some for a generic one (OpenBLAS 0.3.21
    /// then runs SSE3), which would be no opponent. A library reads this variable while it is loaded, and of the process, not
    /// of Java's copy.
    private static void wide(String variable, String kernels) {
        if (FastPath.detect().vectorBits() < 512) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            call(Linker.nativeLinker().defaultLookup(), "setenv",
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT), arena.allocateFrom(variable),
                    arena.allocateFrom(kernels), 0);
        }
    }

    private static Optional<Path> find(String library) {
        return FOLDERS.stream().map(folder -> Path.of(folder + library)).filter(Files::exists).findFirst();
    }

    private static NativeBlas of(String name, SymbolLookup symbols, Path file, String about) {
        FunctionDescriptor type = FunctionDescriptor.ofVoid(
                JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_FLOAT, ADDRESS, JAVA_INT, ADDRESS,
                JAVA_INT, JAVA_FLOAT, ADDRESS, JAVA_INT);
        MethodHandle sgemm =
                Linker.nativeLinker().downcallHandle(symbols.findOrThrow("cblas_sgemm"), type);
        return new NativeBlas(name, sgemm, name + ": " + file + ", " + about);
    }

    private static Object call(SymbolLookup symbols, String function, FunctionDescriptor type, Object... arguments) {
        try {
            Object result = Linker.nativeLinker()
                    .downcallHandle(symbols.findOrThrow(function), type)
                    .invokeWithArguments(arguments);
            return result == null ? "" : result;
        } catch (Throwable failure) {
            throw new IllegalStateException("bench: " + function + " failed", failure);
        }
    }

    private static String text(Object pointer) {
        return ((MemorySegment) pointer).reinterpret(64).getString(0);
    }

    String name() {
        return name;
    }

    /// The file and the processor it takes this one for.
    String about() {
        return about;
    }

    /// `C = A·B`, row-major without gaps.
    void sgemm(int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c) throws Throwable {
        sgemm.invokeExact(ROW_MAJOR, AS_IT_IS, AS_IT_IS, m, n, k, 1f, a, k, b, n, 0f, c, n);
    }
}
