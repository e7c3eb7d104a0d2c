package dev.quic.sim;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;

/** Writes 1-RTT packets that a server with the keys of {@link FakeTls} could have written. */
final class ForgedServer {
  private static final SockAddr ANY = SockAddr.any(QuicUapi.AF_INET, 0);
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;

  private Datagram last = new Datagram(new byte[0], ANY, ANY, (byte) 0);
  private ConnId dcid = ConnId.EMPTY;
  private long pn = 10_000;

  /** Looks at a datagram of the server's. */
  void learn(Datagram d) {
    PacketHeader h = new PacketHeader();
    Kind kind = h.parse(d.bytes, 0, d.length());
    last = d;
    if (kind == Kind.SHORT || kind == Kind.INITIAL || kind == Kind.HANDSHAKE) {
      dcid = h.dcid(d.bytes);
    }
  }

  /** Whether an id of the client is known. */
  boolean knowsClient() {
    return !dcid.isEmpty();
  }

  /** A datagram with one packet. */
  Datagram packet(byte[] frames) {
    byte[] p = new byte[1_200];
    long number = pn++;
    int pnOff = HeaderWriter.writeShort(p, 0, dcid, false, number, 4);
    System.arraycopy(frames, 0, p, pnOff + 4, frames.length);
    int end = pnOff + 4 + frames.length;
    byte[] secret = FakeTls.constantSecret(APP, true);
    PacketProtection.of(QuicCipher.AES_128_GCM, QuicVersion.V1, secret)
        .seal(p, 0, pnOff, end, number);
    return new Datagram(Arrays.copyOf(p, end + PacketProtection.TAG), last.from, last.to, (byte) 0);
  }
}
