package mnist;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
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
            "mnist.runtime",
            "mnist.data",
            "mnist.model",
            "mnist.formats",
            "mnist.distributed",
            "mnist.evaluation",
            "mnist.training",
            "mnist.figures",
            "mnist.run",
            "mnist.example",
            "mnist.prob3",
            "mnist.prob4",
            "mnist.prob5",
            "mnist.prob6",
            "mnist.report",
            "mnist.play",
            "mnist.check",
            "mnist");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages("mnist");

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
    void formatsRanksAndMeasuresDoNotDependOnEachOther() {
        slices().matching("mnist.(formats|distributed|evaluation)")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void problemsAndTheExampleDoNotDependOnEachOther() {
        slices().matching("mnist.(prob*|example)")
                .should()
                .notDependOnEachOther()
                .check(CLASSES);
    }

    @Test
    void trainingKnowsNoFileTerminalOrChart() {
        neverDepends(
                "mnist.training",
                "java.nio.file",
                "me.tongfei..",
                "mnist.figures",
                "org.jfree..",
                "java.awt..",
                "javax.swing..");
        noClasses()
                .that(resideInAnyPackage("mnist.training"))
                .should()
                .dependOnClassesThat(type(File.class))
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
