package dev.gatun.tests.project;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.conditions.ArchConditions.have;
import static com.tngtech.archunit.lang.conditions.ArchConditions.not;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Who may use what, read from the class files.
class RoomsTest {
    private static final JavaClasses CORE = load(Checkout.CORE);
    private static final JavaClasses ALL = load(Checkout.MODULES);

    private static final String KERNELS = "dev.gatun.kernels..";
    private static final String OPS = "dev.gatun.ops..";
    private static final String NN = "dev.gatun.nn..";
    private static final String ONNX = "dev.gatun.onnx..";
    private static final String PERF = "dev.gatun.perf..";
    private static final String TESTS = "dev.gatun.tests..";

    /// Methods that need native access or unchecked memory, by owner.
    private static final Map<String, Set<String>> RESTRICTED = Map.of(
            "java.lang.foreign.MemorySegment", Set.of("reinterpret"),
            "java.lang.foreign.AddressLayout", Set.of("withTargetLayout"),
            "java.lang.foreign.Linker", Set.of("downcallHandle", "upcallStub", "nativeLinker"),
            "java.lang.foreign.SymbolLookup", Set.of("libraryLookup", "loaderLookup"),
            "java.lang.System", Set.of("load", "loadLibrary"),
            "java.lang.Runtime", Set.of("load", "loadLibrary"),
            "java.lang.ModuleLayer$Controller", Set.of("enableNativeAccess"));

    /// Methods that change the JVM of the host, by owner.
    private static final Map<String, Set<String>> HOST = Map.of(
            "java.lang.System",
            Set.of("setProperty", "setProperties", "clearProperty", "setOut", "setErr", "setIn", "exit"),
            "java.lang.Runtime", Set.of("exit", "halt"),
            "java.lang.Thread", Set.of("setDefaultUncaughtExceptionHandler"),
            "java.util.Locale", Set.of("setDefault"),
            "java.util.TimeZone", Set.of("setDefault"));

    private static JavaClasses load(List<String> modules) {
        return new ClassFileImporter().importPaths(modules.stream().map(Checkout::classes).toArray(Path[]::new));
    }

    private static void check(ArchRule rule, JavaClasses classes) {
        rule.allowEmptyShould(true).check(classes);
    }

    private static DescribedPredicate<JavaCall<?>> anyOf(String text, Map<String, Set<String>> methods) {
        return describe(text,
                call -> methods.getOrDefault(call.getTargetOwner().getName(), Set.of()).contains(call.getName()));
    }

    @Test
    void everyModuleIsSeen() {
        for (String room : List.of("kernels", "ops", "nn", "onnx", "perf", "tests")) {
            assertThat(ALL).as(room).anyMatch(c -> c.getPackageName().startsWith("dev.gatun." + room));
        }
    }

    @Test
    void onlyTheKernelsSeeTheIncubator() {
        check(noClasses().that().resideOutsideOfPackage(KERNELS).should().dependOnClassesThat()
                .resideInAPackage("jdk.incubator.."), ALL);
    }

    @Test
    void roomsDependInOneDirection() {
        check(noClasses().that().resideInAPackage(KERNELS).should().dependOnClassesThat()
                .resideInAnyPackage(OPS, NN, ONNX, PERF, TESTS), ALL);
        check(noClasses().that().resideInAPackage(OPS).should().dependOnClassesThat()
                .resideInAnyPackage(NN, ONNX, PERF, TESTS), ALL);
        check(noClasses().that().resideInAPackage(NN).should().dependOnClassesThat()
                .resideInAnyPackage(ONNX, PERF, TESTS), ALL);
        check(noClasses().that().resideInAPackage(ONNX).should().dependOnClassesThat()
                .resideInAnyPackage(PERF, TESTS), ALL);
        check(noClasses().that().resideInAPackage(PERF).should().dependOnClassesThat()
                .resideInAPackage(TESTS), ALL);
    }

    @Test
    void kernelsAndOpsStandOnTheJdkAlone() {
        check(classes().that().resideInAnyPackage(KERNELS, OPS).should().onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax..", "jdk..", "com.sun.management..", "org.jspecify..", KERNELS,
                        OPS),
                CORE);
    }

    @Test
    void noCyclesBetweenPackages() {
        // One slice per package: `(**)` takes the whole rest of the name. Left out: the two types that choose an
        // implementation, and say why it cannot run, have to name it; and the checks count indices with Walk.
        check(slices().matching("dev.gatun.(**)").should().beFreeOfCycles()
                .ignoreDependency(nameMatching("dev\\.gatun\\.kernels\\.(Kernels|FastPath)(\\$.*)?"),
                        resideInAPackage(KERNELS))
                .ignoreDependency(alwaysTrue(), nameMatching("dev\\.gatun\\.kernels\\.reference\\.Walk")), ALL);
    }

    @Test
    void nobodyUsesTheCommonPool() {
        check(noClasses().should().callMethodWhere(describe("runs on the common pool", call -> {
            JavaClass owner = call.getTargetOwner();
            String name = call.getName();
            return switch (owner.getName()) {
                case "java.util.concurrent.ForkJoinPool" -> name.equals("commonPool");
                case "java.util.concurrent.CompletableFuture", "java.util.concurrent.CompletionStage" ->
                        name.endsWith("Async") && call.getTarget().getRawParameterTypes().stream()
                                .noneMatch(t -> t.getName().equals("java.util.concurrent.Executor"));
                case "java.util.Arrays" -> name.startsWith("parallel");
                default -> name.equals("parallelStream")
                        || name.equals("parallel") && owner.getPackageName().equals("java.util.stream");
            };
        })), ALL);
    }

    @Test
    void coreCallsNoRestrictedMethod() {
        check(noClasses().should().callMethodWhere(anyOf("is restricted", RESTRICTED)), CORE);
        check(noClasses().should().dependOnClassesThat().haveFullyQualifiedName("sun.misc.Unsafe")
                .orShould().dependOnClassesThat().resideInAPackage("jdk.internal.."), ALL);
    }

    @Test
    void coreLeavesTheHostAlone() {
        check(noClasses().should().callMethodWhere(anyOf("changes the host's JVM", HOST)), CORE);
    }

    @Test
    void coreHasNoMutableStaticState() {
        check(fields().that().areStatic().should().beFinal(), CORE);
        check(fields().that().areStatic().and().arePublic()
                .should(not(have(describe("an array type", f -> f.getRawType().isArray())))), CORE);
    }

    @Test
    void namesSayWhatAThingIs() {
        check(noClasses().should()
                .resideInAnyPackage("..util..", "..impl..", "..common..", "..helper..", "..helpers..", "..misc..")
                .orShould().haveSimpleNameStartingWith("Abstract").orShould().haveSimpleNameEndingWith("Manager")
                .orShould().haveSimpleNameEndingWith("Util").orShould().haveSimpleNameEndingWith("Utils")
                .orShould().haveSimpleNameEndingWith("Helper").orShould().haveSimpleNameEndingWith("Impl"), ALL);
    }
}
