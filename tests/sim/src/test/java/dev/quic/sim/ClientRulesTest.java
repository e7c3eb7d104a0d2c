package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.sim.Capture.Packet;
import dev.quic.sim.Capture.Seen;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client must answer to servers that break the rules of RFC 9000 and 9001. */
class ClientRulesTest {
  private static final long IDLE = 30 * Sim.SECONDS;
  private static final byte[] TOKEN = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  private static final ConnId STRANGER = ConnId.ofKey(0x0807060504030201L);

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final ForgedServer forged = new ForgedServer();
  private byte[] clientId = new byte[0];

  private Peer established() {
    s.toClient =
        d -> {
          forged.learn(d);
          PacketHeader h = new PacketHeader();
          if (h.parse(d.bytes, 0, d.length()) == Kind.SHORT) {
            clientId = h.dcid(d.bytes).toBytes();
          }
          return true;
        };
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    s.sim().runFor(Sim.SECONDS);
    assertThat(forged.knowsClient()).isTrue();
    return client;
  }

  private void toClient(byte[] frames) {
    s.pair.client().accept(s.sim().now(), forged.packet(frames));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "NEW_TOKEN without a token, 07 00, 7",
    "CertificateRequest after the handshake, 06 00 07 0d 000003 00 0000, a",
    "KeyUpdate in 1-RTT CRYPTO, 06 00 05 18 000001 00, 10a",
    "Finished after the handshake, 06 00 04 14 000000, 10a",
    "MAX_STREAM_DATA of a stream not created, 11 08 10, 5",
    "ACK of a packet never sent, 02 7fff 00 00 00, a",
  })
  void framesInOneRtt(String what, String frames, String code) {
    established();
    toClient(TransportViolationsTest.hex(frames));
    s.sim().runFor(Sim.SECONDS);
    long closed = TransportViolationsTest.closedWith(s.server().sock());
    assertThat(Long.toHexString(closed)).isEqualTo(code);
  }

  /** An id with a known token in place of all others. */
  private static byte[] newId(int seq) {
    ByteBuffer b = ByteBuffer.allocate(28).put((byte) 0x18).put((byte) seq).put((byte) seq);
    return b.put((byte) 8).put(STRANGER.toBytes()).put(TOKEN).array();
  }

  /** RFC 9000 section 19.16: who retires an id does not write to it. */
  @Test
  void idsAreRetiredByPacketsToOthers() {
    Peer client = established();
    Capture seen = Capture.of(s);
    Datagram ids = forged.packet(newId(7));
    s.pair.client().accept(s.sim().now(), ids);
    s.sim().runFor(5 * Sim.MILLIS);
    assertThat(client.over()).isFalse();
    List<Packet> retiring = seen.of(false, FrameType.RETIRE_CONNECTION_ID);
    assertThat(seen.frames(false, FrameType.RETIRE_CONNECTION_ID).stream().map(Seen::id))
        .containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(retiring).allSatisfy(p -> assertThat(p.dcid()).isEqualTo(STRANGER));
  }

  /** RFC 9000 section 10.3: whatever ends in the token of an id in use. */
  @ParameterizedTest
  @ValueSource(strings = {"unknown version", "Handshake", "unknown version to us", "short"})
  void resetsWithALongHeaderCount(String what) {
    Peer client = established();
    toClient(newId(7));
    s.sim().runFor(5 * Sim.MILLIS);
    assertThat(client.over()).isFalse();
    boolean isShort = what.equals("short");
    ByteBuffer b = ByteBuffer.allocate(120);
    b.put((byte) (isShort ? 0x43 : 0xe3)).putInt(what.equals("Handshake") ? 1 : 0x1a2a3a4a);
    byte[] id = what.startsWith("unknown version") && !what.endsWith("us") ? new byte[8] : clientId;
    b.put((byte) 8).put(id).put((byte) 8).put(new byte[8]).put((byte) 0x40).put((byte) 95);
    b.position(104);
    b.put(TOKEN);
    byte[] other = b.array().clone();
    other[119] ^= 1;
    Datagram like = forged.packet(new byte[] {1});
    s.pair.client().accept(s.sim().now(), new Datagram(other, like.from, like.to, (byte) 0));
    s.sim().runFor(Sim.MILLIS);
    assertThat(client.over()).isFalse();
    s.pair.client().accept(s.sim().now(), new Datagram(b.array(), like.from, like.to, (byte) 0));
    s.sim().runFor(Sim.MILLIS);
    assertThat(client.over()).isTrue();
    assertThat(client.sock().error()).isEqualTo(Errno.ECONNRESET);
  }

  /** RFC 9000 section 5.2.1: a close in a version the client did not choose is none. */
  @ParameterizedTest
  @ValueSource(ints = {QuicUapi.QUIC_VERSION_V2, 0x1a2a3a4a})
  void packetsOfAnotherVersionAreDropped(int version) {
    s.pair.versions(QuicUapi.QUIC_VERSION_V1);
    byte[][] first = new byte[1][];
    s.toServer =
        d -> {
          first[0] = first[0] == null ? header(d).dcid(d.bytes).toBytes() : first[0];
          return true;
        };
    boolean[] sent = new boolean[1];
    s.toClient =
        d -> {
          if (!sent[0]) {
            sent[0] = true;
            s.pair.client().accept(s.sim().now(), close(d, first[0], version));
          }
          return true;
        };
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    s.sim().run(() -> s.finished(client) || client.over(), Sim.MINUTES);
    assertThat(sent[0]).isTrue();
    assertThat(s.finished(client)).as("%s", client).isTrue();
  }

  private static PacketHeader header(Datagram d) {
    PacketHeader h = new PacketHeader();
    h.parse(d.bytes, 0, d.length());
    return h;
  }

  private static Datagram close(Datagram like, byte[] id, int version) {
    byte[] p = new byte[1_200];
    ConnId to = header(like).dcid(like.bytes);
    ConnId from = header(like).scid(like.bytes);
    boolean two = version == QuicUapi.QUIC_VERSION_V2;
    int level = QuicUapi.QUIC_CRYPTO_INITIAL;
    int pnOff = HeaderWriter.writeLong(p, 0, version, level, to, from, new byte[0], 4);
    Arrays.fill(p, pnOff + 4, p.length, (byte) 0);
    p[pnOff + 4] = 0x1c;
    p[pnOff + 5] = 0x0a;
    HeaderWriter.finishLong(p, pnOff, 4, 77, p.length);
    InitialSecrets.protection(two ? QuicVersion.V2 : QuicVersion.V1, id, false)
        .seal(p, 0, pnOff, p.length - 16, 77);
    return new Datagram(p, like.from, like.to, (byte) 0);
  }
}
