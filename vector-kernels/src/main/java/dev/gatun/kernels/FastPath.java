package dev.gatun.kernels;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.gatun.kernels.vector.VectorWidth;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What this JVM and machine offer to the vector kernels, and why not, if they cannot run at speed: then the kernels
/// refuse to start instead of running a thousand times slower.
///
/// @param jdk version and vendor of the JVM
/// @param compiler the optimising compiler, as the JVM's flags show it
/// @param vectorBits width of the vectors in use; 0 when unknown
/// @param fma whether the JVM has fused multiply-add instructions
/// @param caches data caches of processor 0
/// @param processors processors this JVM may use
/// @param problem why there is no fast path, with the fix; null when there is one
public record FastPath(
        String jdk,
        String compiler,
        int vectorBits,
        boolean fma,
        CacheSizes caches,
        int processors,
        @Nullable String problem) {
    /// System property that forces the vector width: 128, 256 or 512. Read only.
    public static final String BITS = "gatun.vector.bits";

    private static final String MODULE = "jdk.incubator.vector";

    /// Looks at the running JVM. Touches no vector class before the module is known to be there.
    public static FastPath detect() {
        Flags flags = new Flags(ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class));
        String compiler = compiler(flags);
        String problem = problem(flags, compiler);
        int bits = 0;
        if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
            bits = VectorWidth.preferred();
            String forced = System.getProperty(BITS);
            if (forced != null) {
                String wrong = wrongWidth(forced, VectorWidth.largest());
                problem = problem == null ? wrong : problem;
                bits = wrong == null ? Integer.parseInt(forced) : bits;
            }
            if (problem == null && bits < 128) {
                problem = "the processor's vectors have " + bits + " bits under this JVM, at least 128 are needed; run "
                        + "without -XX:UseAVX, -XX:UseSSE and -XX:MaxVectorSize";
            }
        }
        return new FastPath(
                System.getProperty("java.vm.version") + " (" + System.getProperty("java.vendor") + ")", compiler, bits,
                flags.isOn("UseFMA"), CacheSizes.read(Path.of("/sys/devices/system/cpu/cpu0/cache")),
                Runtime.getRuntime().availableProcessors(), problem);
    }

    /// True when the vector kernels run at speed here.
    public boolean isAvailable() {
        return problem == null;
    }

    /// This, or [NoFastPathException] with the reason and the fix.
    public FastPath require() {
        if (problem != null) {
            throw new NoFastPathException("fast path: " + problem + ". Or choose the slow reference kernels: -D"
                    + Kernels.PROPERTY + "=reference");
        }
        return this;
    }

    /// One line per fact.
    public List<String> lines() {
        return List.of(
                "JDK            " + jdk,
                "compiler       " + compiler,
                "vectors        " + (vectorBits == 0 ? "unknown" : vectorBits + " bits"),
                "fma            " + (fma ? "yes" : "no"),
                "caches         " + caches,
                "processors     " + processors,
                "fast path      " + (problem == null ? "yes" : "no: " + problem));
    }

    private static String compiler(Flags flags) {
        String info = System.getProperty("java.vm.info", "").toLowerCase(Locale.ROOT);
        if (!flags.areKnown()) {
            return "unknown (" + System.getProperty("java.vm.name") + ")";
        } else if (info.contains("interpreted")) {
            return "none (interpreter)";
        } else if (flags.isOn("UseJVMCICompiler")) {
            return "JVMCI (Graal)";
        } else if (flags.isOn("TieredCompilation") && !"4".equals(flags.get("TieredStopAtLevel"))) {
            return "C1 (TieredStopAtLevel=" + flags.get("TieredStopAtLevel") + ")";
        }
        return "C2";
    }

    private static @Nullable String problem(Flags flags, String compiler) {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return "the module " + MODULE + " is not in this JVM; start java with --add-modules " + MODULE
                    + " (also in an @argfile or in the environment variable JDK_JAVA_OPTIONS)";
        }
        if (!compiler.equals("C2")) {
            return "the C2 compiler is needed, this JVM has: " + compiler
                    + "; use a HotSpot JDK 25 or newer, without -Xint, -XX:TieredStopAtLevel and -XX:+UseJVMCICompiler";
        }
        if (!flags.isOn("UseFMA")) {
            return "the processor's fused multiply-add is needed; run without -XX:-UseFMA, on x86 from Haswell on or on"
                    + " AArch64";
        }
        return null;
    }

    private static @Nullable String wrongWidth(String forced, int largest) {
        if (!List.of("128", "256", "512").contains(forced)) {
            return "-D" + BITS + " must be 128, 256 or 512: " + forced;
        }
        return Integer.parseInt(forced) > largest
                ? "-D" + BITS + "=" + forced + ": vectors of this processor have at most " + largest + " bits"
                : null;
    }

    /// The JVM's flags; not known on a JVM that is not HotSpot.
    private record Flags(@Nullable HotSpotDiagnosticMXBean bean) {
        boolean areKnown() {
            return bean != null;
        }

        @Nullable
        String get(String flag) {
            try {
                return bean == null ? null : bean.getVMOption(flag).getValue();
            } catch (IllegalArgumentException noSuchFlag) {
                return null;
            }
        }

        boolean isOn(String flag) {
            return "true".equals(get(flag));
        }
    }
}
