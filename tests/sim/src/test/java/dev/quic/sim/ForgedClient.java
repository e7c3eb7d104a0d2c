package dev.quic.sim;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;

/**
 * Writes packets that a client with the keys of {@link FakeTls} could have written: learns the ids
 * and addresses from the client's own datagrams.
 */
final class ForgedClient {
  private static final int TAG = PacketProtection.TAG;
  private static final int FORGED = 1_200;

  private final QuicVersion version = QuicVersion.V1;
  private Datagram last = new Datagram(new byte[0], ANY, ANY, (byte) 0);
  private ConnId first = ConnId.EMPTY;
  private ConnId dcid = ConnId.EMPTY;
  private ConnId scid = ConnId.EMPTY;
  private long pn = 10_000;

  private static final dev.quic.dataplane.core.family.SockAddr ANY =
      dev.quic.dataplane.core.family.SockAddr.any(QuicUapi.AF_INET, 0);

  /** Looks at a datagram of the client's; the kind of its first packet. */
  Kind learn(Datagram d) {
    PacketHeader h = new PacketHeader();
    Kind kind = h.parse(d.bytes, 0, d.length());
    last = d;
    if (kind == Kind.SHORT) {
      dcid = h.dcid(d.bytes);
    } else if (kind != Kind.INVALID) {
      first = first.isEmpty() ? h.dcid(d.bytes) : first;
      dcid = h.dcid(d.bytes);
      scid = h.scid(d.bytes);
    }
    return kind;
  }

  /** The next packet goes to this id. */
  void to(ConnId id) {
    dcid = id;
  }

  /** The number of the next packet. */
  void number(long next) {
    pn = next;
  }

  /** Whether the ids of the server are known. */
  boolean knowsServer() {
    return !dcid.isEmpty() && !dcid.equals(first);
  }

  private PacketProtection key(int level) {
    if (level == QuicUapi.QUIC_CRYPTO_INITIAL) {
      return InitialSecrets.protection(version, first.toBytes(), true);
    }
    return PacketProtection.of(
        QuicCipher.AES_128_GCM, version, FakeTls.constantSecret(level, false));
  }

  /**
   * A datagram with one packet.
   *
   * @param level {@code QUIC_CRYPTO_*}
   * @param reserved bits of the first byte to set
   */
  Datagram packet(int level, byte[] frames, int reserved) {
    byte[] p = new byte[FORGED + 100];
    long number = pn++;
    int pnOff;
    boolean isLong = level != QuicUapi.QUIC_CRYPTO_APP;
    if (isLong) {
      pnOff = HeaderWriter.writeLong(p, 0, version.wire(), level, dcid, scid, new byte[0], 4);
    } else {
      pnOff = HeaderWriter.writeShort(p, 0, dcid, false, number, 4);
    }
    p[0] |= (byte) reserved;
    System.arraycopy(frames, 0, p, pnOff + 4, frames.length);
    boolean pads = level == QuicUapi.QUIC_CRYPTO_INITIAL;
    int end = pads ? FORGED - TAG : pnOff + 4 + frames.length;
    if (isLong) {
      HeaderWriter.finishLong(p, pnOff, 4, number, end + TAG);
    }
    key(level).seal(p, 0, pnOff, end, number);
    return new Datagram(Arrays.copyOf(p, end + TAG), last.from, last.to, (byte) 0);
  }
}
