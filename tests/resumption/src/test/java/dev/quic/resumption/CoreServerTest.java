package dev.quic.resumption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.session.ReplayGuard;
import dev.quic.resumption.client.Case;
import dev.quic.resumption.client.Cooperation;
import dev.quic.resumption.client.ProbeConfig;
import dev.quic.resumption.client.Requester;
import dev.quic.resumption.client.ServerProbe;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The core and the daemon's TLS, put through the cases in virtual time. */
@SuppressWarnings("NullAway.Init") // JUnit
final class CoreServerTest {
  private static final long HIGH = 1 << 21;
  private static final long LOW = 1 << 20;

  private final VirtualTime time = new VirtualTime();

  private ServerSetup setup;
  private CoreUnderTest server;
  private VirtualTarget target;
  private ProbeConfig config;

  @BeforeEach
  void start() throws Exception {
    setup = new ServerSetup(time);
    server = new CoreUnderTest(setup, 1);
    CoreUnderTest sharing = new CoreUnderTest(setup.sharing(), 2);
    CoreUnderTest apart = new CoreUnderTest(setup.apart(), 3);
    target = new VirtualTarget(time, () -> server);
    ReplayGuard guard = setup.guard;
    config =
        ProbeConfig.of("core", target, setup.client(), Requester.hq("/"))
            .withOtherAlpn(ServerSetup.OTHER_ALPN)
            .withOthers(
                new VirtualTarget(time, () -> sharing), new VirtualTarget(time, () -> apart))
            .withCooperation(name -> prepare(name, guard));
  }

  private boolean prepare(String name, @Nullable ReplayGuard guard) {
    switch (name) {
      case "expired" -> target.pause(ServerSetup.LIFETIME.toNanos());
      case "early-rejected" -> setup.guard = null;
      case "params-lowered" -> server.maxData(time.now(), LOW);
      case "key-previous" -> target.pause(ServerSetup.ROTATION.toNanos());
      case "key-gone" -> target.pause(2 * ServerSetup.ROTATION.toNanos());
      case Cooperation.RESTORE -> {
        setup.guard = guard;
        server.maxData(time.now(), HIGH);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  @Test
  void everyCasePasses() throws Exception {
    Report report = new ServerProbe(config).run(Arrays.asList(Case.values()), result -> {});
    assertThat(report.results()).as(report.table()).allMatch(r -> r.verdict() == Verdict.OK);
  }

  @Test
  void earlyDeliveryDeliversAReplayedRequestOnce() throws Exception {
    Report report = new ServerProbe(config).run(List.of(Case.REPLAYED), result -> {});
    assertThat(report.passed(true)).as(report.table()).isTrue();
    assertThat(server.early()).isEqualTo(1);
  }
}
