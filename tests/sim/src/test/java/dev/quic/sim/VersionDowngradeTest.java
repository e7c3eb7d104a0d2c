package dev.quic.sim;

import static dev.quic.uapi.QuicUapi.QUIC_VERSION_V1;
import static dev.quic.uapi.QuicUapi.QUIC_VERSION_V2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Those who want another version than the endpoints would choose: RFC 9368 section 4. */
class VersionDowngradeTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final int VERSION_NEGOTIATION_ERROR = 0x11;
  private static final int TRANSPORT_PARAMETER_ERROR = 0x8;
  private static final int VERSION_INFORMATION = 0x11;
  private static final int UNKNOWN = 123;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));

  private void listen(int version, int... versions) {
    s.pair.version(version);
    s.pair.versions(versions);
    s.listen(TlsScript.plain(), IDLE, 1, 10_000);
  }

  private Peer connect(int version, int... versions) {
    s.pair.version(version);
    s.pair.versions(versions);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 10_000);
    s.sim().run(() -> s.finished(client) || client.over(), 5 * Sim.MINUTES);
    // A CONNECTION_CLOSE may be on its way.
    s.sim().runFor(Sim.SECONDS);
    return client;
  }

  /** Version Negotiation in answer to a client's datagram. */
  private static Datagram negotiation(Datagram d, int... versions) {
    PacketHeader h = new PacketHeader();
    h.parse(d.bytes, 0, d.length());
    ByteBuffer out = ByteBuffer.allocate(7 + h.dcidLen + h.scidLen + 4 * versions.length);
    out.put((byte) 0xc0).putInt(0);
    out.put((byte) h.scidLen).put(d.bytes, h.scidOff, h.scidLen);
    out.put((byte) h.dcidLen).put(d.bytes, h.dcidOff, h.dcidLen);
    for (int v : versions) {
      out.putInt(v);
    }
    return new Datagram(out.array(), d.to, d.from, (byte) 0);
  }

  private void toClient(Datagram d) {
    s.pair.client().accept(s.sim().now(), d);
  }

  private static boolean is(Datagram d, Kind kind, int version) {
    PacketHeader h = new PacketHeader();
    return h.parse(d.bytes, 0, d.length()) == kind && h.version == version;
  }

  /** What a program was told the peer closed with. */
  private static long closedWith(Sock sock) {
    byte[] v = new byte[72];
    sock.getsockopt(0, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, v, 72);
    return ByteBuffer.wrap(v).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
  }

  /** The first flight is swallowed and answered with "only version 1". */
  @Test
  void forgedNegotiationIsDetected() {
    s.toServer =
        d -> {
          if (is(d, Kind.INITIAL, QUIC_VERSION_V2)) {
            toClient(negotiation(d, QUIC_VERSION_V1));
            return false;
          }
          return true;
        };
    listen(0);
    Peer client = connect(QUIC_VERSION_V2);
    assertThat(client.over()).isTrue();
    assertThat(client.failure()).contains("transport parameters");
    assertThat(s.finished(client)).isFalse();
    assertThat(closedWith(s.server().sock())).isEqualTo(VERSION_NEGOTIATION_ERROR);
  }

  /** A forged list that leaves out what both would choose. */
  @Test
  void alteredNegotiationIsDetected() {
    s.toClient =
        d -> {
          if (d.bytes[1] == 0 && d.bytes[4] == 0) {
            Datagram forged = new Datagram(d.bytes.clone(), d.from, d.to, d.ecn);
            ByteBuffer b = ByteBuffer.wrap(forged.bytes);
            for (int at = forged.length() - 12; at < forged.length(); at += 4) {
              b.putInt(at, b.getInt(at) == QUIC_VERSION_V2 ? 0x2a3a4a5a : b.getInt(at));
            }
            toClient(forged);
            return false;
          }
          return true;
        };
    listen(0);
    Peer client = connect(UNKNOWN);
    assertThat(client.failure()).contains("transport parameters");
    assertThat(closedWith(s.server().sock())).isEqualTo(VERSION_NEGOTIATION_ERROR);
  }

  /** RFC 9000 section 6.2: one that lists the version in use is discarded. */
  @Test
  void oneThatListsTheVersionInUseIsIgnored() {
    assertIgnored(d -> negotiation(d, QUIC_VERSION_V1, QUIC_VERSION_V2));
  }

  @Test
  void oneWithOtherIdsIsIgnored() {
    assertIgnored(d -> {
      Datagram n = negotiation(d, QUIC_VERSION_V1);
      n.bytes[6] ^= 1;
      return n;
    });
    assertIgnored(d -> {
      Datagram n = negotiation(d, QUIC_VERSION_V1);
      n.bytes[n.length() - 5] ^= 1;
      return n;
    });
  }

  @Test
  void oneWithoutVersionsIsIgnored() {
    assertIgnored(d -> negotiation(d));
  }

  /** RFC 8999 section 6: whole versions in front do not help. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void oneWithATruncatedVersionIsIgnored(int missing) {
    assertIgnored(d -> {
      Datagram n = negotiation(d, QUIC_VERSION_V1, 0x1a2a3a4a);
      byte[] cut = Arrays.copyOf(n.bytes, n.length() - missing);
      return new Datagram(cut, n.from, n.to, (byte) 0);
    });
  }

  /** RFC 9368 section 4: nor one that lists the version a client began with, whichever it is. */
  @ParameterizedTest
  @CsvSource({"0, 1", "1, 0", "123, 0", "123, 1"})
  void oneThatListsTheOriginalVersionIsIgnored(int start, int at) {
    int version = start == 0 ? QUIC_VERSION_V2 : start;
    int other = version == QUIC_VERSION_V1 ? QUIC_VERSION_V2 : QUIC_VERSION_V1;
    int[] list = at == 0 ? new int[] {version, other} : new int[] {other, version};
    boolean[] sent = new boolean[1];
    s.toServer =
        d -> {
          if (!sent[0]) {
            sent[0] = true;
            toClient(negotiation(d, list));
          }
          return true;
        };
    listen(0);
    Peer client = connect(version);
    assertThat(sent[0]).isTrue();
    assertThat(s.finished(client)).as("%s", client).isTrue();
    // Of the real list, where there is one, a client takes what it likes best.
    int expected = start == UNKNOWN ? preferred(client) : version;
    assertThat(VersionsTest.inUse(client)).isEqualTo(expected).isNotEqualTo(0);
  }

  private static int preferred(Peer client) {
    byte[] v = new byte[8];
    client.sock().getsockopt(0, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_VERSIONS, v, v.length);
    return ByteBuffer.wrap(v).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
  }

  private static void assertIgnored(UnaryOperator<Datagram> answer) {
    VersionDowngradeTest t = new VersionDowngradeTest();
    boolean[] sent = new boolean[1];
    t.s.toServer =
        d -> {
          if (!sent[0] && is(d, Kind.INITIAL, QUIC_VERSION_V2)) {
            sent[0] = true;
            t.toClient(answer.apply(d));
          }
          return true;
        };
    t.listen(0);
    Peer client = t.connect(QUIC_VERSION_V2);
    assertThat(sent[0]).isTrue();
    assertThat(client.done()).as("%s", client).isTrue();
    assertThat(VersionsTest.inUse(client)).isEqualTo(QUIC_VERSION_V2);
  }

  /** RFC 9000 section 6.2: nothing after a packet of the server's was processed. */
  @Test
  void aLateOneIsIgnored() {
    s.toServer =
        d -> {
          if (is(d, Kind.HANDSHAKE, QUIC_VERSION_V2)) {
            toClient(negotiation(d, QUIC_VERSION_V1));
          }
          return true;
        };
    listen(0);
    Peer client = connect(QUIC_VERSION_V2);
    assertThat(client.done()).as("%s", client).isTrue();
  }

  /** RFC 9368 section 4: nothing in answer to the second attempt. */
  @Test
  void aSecondOneIsIgnored() {
    int[] attempts = new int[1];
    s.toServer =
        d -> {
          if (is(d, Kind.INITIAL, QUIC_VERSION_V1) && attempts[0]++ == 0) {
            toClient(negotiation(d, QUIC_VERSION_V2));
          }
          return true;
        };
    listen(0, QUIC_VERSION_V1);
    Peer client = connect(QUIC_VERSION_V2);
    assertThat(attempts[0]).isPositive();
    assertThat(client.done()).as("%s", client).isTrue();
    assertThat(VersionsTest.inUse(client)).isEqualTo(QUIC_VERSION_V1);
  }

  /** RFC 9000 section 6.1: no answer to datagrams smaller than an Initial's, nor to an answer. */
  @Test
  void negotiationIsNotAnAmplifier() {
    listen(0);
    int before = s.datagramsToClient;
    for (int size : new int[] {7, 40, 1_199}) {
      byte[] b = new byte[size];
      b[0] = (byte) 0xc0;
      b[4] = UNKNOWN;
      stranger(b);
    }
    stranger(ByteBuffer.allocate(1_200).put((byte) 0xc0).array());
    assertThat(s.datagramsToClient).isEqualTo(before);
    stranger(ByteBuffer.allocate(1_200).put((byte) 0xc0).putInt(UNKNOWN).array());
    assertThat(s.datagramsToClient).isEqualTo(before + 1);
  }

  private void stranger(byte[] bytes) {
    SockAddr server = Pair.SERVER.withPort(Pair.PORT);
    Datagram d = new Datagram(bytes, Pair.CLIENT.withPort(9), server, (byte) 0);
    s.pair.server().accept(s.sim().now(), d);
    s.sim().runFor(Sim.SECONDS);
  }

  // --- what version_information may say

  /** A TLS whose transport parameters are changed on their way into the message. */
  private static final class Editor extends FakeTls {
    private final byte[] versions;

    Editor(Sock sock, boolean server, byte[] versions) {
      super(sock, server, TlsScript.plain());
      this.versions = versions;
    }

    @Override
    protected byte[] localParameters(long now) {
      ByteBuffer in = ByteBuffer.wrap(super.localParameters(now));
      ByteBuffer out = ByteBuffer.allocate(512);
      while (in.hasRemaining()) {
        int start = in.position();
        long id = varint(in);
        int length = (int) varint(in);
        in.position(in.position() + length);
        if (id != VERSION_INFORMATION) {
          out.put(in.array(), start, in.position() - start);
        }
      }
      if (versions.length > 0) {
        out.put((byte) VERSION_INFORMATION).put((byte) versions.length).put(versions);
      }
      return java.util.Arrays.copyOf(out.array(), out.position());
    }

    private static long varint(ByteBuffer in) {
      int first = in.get() & 0xff;
      long v = first & 0x3f;
      for (int n = (1 << (first >> 6)) - 1; n > 0; n--) {
        v = v << 8 | in.get() & 0xff;
      }
      return v;
    }
  }

  private static byte[] versions(String text) {
    String hex = text.strip().replace("v2", "6b3343cf").replace("v1", "00000001");
    return java.util.HexFormat.of().parseHex(hex.replace(" ", "").replace("-", ""));
  }

  /** A client's words to a server of version 1. */
  @ParameterizedTest
  @CsvSource({
    "v1 v1, -1",
    "v1 v1 v2, -1",
    "-, -1",
    "v1 v1 1a2a3a4a, -1",
    "v2 v2 v1, 11",
    "1a2a3a4a 1a2a3a4a, 11",
    "v1, 8",
    "v1 v2, 8",
    "00000000 v1, 8",
    "v1 v1 00000000, 8",
    "v1 v1 00, 8",
    "00, 8",
  })
  void whatAClientMaySay(String said, String code) {
    listen(QUIC_VERSION_V1);
    Peer client =
        s.pair.connect(
            IDLE,
            k ->
                new Peer(
                    k,
                    new Editor(k, false, versions(said)),
                    new Transfer(k, false, 1, 10_000, 10_000, Scenario.SEED)));
    s.sim().run(() -> s.finished(client) || client.over(), Sim.MINUTES);
    s.sim().runFor(Sim.SECONDS);
    long wanted = Long.parseLong(code, 16);
    assertThat(s.finished(client)).isEqualTo(wanted < 0);
    if (wanted >= 0) {
      assertThat(closedWith(client.sock())).isEqualTo(wanted);
    }
  }

  /** A server's words: how the client started, what the server is set to, what it says. */
  @ParameterizedTest
  @CsvSource({
    // Nothing negotiated.
    "v1, v1, v1 v1 v2, ok",
    "v1, v1, v1, ok",
    "v1, v1, -, ok",
    "v1, v1, v2 v2 v1, fails",
    "v1, v1, 1a2a3a4a v1, fails",
    "v1, v1, 00000000 v1, fails",
    "v1, v1, v1 00, fails",
    // A compatible change, which version_information must confirm.
    "v1, v2, v2 v2 v1, ok",
    "v1, v2, v2, ok",
    "v1, v2, v1 v1 v2, fails",
    "v1, v2, -, fails",
    // After a Version Negotiation packet of a server of version 1, or 2, alone.
    "v2, v1 only, v1 v1, ok",
    "v2, v1 only, -, ok",
    "v2, v1 only, v1, fails",
    "v2, v1 only, v1 v1 v2, fails",
    "v2, v1 only, v1 v2, fails",
    "v1, v2 only, v2 v2, ok",
    "v1, v2 only, -, fails",
    "v1, v2 only, v2 v2 v1, fails",
  })
  void whatAServerMaySay(String start, String set, String said, String how) {
    int version = set.startsWith("v2") ? QUIC_VERSION_V2 : QUIC_VERSION_V1;
    s.pair.version(version);
    s.pair.versions(set.endsWith("only") ? new int[] {version} : new int[0]);
    s.pair.listen(
        IDLE,
        k ->
            new Peer(
                k,
                new Editor(k, true, versions(said)),
                new Transfer(k, true, 1, 10_000, 10_000, Scenario.SEED)));
    Peer client = connect("v2".equals(start) ? QUIC_VERSION_V2 : QUIC_VERSION_V1);
    assertThat(s.finished(client)).as("%s", client).isEqualTo("ok".equals(how));
    if (!"ok".equals(how)) {
      long code = closedWith(s.server().sock());
      boolean malformed = said.contains("00000000") || said.endsWith(" 00");
      assertThat(code).isEqualTo(malformed ? TRANSPORT_PARAMETER_ERROR : VERSION_NEGOTIATION_ERROR);
    }
  }
}
