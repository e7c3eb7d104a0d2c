package dev.quic.dataplane.core.frame;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.pnspace.PnSpace;
import dev.quic.uapi.QuicUapi;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameCodecTest {
  private final byte[] buf = new byte[1_500];
  private final Writer w = new Writer(buf, 0, buf.length);
  private final Frame f = new Frame();

  private void parse() {
    assertThat(w.ok()).isTrue();
    Reader r = new Reader(buf, 0, w.position());
    assertThat(f.parse(r)).isZero();
    assertThat(r.remaining()).isZero();
    w.wrap(buf, 0, buf.length);
  }

  private static long value(Random r) {
    return r.nextLong() >>> 2 + r.nextInt(60);
  }

  @Test
  void everyFrameSurvivesTheRoundTrip() {
    Random r = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      long a = value(r);
      long b = value(r);
      long c = value(r);
      FrameWriter.resetStream(w, a, b, c);
      parse();
      assertThat(new long[] {f.id, f.error, f.size}).containsExactly(a, b, c);
      FrameWriter.two(w, FrameType.STOP_SENDING, a, b);
      parse();
      assertThat(new long[] {f.id, f.error}).containsExactly(a, b);
      FrameWriter.two(w, FrameType.MAX_STREAM_DATA, a, b);
      parse();
      assertThat(new long[] {f.id, f.offset}).containsExactly(a, b);
      FrameWriter.one(w, FrameType.MAX_DATA, a);
      parse();
      assertThat(f.id).isEqualTo(a);
      FrameWriter.path(w, FrameType.PATH_CHALLENGE, a);
      parse();
      assertThat(f.id).isEqualTo(a);
      ConnId id = ConnId.ofKey(a);
      FrameWriter.newConnectionId(w, b, Math.min(b, c), id, new byte[16]);
      parse();
      assertThat(f.id).isEqualTo(b);
      assertThat(id.matches(buf, f.dataOff, f.dataLen)).isTrue();
      FrameWriter.close(w, r.nextBoolean(), a, 6, new byte[r.nextInt(50)]);
      parse();
      assertThat(f.error).isEqualTo(a);
    }
  }

  @Test
  void streamAndCryptoKeepTheirBytes() {
    Random r = new Random(2);
    for (int i = 0; i < 2_000; i++) {
      long id = value(r);
      long offset = value(r) >>> 1;
      byte[] data = new byte[r.nextInt(600)];
      r.nextBytes(data);
      boolean fin = r.nextBoolean();
      FrameWriter.streamHeader(w, id, offset, data.length, fin, r.nextBoolean());
      w.bytes(data);
      parse();
      assertThat(new long[] {f.id, f.offset, f.dataLen}).containsExactly(id, offset, data.length);
      assertThat(f.fin).isEqualTo(fin);
      assertThat(java.util.Arrays.copyOfRange(buf, f.dataOff, f.dataOff + f.dataLen))
          .isEqualTo(data);
      FrameWriter.cryptoHeader(w, offset, data.length);
      w.bytes(data);
      parse();
      assertThat(new long[] {f.offset, f.dataLen}).containsExactly(offset, data.length);
    }
  }

  @Test
  void ackListsExactlyWhatWasReceived() {
    for (int seed = 0; seed < 500; seed++) {
      Random r = new Random(seed);
      PnSpace s = new PnSpace();
      for (long pn = 0, n = 0; n < 40; n++) {
        pn += 1 + (r.nextInt(3) == 0 ? r.nextInt(100) : 0);
        s.receive(pn, 0);
        s.countEcn(seed & 3);
      }
      assertThat(FrameWriter.ack(w, s, 7, 64)).isTrue();
      parse();
      assertThat(f.offset).isEqualTo(7);
      assertThat(f.ackCount).isEqualTo(s.rangeCount());
      for (int i = 0; i < f.ackCount; i++) {
        assertThat(f.ackLow[i]).isEqualTo(s.rangeLow(i));
        assertThat(f.ackHigh[i]).isEqualTo(s.rangeHigh(i));
      }
    }
  }

  @Test
  void anyBytesParseOrFailButNeverThrow() {
    Random r = new Random(3);
    Reader reader = new Reader();
    for (int i = 0; i < 200_000; i++) {
      int len = r.nextInt(40);
      for (int j = 0; j < len; j++) {
        buf[j] = (byte) r.nextInt();
      }
      if (len > 0) {
        buf[0] &= 0x3f;
      }
      reader.wrap(buf, 0, len);
      while (reader.remaining() > 0) {
        int before = reader.remaining();
        int error = f.parse(reader);
        if (error != 0) {
          assertThat(error).isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_FRAME_ENCODING);
          break;
        }
        assertThat(reader.remaining()).isLessThan(before);
        assertThat(f.ackCount).isLessThanOrEqualTo(f.ackLow.length);
      }
    }
  }

  @Test
  void tableThreeOfRfc9000() {
    int[] everywhere = {FrameType.PADDING, FrameType.PING, FrameType.CONNECTION_CLOSE};
    for (int type : everywhere) {
      for (int level = 0; level < 4; level++) {
        assertThat(FrameType.isAllowed(type, level)).isTrue();
      }
    }
    for (int type : new int[] {FrameType.ACK, FrameType.CRYPTO}) {
      assertThat(FrameType.isAllowed(type, QuicUapi.QUIC_CRYPTO_EARLY)).isFalse();
      assertThat(FrameType.isAllowed(type, QuicUapi.QUIC_CRYPTO_INITIAL)).isTrue();
    }
    for (int type = FrameType.RESET_STREAM; type <= FrameType.HANDSHAKE_DONE; type++) {
      boolean handshake = type == FrameType.CRYPTO || type == FrameType.CONNECTION_CLOSE;
      assertThat(FrameType.isAllowed(type, QuicUapi.QUIC_CRYPTO_INITIAL)).isEqualTo(handshake);
      assertThat(FrameType.isAllowed(type, QuicUapi.QUIC_CRYPTO_HANDSHAKE)).isEqualTo(handshake);
      assertThat(FrameType.isAllowed(type, QuicUapi.QUIC_CRYPTO_APP)).isTrue();
    }
  }
}
