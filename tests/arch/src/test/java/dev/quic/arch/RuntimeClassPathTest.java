package dev.quic.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rule 12: what bin/dataplane and bin/handshaked really put on their class paths. */
final class RuntimeClassPathTest {
  @Test
  void dataPlaneHasNoTlsLibrary() throws IOException {
    List<String> jars = classPath("bin/dataplane");
    assertThat(jars).anyMatch(j -> j.startsWith("dataplane-core-"));
    assertThat(jars)
        .noneMatch(j -> j.matches("(bc|jetty|handshaked|consumer-split|quic-samples).*"));
  }

  @Test
  void handshakedHasNoDataPlane() throws IOException {
    List<String> jars = classPath("bin/handshaked");
    assertThat(jars).anyMatch(j -> j.startsWith("bctls-"));
    assertThat(jars).noneMatch(j -> j.matches("(dataplane|consumer|jetty|quic-samples).*"));
  }

  @Test
  void demoConsumerIsAlone() throws IOException {
    assertThat(jars(Checkout.ROOT.resolve("samples/target/consumers")))
        .singleElement()
        .asString()
        .startsWith("quic-demo-consumer-");
  }

  /** The jars of the module that the launcher names in its last line. */
  private static List<String> classPath(String launcher) throws IOException {
    String last = Files.readAllLines(Checkout.ROOT.resolve(launcher)).getLast();
    assertThat(last).startsWith("launch ");
    Path module = Checkout.ROOT.resolve(last.split(" ")[2]);
    return Stream.concat(
            jars(module.resolve("target")).stream(), jars(module.resolve("target/lib")).stream())
        .toList();
  }

  private static List<String> jars(Path dir) throws IOException {
    assertThat(dir).as("written by the package phase: run mvn -B verify").isDirectory();
    try (Stream<Path> files = Files.list(dir)) {
      return files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(".jar")).toList();
    }
  }
}
