package dev.quic.fuzz.core;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.uapi.QuicUapi;

/** Datagrams: with any bytes, or an Initial with good keys around any frames. */
class PacketFuzzTest {
  private static final int DATAGRAMS = 16;
  private static final int SIZE = 1_200;

  /** Input: for each datagram a byte (bit 0: to the client), its length, its bytes. */
  @FuzzTest(maxDuration = "10m")
  void datagrams(byte[] data) {
    Input in = new Input(data);
    Ends e = new Ends();
    for (int i = 0; in.more() && i < DATAGRAMS; i++) {
      int how = in.u8();
      byte[] bytes = in.take(Math.min(1_500, in.u16()));
      // Long headers are only looked at in full-size datagrams.
      byte[] whole = (how & 2) == 0 ? bytes : java.util.Arrays.copyOf(bytes, SIZE);
      if (whole.length > 0) {
        e.datagram((how & 1) == 0, whole);
      }
    }
    e.settle();
    e.close();
  }

  /** Input: version and token length of a client's Initial, then its frames. */
  @FuzzTest(maxDuration = "10m")
  void initials(byte[] data) {
    Input in = new Input(data);
    Ends e = new Ends();
    for (int i = 0; in.more() && i < DATAGRAMS; i++) {
      QuicVersion version = (in.u8() & 1) == 0 ? QuicVersion.V1 : QuicVersion.V2;
      byte[] token = in.take(in.u8() & 0x3f);
      byte[] frames = in.take(Math.min(900, in.u16()));
      e.datagram(true, initial(version, i, token, frames));
    }
    e.settle();
    e.close();
  }

  private static byte[] initial(QuicVersion version, int n, byte[] token, byte[] frames) {
    byte[] p = new byte[SIZE];
    // Two datagrams for each connection.
    ConnId dcid = ConnId.ofKey(0x0101_0101_0101_0101L * (1 + n / 2));
    ConnId scid = ConnId.ofKey(1);
    int level = QuicUapi.QUIC_CRYPTO_INITIAL;
    int pnOff = HeaderWriter.writeLong(p, 0, version.wire(), level, dcid, scid, token, 4);
    System.arraycopy(frames, 0, p, pnOff + 4, frames.length);
    HeaderWriter.finishLong(p, pnOff, 4, n, SIZE);
    PacketProtection key = InitialSecrets.protection(version, dcid.toBytes(), true);
    key.seal(p, 0, pnOff, SIZE - PacketProtection.TAG, n);
    return p;
  }
}
