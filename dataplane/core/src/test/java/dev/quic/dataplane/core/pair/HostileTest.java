package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.pair.PairTest.Ends;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A peer that holds the keys and lies, and strangers that send anything. */
class HostileTest {
  private static final long SECOND = 1_000_000_000;

  /** An established pair, and a way to send the server any frames as its client. */
  private static final class Forge {
    final World w;
    final Ends e;
    final byte[] dcid = new byte[8];
    private final PacketProtection key;
    private long pn = 5_000;
    long closedWith = -1;

    Forge(long seed) {
      this(seed, s -> {});
    }

    Forge(long seed, Consumer<Sock> options) {
      w = new World(seed);
      w.server.sink =
          new PrintSink("") {
            @Override
            public void closed(long now, long sock, boolean local, boolean app, long code) {
              closedWith = code;
            }
          }.quiet();
      w.wire =
          (from, to, bytes) -> {
            if (to.port() == 4433 && bytes[0] >= 0) {
              System.arraycopy(bytes, 1, dcid, 0, 8);
            }
            return bytes;
          };
      e = PairTest.connect(w, options, true);
      assertThat(w.run(10 * SECOND, e::established)).isTrue();
      e.client.send(0, new byte[100]);
      w.run(SECOND, () -> false);
      byte[] secret = new byte[48];
      Arrays.fill(secret, (byte) 1);
      key = PacketProtection.of(QuicCipher.AES_128_GCM, QuicVersion.V1, secret);
    }

    void inject(byte[] frames, int len) {
      byte[] p = new byte[1 + 8 + 4 + len + 20];
      p[0] = 0x43;
      System.arraycopy(dcid, 0, p, 1, 8);
      long n = pn++;
      new Writer(p, 9, 4).u32((int) n);
      System.arraycopy(frames, 0, p, 13, len);
      int end = 13 + Math.max(len, 4);
      key.seal(p, 0, 9, end, n);
      w.inject(e.client.sock.sockname(), w.serverAddress(), Arrays.copyOf(p, end + 16));
      w.run(SECOND / 10, () -> false);
    }

    void inject(Consumer<Writer> frames) {
      Writer out = new Writer(new byte[1_400], 0, 1_400);
      frames.accept(out);
      inject(out.array(), out.position());
    }
  }

  /** A program that is slow to accept: clients that give up meanwhile leave nothing behind. */
  @Test
  void whoDiesBeforeItIsAcceptedIsForgottenWhole() {
    World w = new World(3);
    Ends e = PairTest.connect(w, s -> {}, false);
    // Only its first flight arrives.
    w.wire = (from, to, bytes) -> w.server.net.held() > 0 ? null : bytes;
    w.run(SECOND, () -> false);
    assertThat(w.server.net.held()).isPositive();
    w.run(60 * SECOND, () -> false);
    assertThat(e.client.sock.state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);
    assertThat(w.server.net.held()).isZero();
  }

  /** RFC 9000 section 14.1: of a client that is known already, too. */
  @Test
  void initialsInSmallDatagramsAreDropped() {
    World w = new World(6);
    List<Integer> taken = new ArrayList<>();
    w.server.sink =
        new PrintSink("") {
          @Override
          public void packetReceived(long now, long sock, int level, long pn, int bytes) {
            taken.add(level);
          }
        }.quiet();
    PacketHeader h = new PacketHeader();
    ConnId[] ids = new ConnId[2];
    w.wire =
        (from, to, bytes) -> {
          if (ids[0] == null) {
            h.parse(bytes, 0, bytes.length);
            ids[0] = h.dcid(bytes);
            ids[1] = h.scid(bytes);
          }
          return bytes;
        };
    Ends e = PairTest.connect(w);
    assertThat(w.run(SECOND, () -> taken.size() == 1)).isTrue();
    for (int size = 1_199; size <= 1_200; size++) {
      byte[] p = new byte[size];
      int at = HeaderWriter.writeLong(p, 0, 1, 1, ids[0], ids[1], new byte[0], 4);
      p[at + 4] = 1;
      HeaderWriter.finishLong(p, at, 4, size, size);
      InitialSecrets.protection(QuicVersion.V1, ids[0].toBytes(), true)
          .seal(p, 0, at, size - 16, size);
      w.inject(e.client.sock.sockname(), w.serverAddress(), p);
      w.step(w.now);
      assertThat(taken).hasSize(size < 1_200 ? 1 : 2);
    }
  }

