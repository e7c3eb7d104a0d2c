package dev.quic.dataplane.core.packet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.connid.ShardCodec;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.uapi.QuicUapi;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketHeaderTest {
  private final byte[] buf = new byte[1_500];
  private final PacketHeader h = new PacketHeader();

  @Test
  void longHeadersSurviveTheRoundTrip() {
    Random r = new Random(1);
    int[] levels = {
      QuicUapi.QUIC_CRYPTO_INITIAL, QuicUapi.QUIC_CRYPTO_EARLY, QuicUapi.QUIC_CRYPTO_HANDSHAKE
    };
    for (int i = 0; i < 2_000; i++) {
      byte[] d = new byte[r.nextInt(21)];
      byte[] s = new byte[r.nextInt(21)];
      byte[] token = new byte[r.nextInt(100)];
      r.nextBytes(d);
      r.nextBytes(s);
      int level = levels[r.nextInt(3)];
      boolean initial = level == QuicUapi.QUIC_CRYPTO_INITIAL;
      int version = r.nextBoolean() ? QuicUapi.QUIC_VERSION_V1 : QuicUapi.QUIC_VERSION_V2;
      int pnLen = 1 + r.nextInt(4);
      ConnId dcid = ConnId.of(d);
      ConnId scid = ConnId.of(s);
      int pnOff = HeaderWriter.writeLong(buf, 7, version, level, dcid, scid, token, pnLen);
      assertThat(pnOff + pnLen - 7)
          .isEqualTo(HeaderWriter.longSize(dcid, scid, token.length, initial, pnLen));
      int end = pnOff + pnLen + r.nextInt(500);
      HeaderWriter.finishLong(buf, pnOff, pnLen, i, end);
      h.parse(buf, 7, 1_500);
      assertThat(h.level()).isEqualTo(level);
      assertThat(h.pnOff).isEqualTo(pnOff);
      assertThat(h.end).isEqualTo(end);
      assertThat(h.version).isEqualTo(version);
      assertThat(h.dcid(buf)).isEqualTo(dcid);
      assertThat(h.scid(buf)).isEqualTo(scid);
      assertThat(h.tokenLen).isEqualTo(initial ? token.length : 0);
    }
  }

  @Test
  void anyBytesParseIntoTheDatagram() {
    Random r = new Random(2);
    for (int i = 0; i < 300_000; i++) {
      int len = r.nextInt(60);
      r.nextBytes(buf);
      if (r.nextBoolean()) {
        buf[10] |= (byte) 0x80;
        buf[11] = buf[12] = buf[13] = 0;
        buf[14] = 1;
        buf[15] = (byte) r.nextInt(30);
      }
      Kind k = h.parse(buf, 10, 10 + len);
      QuicNet.shardOf(ShardCodec.CODEC, buf, 10, len);
      if (k != Kind.INVALID) {
        assertThat(h.end).isBetween(11, 10 + len);
        assertThat(h.pnOff).isBetween(11, 10 + len);
        assertThat(h.dcidOff + h.dcidLen).isLessThanOrEqualTo(10 + len);
        assertThat(h.scidLen == 0 || h.scidOff + h.scidLen <= 10 + len).isTrue();
        assertThat(h.tokenLen == 0 || h.tokenOff + h.tokenLen <= 10 + len).isTrue();
      }
    }
  }
}
