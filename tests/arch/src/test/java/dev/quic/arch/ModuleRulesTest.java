package dev.quic.arch;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.Serializable;
import java.util.stream.Stream;
import javax.security.auth.Destroyable;

/** Rules 5 to 8, 10 and 11: who may reach what. */
@AnalyzeClasses(packages = "dev.quic", importOptions = ImportOption.DoNotIncludeTests.class)
final class ModuleRulesTest {
  private static final String[] INET_SOCKETS = {
    "java.nio.channels.DatagramChannel",
    "java.nio.channels.MulticastChannel",
    "java.nio.channels.SocketChannel",
    "java.nio.channels.ServerSocketChannel",
    "java.nio.channels.AsynchronousSocketChannel",
    "java.net.DatagramSocket",
    "java.net.MulticastSocket",
    "java.net.Socket",
    "java.net.ServerSocket"
  };

  @ArchTest
  static final ArchRule onlyIoOpensInetSockets =
      noClasses()
          .that()
          // The resumption probe is a peer, not a part; perf --compare measures TCP and TLS, too.
          .resideOutsideOfPackages(
              "dev.quic.dataplane.io..", "dev.quic.resumption..", "dev.quic.samples.perf..")
          .should()
          .dependOnClassesThat(nameMatching(String.join("|", INET_SOCKETS).replace(".", "\\.")));

  @ArchTest
  static final ArchRule onlyIoReachesNativeCode =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "dev.quic.dataplane.io..",
              "dev.quic.uds.linux..",
              "dev.quic.handshaked.daemon.keys.linux..",
              "dev.quic.handshaked.tls.libcrypto..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.lang.foreign..");

  @ArchTest
  static final ArchRule dataPlaneKnowsNoTls =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.quic.dataplane..", "dev.quic.samples.consumer..", "dev.quic.consumer")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.bouncycastle..", "javax.net.ssl..", "dev.quic.handshaked..");

  @ArchTest
  static final ArchRule handshakedKnowsNoDataPlane =
      noClasses()
          .that()
          .resideInAnyPackage("dev.quic.handshaked..", "dev.quic.consumer..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.quic.dataplane..");

  @ArchTest
  static final ArchRule protocolIsAtTheBottom =
      noClasses()
          .that()
          .resideInAnyPackage("dev.quic.uapi..", "dev.quic.uds..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.quic.dataplane..",
              "dev.quic.handshaked..",
              "dev.quic.consumer..",
              "dev.quic.samples..");

  @ArchTest
  static final ArchRule uapiIsPlainJava =
      classes()
          .that()
          .resideInAPackage("dev.quic.uapi..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("dev.quic.uapi..", "java..", "javax.security.auth", "org.jspecify..");

  @ArchTest
  static final ArchRule onlyUdsUsesJunixsocket =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.quic.uds..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.newsclub..");

  @ArchTest
  static final ArchRule onlyDaemonsUseGuice =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.quic.dataplane.daemon..", "dev.quic.handshaked.daemon..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.google.inject..");

  @ArchTest
  static final ArchRule onlyTheEngineUsesTheTlsLibrary =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.quic.handshaked.tls..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bouncycastle.tls..");

  private static final DescribedPredicate<JavaClass> HOLDS_SECRETS =
      DescribedPredicate.describe(
          "hold key material",
          type ->
              type.getFields().stream()
                  .anyMatch(f ->
                      !f.getModifiers().contains(JavaModifier.STATIC)
                          && f.getRawType().isEquivalentTo(byte[].class)
                          && f.getName().matches("(?i).*(secret|keybytes|privatekey).*")));

  @ArchTest
  static final ArchRule secretsCanBeDestroyed =
      classes()
          .that(HOLDS_SECRETS)
          .should()
          .implement(Destroyable.class)
          .andShould()
          .notImplement(Serializable.class);

  private static final DescribedPredicate<JavaClass> FOREIGN =
      resideInAPackage("dev.quic..")
          .and(DescribedPredicate.not(resideInAPackage("dev.quic.consumer..")))
          .or(resideInAnyPackage("org.bouncycastle..", "org.newsclub..", "com.google.."));

  @ArchTest
  static final ArchRule consumerApiShowsOnlyItself =
      methods()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage("dev.quic.consumer..")
          .and()
          .areDeclaredInClassesThat()
          .arePublic()
          .and()
          .arePublic()
          .should(showNo(FOREIGN));

  private static ArchCondition<JavaMethod> showNo(DescribedPredicate<JavaClass> foreign) {
    return new ArchCondition<>("show no type of another module") {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        signature(method)
            .filter(foreign)
            .forEach(type ->
                events.add(
                    SimpleConditionEvent.violated(
                        method, method.getFullName() + " shows " + type.getName())));
      }
    };
  }

  private static Stream<JavaClass> signature(JavaMethod method) {
    return Stream.concat(
        method.getReturnType().getAllInvolvedRawTypes().stream(),
        method.getParameterTypes().stream().flatMap(t -> t.getAllInvolvedRawTypes().stream()));
  }
}
