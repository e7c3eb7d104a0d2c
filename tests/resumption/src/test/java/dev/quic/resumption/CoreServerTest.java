package dev.quic.resumption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.resumption.client.Case;
import dev.quic.resumption.client.Cooperation;
import dev.quic.resumption.client.ProbeConfig;
import dev.quic.resumption.client.Requester;
import dev.quic.resumption.client.ServerProbe;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The core and the daemon's TLS, put through the cases in virtual time. */
final class CoreServerTest {
  private final VirtualTime time = new VirtualTime();

  @Test
  void resumptionIsAsItShouldBe() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    setup.guard = null;
    CoreUnderTest server = new CoreUnderTest(setup, 1);
    CoreUnderTest sharing = new CoreUnderTest(setup.sharing(), 2);
    CoreUnderTest apart = new CoreUnderTest(setup.apart(), 3);
    VirtualTarget target = new VirtualTarget(time, () -> server);
    Cooperation help =
        name -> {
          switch (name) {
            case "expired" -> target.pause(ServerSetup.LIFETIME.toNanos());
            case "key-previous" -> target.pause(ServerSetup.ROTATION.toNanos());
            case "key-gone" -> target.pause(2 * ServerSetup.ROTATION.toNanos());
            default -> {
              return false;
            }
          }
          return true;
        };
    ProbeConfig config =
        ProbeConfig.of("core", target, setup.client(), Requester.hq("/"))
            .withOtherAlpn(ServerSetup.OTHER_ALPN)
            .withOthers(
                new VirtualTarget(time, () -> sharing), new VirtualTarget(time, () -> apart))
            .withCooperation(help);
    Report report =
        new ServerProbe(config)
            .run(
                List.of(
                    Case.FULL,
                    Case.RESUMED,
                    Case.RESUMED_AGAIN,
                    Case.EXPIRED,
                    Case.WRONG_SNI,
                    Case.WRONG_ALPN,
                    Case.OTHER_ALPN,
                    Case.KEY_PREVIOUS,
                    Case.KEY_GONE,
                    Case.SHARED,
                    Case.UNSHARED),
                result -> {});
    assertThat(report.results()).as(report.table()).allMatch(r -> r.verdict() == Verdict.OK);
  }
}
