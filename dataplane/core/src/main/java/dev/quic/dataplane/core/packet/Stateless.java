package dev.quic.dataplane.core.packet;

import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.crypto.RetryTag;
import dev.quic.dataplane.core.frame.FrameWriter;
import dev.quic.uapi.QuicUapi;

/** Packets sent without a connection. Each method returns the length written at 0. */
public final class Stateless {
  private Stateless() {}

  /** Shortest datagram a stateless reset may answer (the kernel's bound). */
  public static final int RESET_TRIGGER = 23;

  private static final int RESET_MAX = 64;

  /** Bytes of the token a stateless reset ends in. */
  public static final int TOKEN = 16;

  /**
   * Version Negotiation, RFC 9000 section 17.2.1: ids as received, swapped.
   *
   * @param versions what to offer; a reserved version that means nothing is added (RFC 9000 section
   *     6.3)
   * @param random 32 random bits
   */
  public static int versionNegotiation(
      byte[] out, byte[] in, PacketHeader h, int[] versions, int random) {
    out[0] = (byte) (0xc0 | random & 0x3f);
    int at = HeaderWriter.write32(out, 1, 0);
    out[at++] = (byte) h.scidLen;
    System.arraycopy(in, h.scidOff, out, at, h.scidLen);
    at += h.scidLen;
    out[at++] = (byte) h.dcidLen;
    System.arraycopy(in, h.dcidOff, out, at, h.dcidLen);
    at += h.dcidLen;
    for (int v : versions) {
      at = HeaderWriter.write32(out, at, v);
    }
    int reserved = random & 0xf0f0f0f0 | 0x0a0a0a0a;
    // Never the version refused: that would make the packet void.
    return HeaderWriter.write32(out, at, reserved == h.version ? reserved ^ 0x10 : reserved);
  }

  /** An Initial that refuses a connection nothing is kept of. */
  public static int refuse(byte[] out, byte[] in, PacketHeader h, QuicVersion version, int error) {
    ConnId original = h.dcid(in);
    int pnOff =
        HeaderWriter.writeLong(
            out,
            0,
            version.wire(),
            QuicUapi.QUIC_CRYPTO_INITIAL,
            h.scid(in),
            original,
            new byte[0],
            1);
    Writer w = new Writer(out, pnOff + 1, 256);
    FrameWriter.close(w, false, error, 0, new byte[0]);
    w.zeros(4);
    HeaderWriter.finishLong(out, pnOff, 1, 0, w.position() + PacketProtection.TAG);
    PacketProtection p = InitialSecrets.protection(version, original.toBytes(), false);
    p.seal(out, 0, pnOff, w.position(), 0);
    p.destroy();
    return w.position() + PacketProtection.TAG;
  }

  /**
   * A Retry, RFC 9000 section 17.2.5.
   *
   * @param in holds the Initial it answers, h being its header
   * @param scid destination id of the client's next Initials
   * @param low random bits
   */
  public static int retry(
      byte[] out,
      byte[] in,
      PacketHeader h,
      QuicVersion version,
      ConnId scid,
      byte[] token,
      int low) {
    int at = HeaderWriter.writeRetry(out, version.wire(), h.scid(in), scid, low);
    System.arraycopy(token, 0, out, at, token.length);
    at += token.length;
    byte[] tag = RetryTag.compute(version, h.dcid(in).toBytes(), out, 0, at);
    System.arraycopy(tag, 0, out, at, tag.length);
    return at + tag.length;
  }

  /**
   * A stateless reset, RFC 9000 section 10.3.
   *
   * @param out filled with random bytes at least as long as the answer
   * @param trigger length of the datagram answered, at least {@link #RESET_TRIGGER}
   */
  public static int reset(byte[] out, int trigger, byte[] token) {
    int len = Math.min(RESET_MAX, trigger - 1);
    out[0] = (byte) (out[0] & 0x3f | 0x40);
    System.arraycopy(token, 0, out, len - TOKEN, TOKEN);
    return len;
  }
}
