package dev.quic.resumption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.resumption.client.Case;
import dev.quic.resumption.client.ProbeConfig;
import dev.quic.resumption.client.Requester;
import dev.quic.resumption.client.ServerProbe;
import dev.quic.resumption.server.ClientProbe;
import dev.quic.resumption.server.Step;
import dev.quic.resumption.wire.WireServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The two probes against each other, in virtual time. */
final class ClientProbeTest {
  private final VirtualTime time = new VirtualTime();

  /** Each pair of connections is one case of the other probe: a new session, and its use. */
  private Report run(List<Step> plan, List<Case> cases) throws Exception {
    ServerSetup setup = new ServerSetup(time);
    ClientProbe probe = new ClientProbe(setup.tls(), plan, Duration.ofHours(2), result -> {});
    VirtualServer server = new Adapter(probe.server());
    ProbeConfig config =
        ProbeConfig.of(
            "self", new VirtualTarget(time, () -> server), setup.client(), Requester.hq("/"));
    var unused = new ServerProbe(config).run(cases, result -> {});
    assertThat(probe.done()).isTrue();
    return probe.report("self");
  }

  @Test
  void aGoodClientPasses() throws Exception {
    Report report =
        run(
            List.of(
                Step.ACCEPT,
                Step.ACCEPT,
                Step.ACCEPT,
                Step.REJECT,
                Step.ACCEPT,
                Step.ROTATE,
                Step.ACCEPT,
                Step.FORGET,
                Step.ACCEPT,
                Step.EXPIRE,
                Step.ACCEPT,
                Step.LOWER),
            List.of(
                Case.EARLY_ACCEPTED,
                Case.EARLY_ACCEPTED,
                Case.EARLY_ACCEPTED,
                Case.EARLY_ACCEPTED,
                Case.EARLY_ACCEPTED,
                Case.EARLY_ACCEPTED));
    assertThat(report.results())
        .as(report.table())
        .hasSize(12)
        .allMatch(r -> r.verdict() == Verdict.OK);
    assertThat(report.results().get(1).seen()).contains("pre_shared_key, early_data", "1 early");
    assertThat(report.results().get(3).seen())
        .contains("pre_shared_key, early data offered and not taken", "0 early, 1 late");
    assertThat(report.results().get(7).seen()).contains("session offered and not taken");
  }

  @Test
  void aWrongAgeAndAForeignNameAreSeen() throws Exception {
    Report report =
        run(
            List.of(Step.ACCEPT, Step.ACCEPT, Step.ACCEPT, Step.ACCEPT),
            List.of(Case.EARLY_STALE, Case.WRONG_SNI));
    assertThat(report.results().get(1).seen()).contains("age is told wrong by 3600000 ms");
    assertThat(report.results().get(3).seen()).contains("another name's");
    assertThat(report.passed(false)).isTrue();
    assertThat(report.passed(true)).isFalse();
  }

  @Test
  void whatNoClientMadeTakesNoStep() throws Exception {
    ServerSetup setup = new ServerSetup(time);
    ClientProbe probe =
        new ClientProbe(setup.tls(), List.of(Step.ACCEPT), Duration.ofHours(2), result -> {});
    byte[] strewn = new byte[1_200];
    // An Initial of version 1: an id of eight bytes, no token, a length of all that follows.
    byte[] header = {(byte) 0xc3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x44, (byte) 0x9e};
    System.arraycopy(header, 0, strewn, 0, header.length);
    probe.server().receive(InetSocketAddress.createUnresolved("scanner", 1), strewn, time.now());
    assertThat(probe.server().live()).isZero();
    assertThat(probe.report("self").results().getFirst().seen()).isEqualTo("no client came");
  }

  /** A server that is a {@link WireServer} alone. */
  private record Adapter(WireServer server) implements VirtualServer {
    @Override
    public void receive(int port, byte[] datagram, long now) {
      server.receive(InetSocketAddress.createUnresolved("client", port), datagram, now);
    }

    @Override
    public List<Answer> take(long now) {
      return server.take().stream()
          .map(o -> new Answer(((InetSocketAddress) o.to()).getPort(), o.datagram()))
          .toList();
    }

    @Override
    public long deadline() {
      return server.deadline();
    }

    @Override
    public void onTimer(long now) {
      server.onTimer(now);
    }
  }
}
