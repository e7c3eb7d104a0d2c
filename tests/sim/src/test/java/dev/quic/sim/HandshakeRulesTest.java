package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.crypto.RetryTag;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of RFC 9000 and 9001 about the first packets of a connection, one at a time. */
class HandshakeRulesTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final QuicVersion V1 = QuicVersion.V1;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));

  private Peer connect() {
    s.listen(TlsScript.plain(), IDLE, 1, 5_000);
    return s.connect(TlsScript.plain(), IDLE, 1, 5_000);
  }

  private Peer finished() {
    Peer client = connect();
    s.sim().run(() -> s.finished(client) || client.over(), Sim.MINUTES);
    return client;
  }

  private static PacketHeader header(byte[] bytes) {
    PacketHeader h = new PacketHeader();
    h.parse(bytes, 0, bytes.length);
    return h;
  }

  private int keyUpdate(Peer client) {
    int name = QuicUapi.QUIC_SOCKOPT_KEY_UPDATE;
    return client.sock().setsockopt(s.sim().now(), QuicUapi.SOL_QUIC, name, new byte[0]);
  }

  // --- Retry, RFC 9000 section 17.2.5

  /** The number, the plain payload behind it, and what the header says. */
  private static String open(byte[] datagram, byte[] id, long[] number) {
    byte[] b = datagram.clone();
    PacketHeader h = header(b);
    PacketProtection key = InitialSecrets.protection(V1, id, true);
    int pnLen = key.unprotect(b, 0, h.pnOff, h.end);
    number[0] = PacketProtection.decodePn(b, h.pnOff, pnLen, -1);
    int n = key.open(b, 0, h.pnOff, pnLen, h.end, number[0]);
    assertThat(n).isPositive();
    int body = h.pnOff + pnLen;
    return Arrays.toString(Arrays.copyOfRange(b, body, body + 200));
  }

  @Test
  void theFlightAfterARetryIsTheFirstOneWithAToken() {
    List<byte[]> initials = new ArrayList<>();
    List<byte[]> retries = new ArrayList<>();
    s.toServer =
        d -> {
          if (header(d.bytes).kind == Kind.INITIAL) {
            initials.add(d.bytes.clone());
          }
          return true;
        };
    s.toClient =
        d -> {
          if (header(d.bytes).kind == Kind.RETRY) {
            retries.add(d.bytes.clone());
          }
          return true;
        };
    s.pair.validatePeerAddress();
    assertThat(finished().done()).isTrue();
    assertThat(retries).hasSize(1);
    ConnId first = header(initials.get(0)).dcid(initials.get(0));
    ConnId second = header(retries.get(0)).scid(retries.get(0));
    assertThat(second).isNotEqualTo(first);
    PacketHeader h = header(initials.get(1));
    assertThat(h.dcid(initials.get(1))).isEqualTo(second);
    assertThat(h.scid(initials.get(1))).isEqualTo(header(initials.get(0)).scid(initials.get(0)));
    assertThat(h.tokenLen).isPositive();
    for (byte[] later : initials.subList(1, initials.size())) {
      assertThat(header(later).tokenLen).isEqualTo(h.tokenLen);
    }
    long[] before = new long[1];
    long[] after = new long[1];
    String hello = open(initials.get(0), first.toBytes(), before);
    assertThat(open(initials.get(1), second.toBytes(), after)).isEqualTo(hello);
    assertThat(after[0]).isGreaterThan(before[0]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no token", "the client's own id", "a wrong tag"})
  void badRetriesAreIgnored(String what) {
    boolean[] sent = new boolean[1];
    s.toServer =
        d -> {
          PacketHeader h = header(d.bytes);
          if (!sent[0] && h.kind == Kind.INITIAL) {
            sent[0] = true;
            s.pair.client().accept(s.sim().now(), retry(d, h, what));
          }
          assertThat(h.kind == Kind.INITIAL && h.tokenLen > 0).isFalse();
          return true;
        };
    assertThat(finished().done()).isTrue();
    assertThat(sent[0]).isTrue();
  }

  private static Datagram retry(Datagram d, PacketHeader h, String what) {
    byte[] id = h.dcid(d.bytes).toBytes();
    boolean own = what.contains("own");
    ByteBuffer b = ByteBuffer.allocate(200);
    b.put((byte) 0xf0).putInt(1).put((byte) h.scidLen).put(d.bytes, h.scidOff, h.scidLen);
    b.put((byte) 8).put(own ? id : new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    b.put(new byte[what.contains("token") ? 0 : 20]);
    byte[] tag = RetryTag.compute(V1, id, b.array(), 0, b.position());
    tag[3] ^= (byte) (what.contains("tag") ? 1 : 0);
    b.put(tag);
    return new Datagram(Arrays.copyOf(b.array(), b.position()), d.to, d.from, (byte) 0);
  }

  // --- connection ids, RFC 9000 sections 7.2 and 17.2

  /** A close with the right keys but another source id, to the client. */
  @Test
  void theServersSourceIdStays() {
    boolean[] sent = new boolean[1];
    byte[][] first = new byte[1][];
    s.toServer =
        d -> {
          first[0] = first[0] == null ? header(d.bytes).dcid(d.bytes).toBytes() : first[0];
          return true;
        };
    s.toClient =
        d -> {
          PacketHeader h = header(d.bytes);
          if (!sent[0] && h.kind == Kind.INITIAL) {
            sent[0] = true;
            // Behind the real one, which tells the client the server's id.
            s.pair.client().accept(s.sim().now(), d);
            s.pair.client().accept(s.sim().now(), close(d, h.dcid(d.bytes), first[0], false));
            return false;
          }
          return true;
        };
    assertThat(finished().done()).isTrue();
    assertThat(sent[0]).isTrue();
  }

  @Test
  void theClientsSourceIdStays() {
    boolean[] sent = new boolean[1];
    s.toServer =
        d -> {
          PacketHeader h = header(d.bytes);
          if (!sent[0] && h.kind == Kind.INITIAL) {
            sent[0] = true;
            byte[] id = h.dcid(d.bytes).toBytes();
            s.pair.server().accept(s.sim().now(), d);
            s.pair.server().accept(s.sim().now(), close(d, h.dcid(d.bytes), id, true));
            return false;
          }
          return true;
        };
    assertThat(finished().done()).isTrue();
    assertThat(sent[0]).isTrue();
  }

  private static Datagram close(Datagram like, ConnId dcid, byte[] id, boolean byClient) {
    byte[] p = new byte[1_200];
    ConnId other = ConnId.ofKey(0x0102_0304_0506_0708L);
    byte[] none = {};
    int level = QuicUapi.QUIC_CRYPTO_INITIAL;
    int pnOff = HeaderWriter.writeLong(p, 0, 1, level, dcid, other, none, 4);
    p[pnOff + 4] = 0x1c;
    p[pnOff + 5] = 0x0a;
    HeaderWriter.finishLong(p, pnOff, 4, 77, p.length);
    InitialSecrets.protection(V1, id, byClient).seal(p, 0, pnOff, p.length - 16, 77);
    return new Datagram(p, like.from, like.to, (byte) 0);
  }

  @Test
  void idsOfMoreThanTwentyBytes() {
    s.listen(TlsScript.plain(), IDLE, 1, 5_000);
    for (int[] ids : new int[][] {{21, 8}, {8, 21}, {255, 255}}) {
      long before = s.pair.server().sentBytes();
      stranger(1, ids);
      assertThat(s.pair.server().sentBytes()).isEqualTo(before);
      // RFC 9000 section 17.2.1: of another version they are answered all the same.
      stranger(0x1a2a3a4a, ids);
      int answer = 7 + ids[0] + ids[1] + 4 * 3;
      assertThat(s.pair.server().sentBytes() - before).isEqualTo(answer);
    }
    assertThat(s.pair.accepted()).isEmpty();
  }

  private void stranger(int version, int[] ids) {
    ByteBuffer b = ByteBuffer.allocate(1_200).put((byte) 0xc3).putInt(version);
    b.put((byte) ids[0]).put(new byte[ids[0]]).put((byte) ids[1]).put(new byte[ids[1]]);
    Datagram d =
        new Datagram(b.array(), Pair.CLIENT.withPort(9), Pair.SERVER.withPort(Pair.PORT), (byte) 0);
    s.pair.server().accept(s.sim().now(), d);
    s.sim().runFor(Sim.MILLIS);
  }

  /** RFC 9000 section 12.2: what cannot be opened does not spoil what is coalesced with it. */
  @Test
  void theRestOfADatagramIsRead() {
    int[] spoilt = new int[1];
    ForgedClient ids = new ForgedClient();
    s.toServer =
        d -> {
          if (ids.learn(d) != Kind.SHORT) {
            return true;
          }
          byte[] first = ids.packet(QuicUapi.QUIC_CRYPTO_HANDSHAKE, new byte[60], 0).bytes;
          first[first.length - 1] ^= 1;
          byte[] both = Arrays.copyOf(first, first.length + d.length());
          System.arraycopy(d.bytes, 0, both, first.length, d.length());
          spoilt[0]++;
          s.pair.server().accept(s.sim().now(), new Datagram(both, d.from, d.to, d.ecn));
          return false;
        };
    assertThat(finished().done()).isTrue();
    assertThat(spoilt[0]).isPositive();
  }

  // --- the end of the handshake

  /** RFC 9001 section 5.7: 1-RTT packets are not processed before the client's Finished. */
  @Test
  void oneRttWaitsForTheEndOfTheHandshake() {
    ForgedClient forged = new ForgedClient();
    boolean[] sent = new boolean[1];
    s.toServer =
        d -> {
          forged.learn(d);
          if (!sent[0] && forged.knowsServer()) {
            sent[0] = true;
            byte[] violation = {0x1e};
            Datagram early = forged.packet(QuicUapi.QUIC_CRYPTO_APP, violation, 0);
            s.pair.server().accept(s.sim().now(), early);
          }
          return !sent[0];
        };
    Peer client = connect();
    s.sim().runFor(5 * Sim.SECONDS);
    assertThat(sent[0]).isTrue();
    assertThat(TransportViolationsTest.closedWith(client.sock())).isEqualTo(-1);
    assertThat(s.server().sock().state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHING);
  }

  /** RFC 9001 sections 4.1.2 and 6.1: keys are updated once HANDSHAKE_DONE came, not before. */
  @Test
  void noKeyUpdateBeforeTheHandshakeIsConfirmed() {
    Peer client = connect();
    s.sim().run(() -> client.tls().done(), Sim.MINUTES);
    assertThat(keyUpdate(client)).isEqualTo(-Errno.EINVAL);
    // Half a round trip to the server, half of one back.
    s.sim().runFor(41 * Sim.MILLIS);
    assertThat(keyUpdate(client)).isZero();
  }

  /** RFC 9000 section 13.3. */
  @Test
  void handshakeDoneIsSentUntilItArrives() {
    int[] lost = new int[1];
    s.toClient = d -> d.bytes[0] < 0 || ++lost[0] > 6;
    Peer client = connect();
    s.sim().run(() -> client.tls().done() && lost[0] > 6, Sim.MINUTES);
    s.sim().runFor(5 * Sim.SECONDS);
    assertThat(lost[0]).isGreaterThan(6);
    assertThat(keyUpdate(client)).isZero();
  }
}
