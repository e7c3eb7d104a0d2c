package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.Delay;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attackers who show the client's packets under another address (RFC 9000 section 9.3). */
class SpoofedAddressTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final Network LINK = Network.clean(20 * Sim.MILLIS).withRate(16_000_000, 90_000);
  private static final long BYTES = 2 << 20;
  private static final SockAddr VICTIM = SockAddr.v4(0xcb007105, 0);

  /** Sees every datagram of the client's and sends some on under another address. */
  private static class Attacker extends Node {
    private final LongPredicate strikes;
    private final boolean keepsOriginal;
    private final boolean manyPorts;
    private long seen;
    private int struck;

    /** The attack begins once the handshake is over. */
    boolean on;

    Attacker(LongPredicate strikes, boolean keepsOriginal, boolean manyPorts) {
      this.strikes = strikes;
      this.keepsOriginal = keepsOriginal;
      this.manyPorts = manyPorts;
    }

    @Override
    public void accept(long now, Datagram d) {
      boolean strike = on && strikes.test(seen++);
      if (strike) {
        struck++;
        SockAddr from = VICTIM.withPort(manyPorts ? 1_000 + struck % 60_000 : 1_000);
        forward(now, new Datagram(d.bytes.clone(), from, d.to, d.ecn));
      }
      if (!strike || keepsOriginal) {
        forward(now, d);
      }
    }
  }

  private static final class Run {
    final Attacker attacker;
    final Scenario s;
    long bytesToVictim;

    Run(Attacker attacker, @Nullable Node before) {
      this(attacker, before, LINK);
    }

    Run(Attacker attacker, @Nullable Node before, Network link) {
      this.attacker = attacker;
      s =
          new Scenario(
              link, before == null ? List.of(attacker) : List.of(attacker, before), List.of());
      s.toClient =
          d -> {
            boolean victims = d.to.withPort(0).sameEndpoint(VICTIM);
            bytesToVictim += victims ? d.length() : 0;
            return !victims;
          };
    }

    /** Virtual time the transfer took. */
    long transfer() {
      s.listen(TlsScript.plain(), IDLE, 1, BYTES);
      Peer client = s.connect(TlsScript.plain(), IDLE, 1, BYTES);
      s.sim().run(() -> client.transfer().received() > 50_000, Sim.MINUTES);
      attacker.on = true;
      Sim.End end = s.sim().run(() -> s.finished(client) || client.over(), 10 * Sim.MINUTES);
      assertThat(s.finished(client)).as("%s: %s; %s", end, client, s.pair.accepted()).isTrue();
      return s.sim().now() - Sim.START;
    }

    boolean home() {
      SockAddr peer = s.server().sock().peername();
      return peer != null && peer.withPort(0).sameEndpoint(Pair.CLIENT);
    }
  }

  private static long undisturbed() {
    return new Run(new Attacker(n -> false, true, false), null).transfer();
  }

  /** Copies that come after the originals do nothing at all. */
  @Test
  void lateCopiesAreDuplicates() {
    Attacker attacker =
        new Attacker(n -> true, true, false) {
          @Override
          public void accept(long now, Datagram d) {
            forward(now, d);
            if (on) {
              forward(now, new Datagram(d.bytes.clone(), VICTIM.withPort(9), d.to, d.ecn));
            }
          }
        };
    Network link = Network.clean(20 * Sim.MILLIS);
    Run run = new Run(attacker, null, link);
    long alone = new Run(new Attacker(n -> false, true, false), null, link).transfer();
    assertThat(run.transfer()).isEqualTo(alone);
    assertThat(run.bytesToVictim).isZero();
    assertThat(run.home()).isTrue();
  }

  /** Copies that overtake the originals move the server for a moment, each of them. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 100})
  void earlyCopiesNeitherMoveNorStall(int every) {
    Run run = new Run(new Attacker(n -> n % every == 0, true, false), null);
    assertThat(run.transfer()).isLessThan(3 * undisturbed() + 10 * Sim.SECONDS);
    assertThat(run.home()).isTrue();
    // What the victim gets is bounded by what its address sent.
    assertThat(run.bytesToVictim).isLessThanOrEqualTo(3 * run.s.bytesToServer);
  }

  @Test
  void copiesFromManyPortsNeitherMoveNorStall() {
    Run run = new Run(new Attacker(n -> true, true, true), null);
    assertThat(run.transfer()).isLessThan(3 * undisturbed() + 10 * Sim.SECONDS);
    assertThat(run.home()).isTrue();
    assertThat(run.bytesToVictim).isLessThanOrEqualTo(3 * run.s.bytesToServer);
  }

  /** An attacker on the path replaces the address: the server goes back to the proved one. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void replacedAddressesFallBack(boolean manyPorts) {
    Run run = new Run(new Attacker(n -> true, false, manyPorts), null);
    assertThat(run.transfer()).isLessThan(3 * undisturbed() + 10 * Sim.SECONDS);
    assertThat(run.home()).isTrue();
    assertThat(run.bytesToVictim).isLessThanOrEqualTo(3 * run.s.bytesToServer);
  }

  /** A single forged packet costs a few probe timeouts at most. */
  @Test
  void oneForgedPacketCostsLittle() {
    Run run = new Run(new Attacker(n -> n == 20, false, false), slower());
    long base = new Run(new Attacker(n -> false, true, false), slower()).transfer();
    assertThat(run.transfer()).isLessThan(base + 2 * Sim.SECONDS);
    assertThat(run.home()).isTrue();
  }

  private static Node slower() {
    return new Delay(5 * Sim.MILLIS, 0, new SplittableRandom(1));
  }
}
