package dev.quic.arch;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.Serializable;
import java.util.List;

/** Rules 1 to 4 and 9: the core is sans-IO, its rooms are layered. */
@AnalyzeClasses(packages = "dev.quic", importOptions = ImportOption.DoNotIncludeTests.class)
final class CoreRulesTest {
  private static final String CORE = "dev.quic.dataplane.core..";
  private static final String ROOM = "dev.quic.dataplane.core.";

  private static final List<String> LEAVES = List.of("connid", "pnspace", "cong", "path", "crypto");

  private static final DescribedPredicate<JavaClass> IO_TYPES =
      resideInAnyPackage("java.io..")
          .and(DescribedPredicate.not(assignableTo(Throwable.class)))
          .and(DescribedPredicate.not(assignableTo(Serializable.class)))
          // writeObject of a key, which refuses.
          .and(DescribedPredicate.not(name("java.io.ObjectOutputStream")))
          .as("java.io beyond exceptions");

  @ArchTest
  static final ArchRule coreDependsOnFewThings =
      classes()
          .that()
          .resideInAPackage(CORE)
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              CORE,
              "dev.quic.uapi..",
              "java..",
              "javax.crypto..",
              "javax.security.auth",
              "org.jspecify..");

  @ArchTest
  static final ArchRule coreTouchesNoOutsideWorld =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "java.net..",
                      "java.nio.channels..",
                      "java.nio.file..",
                      "java.util.concurrent..",
                      "java.util.logging..",
                      "java.lang.foreign..")
                  .or(IO_TYPES)
                  .or(name("java.time.Clock"))
                  .or(name("java.time.Instant"))
                  .or(name("java.lang.Thread"))
                  .or(name("java.util.Random"))
                  .or(name("java.util.UUID"))
                  .or(name("java.security.SecureRandom")));

  @ArchTest
  static final ArchRule coreReadsNoClockAndNoDice =
      noClasses()
          .that()
          .resideInAPackage(CORE)
          .should()
          .callMethodWhere(
              target(owner(name("java.lang.System")))
                  .and(target(nameMatching("nanoTime|currentTimeMillis|getenv|getProperty")))
                  .or(target(owner(name("java.lang.Math"))).and(target(name("random")))));

  @ArchTest
  static final ArchRule cryptoStaysInItsRoom =
      noClasses()
          .that(
              are(
                  resideInAPackage(CORE)
                      .and(DescribedPredicate.not(resideInAPackage(ROOM + "crypto..")))))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("javax.crypto..", "java.security..");

  @ArchTest
  static void leavesImportOnlyCommon(JavaClasses classes) {
    for (String leaf : LEAVES) {
      classes()
          .that()
          .resideInAPackage(ROOM + leaf + "..")
          .should()
          .onlyDependOnClassesThat(
              DescribedPredicate.not(resideInAPackage(CORE))
                  .or(resideInAnyPackage(ROOM + "common..", ROOM + "family..", ROOM + leaf + "..")))
          .allowEmptyShould(true)
          .check(classes);
    }
  }

  @ArchTest
  static final ArchRule rootsImportNothing =
      classes()
          .that()
          .resideInAnyPackage(
              ROOM + "common..", ROOM + "family..", ROOM + "timer..", ROOM + "event..")
          .should()
          .onlyDependOnClassesThat(
              DescribedPredicate.not(resideInAPackage(CORE))
                  .or(
                      resideInAnyPackage(
                          ROOM + "common..",
                          ROOM + "family..",
                          ROOM + "timer..",
                          ROOM + "event..")));

  @ArchTest
  static final ArchRule roomsHaveNoCycles =
      slices().matching("dev.quic.dataplane.core.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule eventsAreFacts =
      classes()
          .that()
          .resideInAPackage(ROOM + "event..")
          .and()
          .areNotAnonymousClasses()
          .and()
          .doNotHaveSimpleName("package-info")
          .should()
          .beInterfaces()
          .orShould()
          .beRecords()
          .orShould()
          .beEnums();
}