  /** RFC 9221 section 3: what max_datagram_frame_size bounds is the frame, not its data. */
  @Test
  void datagramFramesAreMeasuredWhole() {
    byte[] limit = new byte[56];
    limit[8] = (byte) 0xb0;
    limit[9] = 0x04;
    int sol = QuicUapi.SOL_QUIC;
    int option = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;
    Forge f = new Forge(4, s -> s.setsockopt(0, sol, option, limit));
    byte[] data = new byte[1_200];
    f.inject(out -> out.u8(0x31).varint(1_197, 2).bytes(data, 0, 1_197));
    assertThat(f.closedWith).isEqualTo(-1);
    f.inject(out -> out.u8(0x31).varint(1_198, 2).bytes(data, 0, 1_198));
    assertThat(f.closedWith).isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION);
    f = new Forge(5, s -> s.setsockopt(0, sol, option, limit));
    f.inject(out -> out.u8(0x30).bytes(data, 0, 1_199));
    assertThat(f.closedWith).isEqualTo(-1);
    f.inject(out -> out.u8(0x30).bytes(data, 0, 1_200));
    assertThat(f.closedWith).isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION);
  }

  /** RFC 9000: which lie costs the connection with which code. */
  @ParameterizedTest
  @CsvSource({
    "07 01 00, a",
    "1e, a",
    "06 00 41 00, 7",
    "40 01, 7",
    "21, 7",
    "02 7f ff 00 00 00, a",
    "02 05 00 00 06, 7",
    "04 01 00 00, 5",
    "05 02 00, 5",
    "05 09 00, 5",
    "11 02 10, 5",
    "0a 03 01 00, 5",
    "0a a0 00 10 00 01 00, 4",
    "0e 04 80 20 00 00 01 00, 3",
    "0f 04 05 01 00 0e 04 05 02 00 00, 6",
    "0f 04 05 01 00 0f 04 04 01 00, 6",
    "04 04 00 0a 0e 04 0a 01 00, 6",
    "12 d0 00 00 00 00 00 00 01, 7",
    "16 d0 00 00 00 00 00 00 01, 7",
    "19 3f, a",
    "18 05 06 04 01 02 03 04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00, 7",
    "18 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00, 7",
    "30 01 02, a",
    "06 00 04 18 00 00 01, 10a",
  })
  void liesCloseWithTheRightCode(String hex, String code) {
    Forge f = new Forge(1);
    byte[] frames = java.util.HexFormat.ofDelimiter(" ").parseHex(hex.trim());
    f.inject(frames, frames.length);
    assertThat(Long.toHexString(f.closedWith)).isEqualTo(code.trim());
    assertThat(f.e.needServer().sock.state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);
    f.w.run(10 * SECOND, () -> false);
    assertThat(f.e.client.sock.state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);
  }

  @Test
  void anyFramesNeverBreakTheServer() {
    int injected = 0;
    for (long seed = 0; seed < 300; seed++) {
      Forge f = new Forge(seed);
      Random r = new Random(seed);
      for (int i = 0; i < 40 && f.closedWith < 0; i++) {
        f.inject(out -> RandomFrames.write(r, out));
        injected++;
      }
      f.w.run(60 * SECOND, () -> false);
    }
    assertThat(injected).isGreaterThan(600);
  }

  @Test
  void anyBytesNeverBreakTheNet() {
    World w = new World(7);
    Ends e = PairTest.connect(w);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    Random r = new Random(7);
    SockAddr stranger = SockAddr.v4(0x0a0000aa, 99);
    for (int i = 0; i < 20_000; i++) {
      byte[] b = new byte[r.nextInt(1_500) + 1];
      r.nextBytes(b);
      if (r.nextBoolean() && b.length > 30) {
        b[0] = (byte) (0xc0 | r.nextInt(64));
        Arrays.fill(b, 1, 5, (byte) 0);
        b[4] = 1;
        b[5] = 8;
        b[14] = (byte) r.nextInt(24);
      }
      w.inject(stranger, w.serverAddress(), b);
      if (i % 100 == 0) {
        w.run(SECOND / 100, () -> false);
      }
    }
    e.client.send(0, new byte[10_000]);
    assertThat(w.run(10 * SECOND, () -> e.needServer().finished(0))).isTrue();
  }

  @Test
  void anyInitialNeverBreaksTheListener() {
    World w = new World(8);
    Ends e = PairTest.connect(w);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    Random r = new Random(8);
    for (int i = 0; i < 3_000; i++) {
      byte[] p = new byte[1_250];
      byte[] dcid = new byte[8];
      r.nextBytes(dcid);
      Writer out = new Writer(p, 0, p.length);
      out.u8(0xc3).u32(1).u8(8).bytes(dcid).u8(4).u32(i).u8(0).varint(1_200, 2);
      int pnOff = out.position();
      out.u32(r.nextInt(3));
      for (int n = r.nextInt(4); n >= 0; n--) {
        RandomFrames.write(r, out);
      }
      int end = pnOff + 1_200 - 16;
      PacketProtection key = InitialSecrets.protection(QuicVersion.V1, dcid, true);
      key.seal(p, 0, pnOff, end, 0);
      w.inject(SockAddr.v4(0x0a0000bb, 1 + i), w.serverAddress(), Arrays.copyOf(p, end + 16));
      if (i % 50 == 0) {
        w.run(SECOND, () -> false);
      }
    }
    w.run(60 * SECOND, () -> false);
    int[] left = new int[1];
    w.server.net.forEachSock(s -> left[0]++);
    assertThat(left[0]).as("sockets left").isLessThan(3_000);
  }

  /** Single bytes with holes between them, over many streams: ended before they cost much. */
  @Test
  void tinyPiecesInManyStreamsAreBounded() {
    Forge f = new Forge(9);
    int pieces = 0;
    long held = 0;
    for (int stream = 0; stream < 60 && f.closedWith < 0; stream++) {
      long id = 4L * stream + 4;
      for (int from = 0; from < 900 && f.closedWith < 0; from += 180) {
        int base = from;
        f.inject(w -> {
          for (int i = base; i < base + 180; i++) {
            // STREAM with offset and length.
            w.varint(0x0e).varint(id).varint(2L * i + 1).varint(1).u8(7);
          }
        });
        pieces += 180;
        held = Math.max(held, f.w.server.net.held());
      }
    }
    assertThat(f.closedWith).as("after %d pieces", pieces).isEqualTo(1);
    assertThat(pieces).isBetween(Limits.CONN_REASSEMBLY_PIECES, 20_000);
    // Twice as many bytes of window are spanned.
    assertThat(held).isLessThan(2L * Limits.RECV_MEMORY_FACTOR * pieces + 100 * 256);
  }
}
