package dev.quic.resumption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.resumption.client.Case;
import dev.quic.resumption.client.Cooperation;
import dev.quic.resumption.client.ProbeConfig;
import dev.quic.resumption.client.Requester;
import dev.quic.resumption.client.ServerProbe;
import dev.quic.resumption.wire.WireConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole table, in virtual time, against the harness's own server. */
final class ServerProbeTest {
  private final VirtualTime time = new VirtualTime();
  private ServerSetup setup;
  private WireUnderTest server;
  private VirtualTarget target;
  private ProbeConfig config;

  @BeforeEach
  void start() throws Exception {
    setup = new ServerSetup(time);
    server = new WireUnderTest(setup);
    target = new VirtualTarget(time, () -> server);
    WireUnderTest sharing = new WireUnderTest(setup.sharing());
    WireUnderTest apart = new WireUnderTest(setup.apart());
    config =
        ProbeConfig.of("self", target, setup.client(), Requester.hq("/"))
            .withOtherAlpn(ServerSetup.OTHER_ALPN)
            .withOthers(
                new VirtualTarget(time, () -> sharing), new VirtualTarget(time, () -> apart))
            .withCooperation(this::prepare);
  }

  private boolean prepare(String name) {
    switch (name) {
      case "expired" -> target.pause(ServerSetup.LIFETIME.toNanos());
      case "early-rejected" -> setup.guard = null;
      case "params-lowered" -> {
        TransportParams less = setup.limits.copySettings();
        less.maxData /= 2;
        setup.limits = less;
      }
      case "key-previous" -> target.pause(ServerSetup.ROTATION.toNanos());
      case "key-gone" -> target.pause(2 * ServerSetup.ROTATION.toNanos());
      default -> {
        return false;
      }
    }
    return true;
  }

  @Test
  void everyCasePasses() throws Exception {
    ReplayGuard guard = setup.guard;
    Cooperation help =
        name -> {
          if (name.equals(Cooperation.RESTORE)) {
            setup.guard = guard;
            setup.limits = WireConnection.limits();
            return true;
          }
          return prepare(name);
        };
    Report report =
        new ServerProbe(config.withCooperation(help))
            .run(Arrays.asList(Case.values()), result -> {});

    assertThat(report.results()).as(report.table()).allMatch(r -> r.verdict() == Verdict.OK);
  }

  /** It may have changed something before it failed. */
  @Test
  void aHelperThatFailedIsAskedToRestore() {
    List<String> asked = new ArrayList<>();
    Cooperation help =
        name -> {
          asked.add(name);
          throw new IOException(name + " failed");
        };
    ServerProbe probe = new ServerProbe(config.withCooperation(help));
    assertThatThrownBy(() -> probe.run(List.of(Case.KEY_GONE), result -> {}))
        .hasMessage("key-gone failed")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(asked).containsExactly("key-gone", Cooperation.RESTORE);
  }

  @Test
  void withoutHelpNothingIsCalledPassed() throws Exception {
    ProbeConfig alone =
        ProbeConfig.of("self", target, setup.client(), Requester.hq("/"))
            .withTimes(Duration.ofSeconds(15), Duration.ZERO);
    Report report = new ServerProbe(alone).run(Arrays.asList(Case.values()), result -> {});

    List<String> notRun =
        report.results().stream()
            .filter(r -> r.verdict() == Verdict.NOT_RUN)
            .map(CaseResult::name)
            .toList();
    assertThat(notRun)
        .as(report.table())
        .containsExactlyInAnyOrder(
            "early-rejected",
            "replayed-elsewhere",
            "expired",
            "other-alpn",
            "params-lowered",
            "key-previous",
            "key-gone",
            "shared",
            "unshared");
    assertThat(report.passed(true)).as(report.table()).isTrue();
  }
}
