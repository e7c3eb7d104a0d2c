package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.resumption.CaseResult;
import dev.quic.resumption.Report;
import dev.quic.resumption.Verdict;
import dev.quic.resumption.client.Case;
import dev.quic.resumption.client.Cooperation;
import dev.quic.resumption.client.ProbeConfig;
import dev.quic.resumption.client.Requester;
import dev.quic.resumption.client.ServerProbe;
import dev.quic.resumption.wire.UdpTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What only time, a restart or a second daemon brings about, against processes of {@code bin/}: the
 * probe's cases that need help.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class ResumptionProcessesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Of ticket keys, where they shall change. */
  private static final long ROTATION_MS = 3_000;

  /** Times a case is begun anew when the machine was too slow for it. */
  private static final int TRIES = 10;

  /** Cases that the hook cannot bring about. */
  private static final Set<Case> TAKE_TIME =
      EnumSet.of(Case.EXPIRED, Case.PARAMS_LOWERED, Case.KEY_PREVIOUS);

  @TempDir Path dir;
  private CertificateAuthority ca;

  @BeforeEach
  void files() throws Exception {
    ca = CertificateAuthority.create("resumption authority", Instant.now());
    CertificateAuthority.writeCertificates(dir.resolve("ca.pem"), List.of(ca.certificate()));
    var server = ca.server(SplitHouse.NAME);
    CertificateAuthority.writeCertificates(dir.resolve("server.pem"), server.chain());
    CertificateAuthority.writeKey(dir.resolve("server.key"), server.key());
  }

  private static void secret(Path file, int fill) throws Exception {
    byte[] bytes = new byte[48];
    Arrays.fill(bytes, (byte) fill);
    Files.write(file, bytes);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private EchoSite site(String name, String... session) throws Exception {
    Path own = Files.createDirectory(dir.resolve(name));
    secret(own.resolve("one.key"), 1);
    secret(own.resolve("other.key"), 2);
    return new EchoSite(own, session);
  }

  private ProbeConfig probe(EchoSite site) {
    TlsConfig.Client tls =
        TlsConfig.Client.of(ca.trustStore(), SplitHouse.NAME)
            .withAlpn(List.of(EchoConsumer.ALPN))
            .withQuicVersion(1);
    return ProbeConfig.of(
            site.hostAndPort(), new UdpTarget(site.address()), tls, Requester.text("hello"))
        .withTimes(PATIENCE, Duration.ZERO);
  }

  private static void passes(ProbeConfig config, Case... cases) throws IOException {
    Report report = new ServerProbe(config).run(List.of(cases), result -> {});
    System.out.print(report.table());
    assertThat(report.results())
        .as(report.table())
        .hasSize(cases.length)
        .extracting(CaseResult::verdict)
        .containsOnly(Verdict.OK);
  }

  /** Its key is good for an hour: what ends is the ticket. */
  @Test
  void anExpiredTicketIsWorthNothing() throws Exception {
    int seconds = 4;
    try (EchoSite site = site("site", "ticket_lifetime=" + seconds, "ticket_rotation=3600")) {
      // The first handshake of a daemon is a slow one.
      passes(probe(site), Case.FULL);
      passes(probe(site).withTimes(PATIENCE, Duration.ofSeconds(seconds)), Case.EXPIRED);
    }
  }

  /** The daemon, with its keys and its register, is the same all the time. */
  @Test
  void aDataPlaneThatCameBackWithLowerLimits() throws Exception {
    try (EchoSite site = site("site", "early_data=yes")) {
      Cooperation restarts =
          name -> {
            try {
              site.restart(name.equals(Cooperation.RESTORE) ? EchoSite.WINDOW : 1 << 16);
            } catch (Exception e) {
              throw new IOException("the data plane does not come back", e);
            }
            return true;
          };
      passes(
          probe(site).withCooperation(restarts),
          Case.EARLY_ACCEPTED,
          Case.PARAMS_LOWERED,
          Case.RESUMED);
    }
  }

  /** The keys' periods, which a daemon counts from 1970. */
  private static long period() {
    return System.currentTimeMillis() / ROTATION_MS;
  }

  private static void awaitPeriod(long number) {
    await().atMost(PATIENCE).until(() -> period() >= number);
  }

  @Test
  void rotatedKeys() throws Exception {
    try (EchoSite site =
        site("site", "ticket_keys=one.key", "ticket_rotation=" + ROTATION_MS / 1_000)) {
      passes(probe(site), Case.FULL);
      previousKey(site);
      passes(probe(site).withCooperation(periodsLater(2)), Case.KEY_GONE);
    }
  }

  /** The key that was the current one a period ago; counts only if no other period began. */
  private void previousKey(EchoSite site) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      long issued = period() + 1;
      awaitPeriod(issued);
      Report report =
          new ServerProbe(probe(site).withCooperation(periodsLater(1)))
              .run(List.of(Case.KEY_PREVIOUS), result -> {});
      if (period() == issued + 1) {
        System.out.print(report.table());
        assertThat(report.results()).extracting(CaseResult::verdict).containsOnly(Verdict.OK);
        return;
      }
    }
    throw new AssertionError("no handshake within " + ROTATION_MS + " ms");
  }

  private static Cooperation periodsLater(int count) {
    return name -> {
      if (!name.equals(Cooperation.RESTORE)) {
        awaitPeriod(period() + count);
      }
      return true;
    };
  }

  /** By the command line, with the hook of the documentation; what only time brings is above. */
  @Test
  void threeDaemonsTwoOfThemWithTheSameKeys() throws Exception {
    String early = "early_data=yes";
    // Without one of the client's groups, so that the daemon can be made to ask again.
    String groups = "groups=x25519mlkem768;x25519;secp256r1";
    try (EchoSite one = site("one", "ticket_keys=one.key", early, "[tls]", groups);
        EchoSite two = site("two", "ticket_keys=one.key", early);
        EchoSite other = site("other", "ticket_keys=other.key", early)) {
      List<String> cases =
          Arrays.stream(Case.values()).filter(c -> !TAKE_TIME.contains(c)).map(Case::text).toList();
      List<String> arguments =
          List.of(
              "ticket",
              "client",
              one.hostAndPort(),
              "--alpn=" + EchoConsumer.ALPN,
              "--other-alpn=" + EchoConsumer.OTHER_ALPN,
              "--server-name=" + SplitHouse.NAME,
              "--ca=" + dir.resolve("ca.pem"),
              "--request=hello",
              "--shared=" + two.hostAndPort(),
              "--unshared=" + other.hostAndPort(),
              "--hook=" + hook(one),
              "--timeout=" + PATIENCE.toSeconds(),
              "--cases=" + String.join(",", cases),
              "--strict");
      try (BinProcess quic = new BinProcess("quic", Map.of(), arguments)) {
        assertThat(quic.awaitEnd()).as(String.join("\n", quic.lines())).isZero();
        assertThat(quic.awaitLine(line -> line.endsWith("not run")))
            .isEqualTo(cases.size() + " ok, 0 warning, 0 failed, 0 not run");
      }
    }
  }

  /**
   * The script that docs/resumption.md shows, with this daemon's files in it, and instead of its
   * pause a wait until the daemon has done as it was told.
   */
  private Path hook(EchoSite site) throws IOException {
    String docs = Files.readString(BinProcess.checkout().resolve("docs/resumption.md"));
    Matcher block = Pattern.compile("(?s)```sh\n(#!/bin/sh\n# hook\\.sh.*?)```").matcher(docs);
    assertThat(block.find()).as("the documentation shows a hook").isTrue();
    Path config = site.config();
    Path reloads = Files.createFile(dir.resolve("reloads"));
    site.daemon.alsoTo(reloads, line -> line.contains("configuration read again"));
    String count = "$(grep -c . " + reloads + ")";
    String script =
        block
            .group(1)
            .replace("/etc/handshaked.conf", config.toString())
            .replace("case $1 in", "before=" + count + "\ncase $1 in")
            .replace("sleep 1", "until [ " + count + " -gt $before ]; do sleep 0.05; done");
    assertThat(script).contains(config + ".usual", "until [");
    Files.copy(config, Path.of(config + ".usual"));
    Path hook = Files.writeString(dir.resolve("hook.sh"), script);
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwx------"));
    return hook;
  }
}
