package io.dragon.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.concurrent.locks.LockSupport;

/** The rooms of the architecture: imports point downwards, and the deterministic core knows nothing but codecs and Agrona. */
@AnalyzeClasses(packages = "io.dragon", importOptions = ImportOption.DoNotIncludeTests.class)
final class ImportDirectionTest {
    private static final String ENGINE = "io.dragon.engine.";
    private static final String SEQUENCER = "io.dragon.engine.sequencer..";

    @ArchTest
    static final ArchRule theSequencerImportsNothingButCodecsAndAgrona = classes()
            .that()
            .resideInAPackage(SEQUENCER)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    SEQUENCER,
                    "io.dragon.codecs..",
                    "org.agrona..",
                    "java.lang..",
                    "java.util",
                    "java.util.function",
                    "java.nio.charset",
                    "java.nio"));

    @ArchTest
    static final ArchRule theSequencerReadsNoClockNoRandomnessNoHashOrder = noClasses()
            .that()
            .resideInAPackage(SEQUENCER)
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.Random")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.HashMap")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.HashSet")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(System.class, "identityHashCode", Object.class);

    @ArchTest
    static final ArchRule roomsOfTheEngineImportDownwards = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("client")
            .definedBy(ENGINE + "client..")
            .layer("cluster")
            .definedBy(ENGINE + "cluster..")
            .layer("node")
            .definedBy(ENGINE + "node..")
            .layer("sequencer")
            .definedBy(SEQUENCER)
            .layer("frame")
            .definedBy(ENGINE + "frame..")
            .layer("metrics")
            .definedBy(ENGINE + "metrics..")
            .layer("config")
            .definedBy(ENGINE + "config..")
            .layer("worker")
            .definedBy("io.dragon.worker..")
            .layer("tools")
            .definedBy("io.dragon.tools..")
            .whereLayer("tools")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("worker")
            .mayOnlyBeAccessedByLayers("tools")
            .whereLayer("client")
            .mayOnlyBeAccessedByLayers("worker", "tools")
            .whereLayer("cluster")
            .mayOnlyBeAccessedByLayers("client", "worker", "tools")
            .whereLayer("node")
            .mayOnlyBeAccessedByLayers("cluster", "client", "worker", "tools")
            .whereLayer("sequencer")
            .mayOnlyBeAccessedByLayers("cluster");

    @ArchTest
    static final ArchRule yamlStaysInConfig = noClasses()
            .that()
            .resideOutsideOfPackage(ENGINE + "config..")
            .should()
            .dependOnClassesThat(resideInAPackage("org.snakeyaml.."));

    @ArchTest
    static final ArchRule theEngineLogsThroughErrorHandlers = noClasses()
            .that()
            .resideInAnyPackage("io.dragon.engine..", "io.dragon.worker..")
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("org.slf4j..", "ch.qos.logback..", "java.util.logging..", "info.picocli.."));

    @ArchTest
    static final ArchRule theHotRoomsTakeNoLocks = noClasses()
            .that()
            .resideInAnyPackage(SEQUENCER, ENGINE + "frame..")
            .should()
            .dependOnClassesThat(
                    resideInAPackage("java.util.concurrent.locks..").and(not(equivalentTo(LockSupport.class))))
            .because("a frame or a command must never wait for a lock; parking for a while is waiting, but not a lock");

    @ArchTest
    static final ArchRule codecsImportNothingOfOurs = noClasses()
            .that()
            .resideInAPackage("io.dragon.codecs..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.dragon.engine..", "io.dragon.worker..", "io.dragon.tools.."));
}
