package mnist;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.File;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The directions in which packages may depend on one another. */
class ArchitectureTest {
    /** A package may depend on those before it alone, so there are no cycles, and no shared package knows a problem. */
    private static final List<String> ORDER = List.of(
            "libtorch",
            "libtorch.data",
            "libtorch.nn",
            "libtorch.export",
            "libtorch.distributed",
            "libtorch.training",
            "mnist.system",
            "mnist.data",
            "mnist.evaluation",
            "mnist.figures",
            "mnist.run",
            "mnist.prob3",
            "mnist.prob4",
            "mnist.prob5",
            "mnist.prob6",
            "mnist.study",
            "mnist.report",
            "mnist.play",
            "mnist.check",
            "mnist");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages("libtorch", "mnist");

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        classes().should().resideInAnyPackage(ORDER.toArray(String[]::new)).check(CLASSES);
    }

    @Test
    void noPackageDependsOnALaterOne() {
        for (int i = 0; i < ORDER.size() - 1; i++) {
            List<String> later = ORDER.subList(i + 1, ORDER.size());
            neverDepends(ORDER.get(i), later.toArray(String[]::new));
        }
    }

    @Test
    void exportAndDistributedDoNotDependOnEachOther() {
        slices().matching("libtorch.(export|distributed)")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void problemsDoNotDependOnEachOther() {
        slices().matching("mnist.(prob*)").should().notDependOnEachOther().check(CLASSES);
    }

    @Test
    void theLibraryKnowsNoCommandLineTerminalOrChart() {
        neverDepends(
                "libtorch..",
                "mnist..",
                "info.picocli..",
                "picocli..",
                "me.tongfei..",
                "org.jline..",
                "org.jfree..",
                "java.awt..",
                "javax.swing..",
                "sun.misc..");
    }

    @Test
    void theLibraryWritesToNoStreamAndEndsNoProcess() {
        noClasses()
                .that(resideInAnyPackage("libtorch.."))
                .should(ACCESS_STANDARD_STREAMS)
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .check(CLASSES);
    }

    @Test
    void theLoopKnowsNoFile() {
        noClasses()
                .that(resideInAnyPackage("libtorch.training"))
                .and()
                .doNotHaveSimpleName("Checkpoint")
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.nio.file").or(type(File.class)))
                .check(CLASSES);
    }

    @Test
    void figuresKnowNoTensors() {
        neverDepends("mnist.figures", "org.bytedeco..");
    }

    private static void neverDepends(String from, String... on) {
        noClasses()
                .that(resideInAnyPackage(from))
                .should()
                .dependOnClassesThat(resideInAnyPackage(on))
                .check(CLASSES);
    }
}
