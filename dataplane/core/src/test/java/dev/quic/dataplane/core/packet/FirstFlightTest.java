package dev.quic.dataplane.core.packet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.frame.Frame;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.packet.FirstFlight.Outcome;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FirstFlightTest {
  private static final ConnId DCID = ConnId.ofKey(0x0102_0304_0506_0708L);
  private static final ConnId SCID = ConnId.ofKey(0x1112_1314_1516_1718L);
  private static final ConnId OWN = ConnId.ofKey(42);
  private static final int SIZE = 1_200;

  private long pn;

  /** An Initial of a client with these frames, filled up with PADDING. */
  private byte[] datagram(byte[] frames) {
    byte[] p = new byte[SIZE];
    int level = QuicUapi.QUIC_CRYPTO_INITIAL;
    int pnOff = HeaderWriter.writeLong(p, 0, 1, level, DCID, SCID, new byte[0], 4);
    System.arraycopy(frames, 0, p, pnOff + 4, frames.length);
    HeaderWriter.finishLong(p, pnOff, 4, pn, SIZE);
    PacketProtection key = InitialSecrets.protection(QuicVersion.V1, DCID.toBytes(), true);
    key.seal(p, 0, pnOff, SIZE - PacketProtection.TAG, pn++);
    key.destroy();
    return p;
  }

  private byte[] crypto(byte[] message, int from, int to) {
    byte[] out = new byte[1_100];
    Writer w = new Writer(out, 0, out.length);
    w.u8(FrameType.CRYPTO).varint(from).varint(to - from);
    System.arraycopy(message, from, out, w.position(), to - from);
    return datagram(Arrays.copyOf(out, w.position() + to - from));
  }

  /** 1500 bytes of something in front of ALPN "h3". */
  private static byte[] hello() {
    byte[] m = new byte[4 + 34 + 1 + 4 + 2 + 2 + 1_504 + 9];
    int body = m.length - 4;
    m[0] = 1;
    m[2] = (byte) (body >> 8);
    m[3] = (byte) body;
    m[40] = 2;
    m[43] = 1;
    int extensions = 1_504 + 9;
    m[45] = (byte) (extensions >> 8);
    m[46] = (byte) extensions;
    m[48] = 21;
    m[49] = (byte) (1_500 >> 8);
    m[50] = (byte) 1_500;
    byte[] alpn = {0, 16, 0, 5, 0, 3, 2, 'h', '3'};
    System.arraycopy(alpn, 0, m, m.length - alpn.length, alpn.length);
    return m;
  }

  @Test
  void anyOrderAnyPieces() {
    byte[] m = hello();
    Random r = new Random(7);
    for (int run = 0; run < 300; run++) {
      FirstFlight f = new FirstFlight(QuicVersion.V1, DCID);
      int pieces = 2 + r.nextInt(10);
      int size = (m.length + pieces - 1) / pieces;
      boolean[] sent = new boolean[pieces];
      for (int left = pieces; left > 0; ) {
        int i = r.nextInt(pieces);
        byte[] d = crypto(m, i * size, Math.min(m.length, (i + 1) * size));
        Outcome o = f.add(d, 0, d.length, 0, false);
        if (sent[i]) {
          assertThat(o).isEqualTo(Outcome.REPEATED);
        } else {
          assertThat(o).isEqualTo(Outcome.MORE);
          sent[i] = true;
          left--;
        }
        assertThat(f.known()).isEqualTo(left == 0);
      }
      assertThat(f.hello().protocols()).isEqualTo(new byte[] {2, 'h', '3'});
      assertThat(f.datagrams()).hasSize(pieces);
    }
  }

  @Test
  void boundsHold() {
    byte[] m = hello();
    FirstFlight many = new FirstFlight(QuicVersion.V1, DCID);
    Outcome o = Outcome.MORE;
    for (int i = 1; o == Outcome.MORE; i++) {
      byte[] d = crypto(m, 10 * i, 10 * i + 1);
      o = many.add(d, 0, d.length, 0, false);
      assertThat(i).isLessThan(100);
    }
    assertThat(o).isEqualTo(Outcome.REFUSED);
    assertThat(many.datagrams()).hasSize(Limits.FLIGHT_DATAGRAMS);
    assertThat(many.bytes()).isLessThan(Limits.FLIGHT_DATAGRAMS * 1_500 + Limits.HELLO_BYTES);
    byte[] far = {FrameType.CRYPTO, (byte) 0x80, 0, (byte) 0x40, 0, 1, 0};
    byte[] d = datagram(far);
    FirstFlight beyond = new FirstFlight(QuicVersion.V1, DCID);
    assertThat(beyond.add(d, 0, d.length, 0, false)).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void spoiltAndForeignDatagrams() {
    byte[] m = hello();
    Random r = new Random(3);
    FirstFlight f = new FirstFlight(QuicVersion.V1, DCID);
    for (int i = 0; i < 2_000; i++) {
      byte[] d = crypto(m, 0, 500);
      d[r.nextInt(d.length)] ^= (byte) (1 + r.nextInt(255));
      assertThat(f.add(d, 0, d.length, 0, true)).isIn(Outcome.FORGED, Outcome.REPEATED);
    }
    byte[] frames = new byte[1_000];
    for (int i = 0; i < 5_000; i++) {
      r.nextBytes(frames);
      byte[] d = datagram(Arrays.copyOf(frames, r.nextInt(frames.length)));
      FirstFlight g = new FirstFlight(QuicVersion.V1, DCID);
      assertThat(g.add(d, 0, d.length, 0, true)).isIn(Outcome.MORE, Outcome.REFUSED);
    }
  }

  @Test
  void acknowledgesWhatCame() {
    FirstFlight f = new FirstFlight(QuicVersion.V1, DCID);
    byte[] d = crypto(hello(), 0, 500);
    f.add(d, 0, d.length, 0, false);
    byte[] out = new byte[SIZE];
    int n = f.acknowledge(out, OWN);
    PacketHeader h = new PacketHeader();
    assertThat(h.parse(out, 0, n)).isEqualTo(PacketHeader.Kind.INITIAL);
    assertThat(h.dcid(out)).isEqualTo(SCID);
    assertThat(h.scid(out)).isEqualTo(OWN);
    PacketProtection key = InitialSecrets.protection(QuicVersion.V1, DCID.toBytes(), false);
    int pnLen = key.unprotect(out, 0, h.pnOff, h.end);
    assertThat(key.open(out, 0, h.pnOff, pnLen, h.end, 0)).isPositive();
    assertThat(out[h.pnOff + pnLen]).isEqualTo((byte) FrameType.ACK);
    assertThat(f.sent()).isEqualTo(1);
    key.destroy();
  }

  /** A client whose probes are PINGs learns by their acknowledgement what of its hello is lost. */
  @Test
  void acknowledgesProbesWithoutData() {
    FirstFlight f = new FirstFlight(QuicVersion.V1, DCID);
    byte[] first = crypto(hello(), 0, 500);
    assertThat(f.add(first, 0, SIZE, 0, false)).isEqualTo(Outcome.MORE);
    byte[] lost = crypto(hello(), 500, 1_000);
    assertThat(lost).hasSize(SIZE);
    byte[] ping = datagram(new byte[] {FrameType.PING});
    assertThat(f.add(ping, 0, SIZE, 0, false)).isEqualTo(Outcome.REPEATED);
    byte[] out = new byte[SIZE];
    Frame ack = sent(out, f.acknowledge(out, OWN), 0);
    assertThat(ack.type).isEqualTo(FrameType.ACK);
    assertThat(Arrays.copyOf(ack.ackLow, ack.ackCount)).containsExactly(2, 0);
    assertThat(Arrays.copyOf(ack.ackHigh, ack.ackCount)).containsExactly(2, 0);
  }

  @Test
  void whatAsksForNothingIsNotAnswered() {
    FirstFlight f = new FirstFlight(QuicVersion.V1, DCID);
    f.add(crypto(hello(), 0, 500), 0, SIZE, 0, false);
    assertThat(f.asks()).isTrue();
    byte[][] silent = {{}, {FrameType.ACK, 0, 0, 0, 0}, {FrameType.CONNECTION_CLOSE, 0, 0, 0}};
    for (byte[] frames : silent) {
      assertThat(f.add(datagram(frames), 0, SIZE, 0, false)).isEqualTo(Outcome.REPEATED);
      assertThat(f.asks()).isFalse();
    }
    f.add(datagram(new byte[] {FrameType.ACK, 0, 0, 0, 0, FrameType.PING}), 0, SIZE, 0, false);
    assertThat(f.asks()).isTrue();
  }

  @Test
  void refusesByTheIdItGave() {
    FirstFlight f = new FirstFlight(QuicVersion.V1, DCID);
    f.add(crypto(hello(), 0, 500), 0, SIZE, 0, false);
    byte[] out = new byte[SIZE];
    Frame close = sent(out, f.refuse(out, 0x178), 0);
    assertThat(close.type).isEqualTo(FrameType.CONNECTION_CLOSE);
    assertThat(close.error).isEqualTo(0x178);
    assertThat(header(out).scid(out)).isEqualTo(DCID);
    f.acknowledge(out, OWN);
    assertThat(f.gave(OWN)).isTrue();
    assertThat(f.gave(DCID)).isFalse();
    assertThat(sent(out, f.refuse(out, 2), 2).error).isEqualTo(2);
    assertThat(header(out).scid(out)).isEqualTo(OWN);
    assertThat(f.sent()).isEqualTo(3);
  }

  private static PacketHeader header(byte[] packet) {
    PacketHeader h = new PacketHeader();
    assertThat(h.parse(packet, 0, packet.length)).isEqualTo(PacketHeader.Kind.INITIAL);
    return h;
  }

  /** The frame in a packet of the server's. */
  private static Frame sent(byte[] packet, int length, long number) {
    PacketHeader h = header(packet);
    assertThat(h.end).isEqualTo(length);
    byte[] p = packet.clone();
    PacketProtection key = InitialSecrets.protection(QuicVersion.V1, DCID.toBytes(), false);
    int pnLen = key.unprotect(p, 0, h.pnOff, h.end);
    int n = key.open(p, 0, h.pnOff, pnLen, h.end, number);
    key.destroy();
    assertThat(n).isPositive();
    Frame f = new Frame();
    assertThat(f.parse(new Reader(p, h.pnOff + pnLen, n))).isZero();
    return f;
  }
}
