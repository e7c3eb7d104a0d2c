package dev.quic.dataplane.core.packet;

import dev.quic.dataplane.core.common.PacketNumber;
import dev.quic.dataplane.core.common.Varint;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.uapi.QuicUapi;

/** Builds packet headers, RFC 9000 section 17. The caller has checked the room. */
public final class HeaderWriter {
  private HeaderWriter() {}

  private static final int FIXED = 0x40;
  private static final int LONG = 0x80;
  private static final int KEY_PHASE = 0x04;

  /** Bytes of the Length field of every long header, so that it can be filled in afterwards. */
  public static final int LENGTH_BYTES = 2;

  /** Bytes of a long header with its packet number. */
  public static int longSize(ConnId dcid, ConnId scid, int token, boolean initial, int pnLen) {
    int tokenSize = initial ? Varint.size(token) + token : 0;
    return 1 + 4 + 1 + dcid.length() + 1 + scid.length() + tokenSize + LENGTH_BYTES + pnLen;
  }

  /**
   * Writes a long header up to its packet number, Length still 0.
   *
   * @param level INITIAL, HANDSHAKE or EARLY
   * @return offset of the packet number, which is {@link #LENGTH_BYTES} after the Length field
   */
  public static int writeLong(
      byte[] buf,
      int off,
      int version,
      int level,
      ConnId dcid,
      ConnId scid,
      byte[] token,
      int pnLen) {
    buf[off] = (byte) (LONG | FIXED | typeBits(level, version) << 4 | pnLen - 1);
    int at = write32(buf, off + 1, version);
    buf[at++] = (byte) dcid.length();
    at = dcid.write(buf, at);
    buf[at++] = (byte) scid.length();
    at = scid.write(buf, at);
    if (level == QuicUapi.QUIC_CRYPTO_INITIAL) {
      at = Varint.write(buf, at, token.length);
      System.arraycopy(token, 0, buf, at, token.length);
      at += token.length;
    }
    return Varint.write(buf, at, 0, LENGTH_BYTES);
  }

  /** Fills in number and Length of a long header. */
  public static void finishLong(byte[] buf, int pnOff, int pnLen, long pn, int end) {
    PacketNumber.write(buf, pnOff, pn, pnLen);
    Varint.write(buf, pnOff - LENGTH_BYTES, end - pnOff, LENGTH_BYTES);
  }

  /**
   * Writes a short header with its number. The spin bit stays 0.
   *
   * @return offset of the packet number
   */
  public static int writeShort(
      byte[] buf, int off, ConnId dcid, boolean keyPhase, long pn, int pnLen) {
    buf[off] = (byte) (FIXED | (keyPhase ? KEY_PHASE : 0) | pnLen - 1);
    int at = dcid.write(buf, off + 1);
    PacketNumber.write(buf, at, pn, pnLen);
    return at;
  }

  /**
   * Writes the header of a Retry up to its token.
   *
   * @param unused four random bits
   * @return offset of the token
   */
  static int writeRetry(byte[] buf, int version, ConnId dcid, ConnId scid, int unused) {
    int type = version == QuicUapi.QUIC_VERSION_V2 ? 0 : 3;
    buf[0] = (byte) (LONG | FIXED | type << 4 | unused & 0xf);
    int at = write32(buf, 1, version);
    buf[at++] = (byte) dcid.length();
    at = dcid.write(buf, at);
    buf[at++] = (byte) scid.length();
    return scid.write(buf, at);
  }

  private static int typeBits(int level, int version) {
    int t =
        switch (level) {
          case QuicUapi.QUIC_CRYPTO_INITIAL -> 0;
          case QuicUapi.QUIC_CRYPTO_EARLY -> 1;
          default -> 2;
        };
    return version == QuicUapi.QUIC_VERSION_V2 ? t + 1 & 3 : t;
  }

  static int write32(byte[] buf, int off, int v) {
    buf[off] = (byte) (v >>> 24);
    buf[off + 1] = (byte) (v >>> 16);
    buf[off + 2] = (byte) (v >>> 8);
    buf[off + 3] = (byte) v;
    return off + 4;
  }
}
