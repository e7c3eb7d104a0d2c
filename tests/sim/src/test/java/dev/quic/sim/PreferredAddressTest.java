package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.sim.Capture.Packet;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a connection comes to a server's preferred address: RFC 9000 section 9.6. */
class PreferredAddressTest {
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final long BYTES = 4_000_000;
  private static final Network LINK = Network.clean(20 * Sim.MILLIS).withRate(8_000_000, 60_000);
  private static final SockAddr PREFERRED = SockAddr.v4(0xc0000212, 444);
  private static final SockAddr VICTIM = SockAddr.v4(0xcb007105, 9_000);

  private final Capture seen = new Capture();

  private Scenario scenario(List<Node> out) {
    Scenario s = new Scenario(LINK, out, List.of());
    s.pair.server().alias(PREFERRED.withPort(0));
    s.toServer =
        d -> {
          seen.note(s.sim().now(), false, d);
          return true;
        };
    s.toClient =
        d -> {
          seen.note(s.sim().now(), true, d);
          return true;
        };
    return s;
  }

  private static Peer transfer(Scenario s) {
    s.listen(TlsScript.plain(), IDLE, 1, BYTES);
    byte[] a = SockAddrCodec.encode(PREFERRED);
    int option = QuicUapi.QUIC_SOCKOPT_PREFERRED_ADDRESS;
    assertThat(s.pair.listener().setsockopt(s.sim().now(), QuicUapi.SOL_QUIC, option, a)).isZero();
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, BYTES);
    s.sim().run(() -> s.finished(client) || client.over(), 10 * Sim.MINUTES);
    assertThat(s.finished(client)).as("%s; %s", client, s.pair.accepted()).isTrue();
    return client;
  }

  private List<Packet> sent(boolean byServer, Predicate<Packet> which) {
    return seen.packets.stream().filter(p -> p.fromServer() == byServer && which.test(p)).toList();
  }

  private static boolean there(SockAddr a) {
    return a.sameEndpoint(PREFERRED);
  }

  private long firstResponse(boolean byServer) {
    return sent(
            byServer, p -> p.has(FrameType.PATH_RESPONSE) && there(byServer ? p.from() : p.to()))
        .getFirst()
        .at();
  }

  /** RFC 9000 sections 9.6.2 and 21.5.3. */
  @Test
  void theClientOnlyProbesBeforeItIsAnswered() {
    transfer(scenario(List.of()));
    long answered = firstResponse(true);
    List<Packet> early = sent(false, p -> there(p.to()) && p.at() <= answered);
    assertThat(early).isNotEmpty().noneMatch(Packet::nonProbing);
    List<Packet> later = sent(false, p -> there(p.to()) && p.at() > answered);
    assertThat(later).anyMatch(Packet::nonProbing);
  }

  /** RFC 9000 section 9.6.2: the server proves the path from its preferred address, too. */
  @Test
  void theServerProbesFromThere() {
    transfer(scenario(List.of()));
    List<Packet> probes = sent(true, p -> there(p.from()) && p.has(FrameType.PATH_CHALLENGE));
    assertThat(probes).isNotEmpty();
    assertThat(probes.getFirst().at())
        .isLessThanOrEqualTo(sent(true, p -> there(p.from()) && p.nonProbing()).getFirst().at());
  }

  /**
   * RFC 9000 section 9.6.2: nothing but probes from there before the client has moved and the path
   * is proved, even where the proof gets lost again and again.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void theServerStaysUntilThePathIsProved(int lost) {
    Scenario s = scenario(List.of());
    List<Long> responses = new ArrayList<>();
    s.toServer =
        d -> {
          boolean response =
              seen.note(s.sim().now(), false, d).stream()
                  .anyMatch(p -> p.has(FrameType.PATH_RESPONSE) && there(p.to()));
          if (response) {
            responses.add(s.sim().now());
          }
          return !response || responses.size() > lost;
        };
    transfer(s);
    assertThat(responses).hasSizeGreaterThan(lost);
    long proved = responses.get(lost);
    long moved = sent(false, p -> there(p.to()) && p.nonProbing()).getFirst().at();
    List<Packet> data = sent(true, p -> there(p.from()) && p.nonProbing());
    assertThat(data).isNotEmpty();
    assertThat(data.getFirst().at()).isGreaterThan(Math.max(proved, moved));
  }

  /** RFC 9000 section 9.6.2: the address is of this connection only. */
  @Test
  void otherConnectionsBeginAtTheOldAddress() {
    Scenario s = scenario(List.of());
    Peer first = transfer(s);
    assertThat(first.sock().peername()).isEqualTo(PREFERRED);
    s.pair.remember();
    List<SockAddr> to = new ArrayList<>();
    s.toServer = d -> to.add(d.to) || true;
    Peer second = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    s.sim().run(() -> second.handshakeAt() >= 0 || second.over(), Sim.MINUTES);
    assertThat(second.handshakeAt()).isPositive();
    SockAddr usual = Pair.SERVER.withPort(Pair.PORT);
    assertThat(to).anyMatch(usual::sameEndpoint);
    assertThat(seen.packets).isNotEmpty();
    assertThat(to.stream().filter(a -> !a.sameEndpoint(usual)).count())
        .as("packets of the first connection at most")
        .isLessThan(to.size() / 2);
  }

  /** RFC 9000 section 9.6.3: what another address is sent is bounded, and it is not believed. */
  @Test
  void anotherClientAddressThereIsDistrusted() {
    long[] fromVictim = new long[1];
    long[] toVictim = new long[1];
    Node liar =
        new Node() {
          @Override
          public void accept(long now, Datagram d) {
            boolean moved = there(d.to);
            fromVictim[0] += moved ? d.length() : 0;
            forward(now, moved ? new Datagram(d.bytes, VICTIM, d.to, d.ecn) : d);
          }
        };
    Scenario s = scenario(List.of(liar));
    s.toClient =
        d -> {
          toVictim[0] += d.to.sameEndpoint(VICTIM) ? d.length() : 0;
          return !d.to.sameEndpoint(VICTIM);
        };
    Peer client = transfer(s);
    assertThat(fromVictim[0]).isPositive();
    assertThat(toVictim[0]).isLessThanOrEqualTo(3 * fromVictim[0]);
    assertThat(client.sock().peername()).isEqualTo(Pair.SERVER.withPort(Pair.PORT));
    SockAddr peer = s.server().sock().peername();
    assertThat(peer != null && peer.sameEndpoint(VICTIM)).isFalse();
  }
}
