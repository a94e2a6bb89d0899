package dev.claudebottle.sidecar;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The dependencies between packages, between the classes of each, and on libraries. */
class ArchitectureTest {

    private static final String ROOT = "dev.claudebottle.sidecar";

    /** Each package may depend on those that follow it. */
    private static final List<String> LAYERS =
            List.of("cli", "http", "supervisor", "events", "probes", "logs", "os", "lifecycle", "config", "bundle");

    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void everyPackageHasItsLayer() {
        List<String> packages = OURS.getPackage(ROOT).getSubpackages().stream()
                .map(JavaPackage::getRelativeName)
                .toList();

        assertThat(packages).containsExactlyInAnyOrderElementsOf(LAYERS);
    }

    @Test
    void dependenciesPointDown() {
        for (int layer = 1; layer < LAYERS.size(); layer++) {
            String[] above =
                    LAYERS.subList(0, layer).stream().map(ArchitectureTest::in).toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(in(LAYERS.get(layer)))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .check(OURS);
        }
    }

    @Test
    void theLifecycleDependsOnTheBundleAndTheJdkAlone() {
        classes()
                .that()
                .resideInAPackage(in("lifecycle"))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(in("lifecycle"), in("bundle"), "java..")
                .check(OURS);
    }

    @Test
    void configKnowsOfOursNothingButTheBundle() {
        noClasses()
                .that()
                .resideInAPackage(in("config"))
                .should()
                .dependOnClassesThat(
                        resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(in("config"), in("bundle")))))
                .check(OURS);
    }

    @Test
    void theLifecycleHasNoClockNoThreadsAndNoIo() {
        noClasses()
                .that()
                .resideInAPackage(in("lifecycle"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.io..", "java.nio..", "java.net..", "java.util.concurrent..")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(OURS);
    }

    @Test
    void theClassesOfAPackageFormNoCycle() {
        for (String layer : LAYERS) {
            slices().assignedFrom(new ByTopLevelClass(layer))
                    .should()
                    .beFreeOfCycles()
                    .check(OURS);
        }
    }

    @Test
    void onlyOsCallsTheCLibrary() {
        noClasses()
                .that()
                .resideOutsideOfPackage(in("os"))
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("sun.misc.Signal")
                .check(OURS);
    }

    /** Quarkus' build gives such a class a static logger, which takes 50 ms to set up (decision 0012). */
    @Test
    void noClassUsesQuarkusLog() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("io.quarkus.logging.Log")
                .check(OURS);
    }

    @Test
    void noClassUsesProcessBuilder() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(ProcessBuilder.class)
                .orShould()
                .callMethodWhere(target(owner(equivalentTo(Runtime.class))).and(target(name("exec"))))
                .check(OURS);
    }

    @Test
    void cdiAndQuarkusStayInCliAndHttp() {
        noClasses()
                .that()
                .resideOutsideOfPackages(in("cli"), in("http"))
                .and()
                .doNotHaveSimpleName("Main")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta..", "io.quarkus..", "io.vertx..", "io.smallrye..")
                .check(OURS);
    }

    private static String in(String layer) {
        return ROOT + "." + layer + "..";
    }

    /** One slice for each class of a package, its nested classes included. */
    private record ByTopLevelClass(String layer) implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            if (!javaClass.getPackageName().equals(ROOT + "." + layer)) {
                return SliceIdentifier.ignore();
            }
            return javaClass
                    .getEnclosingClass()
                    .map(this::getIdentifierOf)
                    .orElseGet(() -> SliceIdentifier.of(javaClass.getSimpleName()));
        }

        @Override
        public String getDescription() {
            return "classes of " + layer;
        }
    }
}
