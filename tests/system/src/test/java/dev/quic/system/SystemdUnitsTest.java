package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.io.IoLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The units say what they must, and systemd, where it is installed, agrees. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class SystemdUnitsTest {
  private static final Path DIST = BinProcess.checkout().resolve("dist");

  /** Exposure, in tenths, above which {@code systemd-analyze security} fails. */
  private static final String THRESHOLD = "20";

  @TempDir Path dir;

  private record Result(int status, String output) {}

  private static Result run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  private static List<String> values(List<String> lines, String key) {
    List<String> out = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith(key + "=")) {
        out.add(line.substring(key.length() + 1));
      }
    }
    return out;
  }

  @ParameterizedTest
  @ValueSource(strings = {"dataplane", "handshaked"})
  void noRootAndLittleElse(String name) throws Exception {
    List<String> lines = Files.readAllLines(DIST.resolve("systemd/quic-" + name + ".service"));
    assertThat(lines)
        .filteredOn(l -> !l.isBlank() && !l.startsWith("#"))
        .allMatch(l -> l.matches("\\[[A-Z][a-z]+]|[A-Za-z]+=.*"));
    assertThat(values(lines, "Type")).containsExactly("notify");
    assertThat(values(lines, "User")).containsExactly("quic-" + name);
    assertThat(Files.readString(DIST.resolve("sysusers.d/quic.conf")))
        .containsPattern("u +quic-" + name + " ");
    assertThat(values(lines, "ExecStart"))
        .singleElement()
        .asString()
        .startsWith("/usr/lib/quic/bin/" + name + " ");
    assertThat(Integer.parseInt(values(lines, "WatchdogSec").getFirst())).isPositive();
    for (String on :
        List.of(
            "NoNewPrivileges",
            "ProtectHome",
            "PrivateTmp",
            "ProtectKernelModules",
            "RestrictNamespaces",
            "RestrictSUIDSGID")) {
      assertThat(values(lines, on)).as(on).containsExactly("yes");
    }
    boolean plane = name.equals("dataplane");
    assertThat(values(lines, "ProtectSystem")).containsExactly("strict");
    assertThat(values(lines, "CapabilityBoundingSet"))
        .containsExactly(plane ? "CAP_NET_BIND_SERVICE" : "");
    assertThat(values(lines, "RestrictAddressFamilies"))
        .containsExactly(plane ? "AF_UNIX AF_INET AF_INET6" : "AF_UNIX");
    analyze(name, lines);
  }

  @Test
  void theDataPlaneMayHaveTheSocketBuffersItAsksFor() throws Exception {
    assertThat(Files.readAllLines(DIST.resolve("sysctl.d/50-quic.conf")))
        .contains(
            "net.core.rmem_max = " + IoLimits.RECEIVE_BUFFER_BYTES,
            "net.core.wmem_max = " + IoLimits.SOCKET_BUFFER_BYTES);
  }

  private void analyze(String name, List<String> lines) throws Exception {
    if (!Files.isExecutable(Path.of("/usr/bin/systemd-analyze"))) {
      System.out.println("systemd-analyze is not installed: the unit was only parsed");
      return;
    }
    Path unit = dir.resolve("quic-" + name + ".service");
    String bin = BinProcess.checkout().resolve("bin").toString();
    Files.write(unit, lines.stream().map(l -> l.replace("/usr/lib/quic/bin", bin)).toList());
    Result verify = run("systemd-analyze", "verify", "--man=no", unit.toString());
    // Units it names that are not in this directory are somebody else's.
    assertThat(verify.output.lines().filter(l -> l.contains("quic-" + name))).isEmpty();
    Result security =
        run(
            "systemd-analyze",
            "security",
            "--offline=true",
            "--threshold=" + THRESHOLD,
            unit.toString());
    assertThat(security.status).as(security.output).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dataplane", "handshaked"})
  void anInstalledCopyRuns(String name) throws Exception {
    Path root = dir.resolve("root");
    Result install = run(DIST.resolve("install.sh").toString(), "--root", root.toString());
    assertThat(install.status).as(install.output).isZero();
    assertThat(root.resolve("etc/handshaked/config")).exists();
    assertThat(root.resolve("usr/lib/sysctl.d/50-quic.conf")).exists();
    Files.writeString(root.resolve("etc/quic/dataplane.conf"), "handshake.pending = 5\n");
    // A second time: what the administrator wrote stays.
    assertThat(run(DIST.resolve("install.sh").toString(), "--root", root.toString()).status)
        .isZero();
    assertThat(Files.readString(root.resolve("etc/quic/dataplane.conf")))
        .isEqualTo("handshake.pending = 5\n");
    Result version = run(root.resolve("usr/lib/quic/bin/" + name).toString(), "--version");
    assertThat(version.status).as(version.output).isZero();
    assertThat(version.output).startsWith(name + " ");
  }
}
