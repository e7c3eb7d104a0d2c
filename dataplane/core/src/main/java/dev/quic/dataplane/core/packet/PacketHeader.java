package dev.quic.dataplane.core.packet;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.NetworkOrder;
import dev.quic.dataplane.core.common.Varint;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.uapi.QuicUapi;

/**
 * The visible part of one received packet (RFC 9000 section 17, RFC 8999), parsed into fields that
 * the next parse overwrites. Never throws whatever the bytes.
 */
public final class PacketHeader {
  /** What {@link #parse} found. */
  public enum Kind {
    INITIAL,
    ZERO_RTT,
    HANDSHAKE,
    RETRY,
    VERSION_NEGOTIATION,
    /** A long header of a version this core does not know; only ids are parsed. */
    UNKNOWN_VERSION,
    SHORT,
    /** Not a packet. */
    INVALID
  }

  public Kind kind = Kind.INVALID;

  /** Offset of the first byte. */
  public int start;

  /** Offset of the packet number; of the body for Retry and Version Negotiation. */
  public int pnOff;

  /** Offset behind the packet; another may be coalesced there. */
  public int end;

  public int version;
  public int dcidOff;
  public int dcidLen;
  public int scidOff;
  public int scidLen;
  public int tokenOff;
  public int tokenLen;

  /** Whether the fixed bit is set. */
  public boolean fixedBit;

  /**
   * Parses the packet at {@code off}.
   *
   * @param limit end of the datagram
   */
  public Kind parse(byte[] buf, int off, int limit) {
    if (off >= limit || buf[off] < 0) {
      kind = Kind.INVALID;
      start = off;
      end = limit;
      tokenLen = 0;
      return off >= limit ? kind : parseLong(buf, off, limit);
    }
    oneRtt(buf, off, limit);
    kind = pnOff <= limit ? Kind.SHORT : Kind.INVALID;
    return kind;
  }

  /** Describes a datagram that is one packet with a short header, as was seen to. */
  public void oneRtt(byte[] buf, int off, int limit) {
    kind = Kind.SHORT;
    start = off;
    end = limit;
    tokenLen = 0;
    fixedBit = (buf[off] & 0x40) != 0;
    dcidOff = off + 1;
    dcidLen = Limits.OWN_CONN_ID_BYTES;
    scidLen = 0;
    pnOff = dcidOff + dcidLen;
    version = 0;
  }

  private Kind parseLong(byte[] buf, int off, int limit) {
    if (limit - off < 7) {
      return kind;
    }
    fixedBit = (buf[off] & 0x40) != 0;
    version = NetworkOrder.getInt(buf, off + 1);
    dcidLen = buf[off + 5] & 0xff;
    dcidOff = off + 6;
    int at = dcidOff + dcidLen;
    if (at >= limit) {
      return kind;
    }
    scidLen = buf[at] & 0xff;
    scidOff = at + 1;
    at = scidOff + scidLen;
    if (at > limit) {
      return kind;
    }
    pnOff = at;
    if (version == 0) {
      kind = Kind.VERSION_NEGOTIATION;
    } else if (version != QuicUapi.QUIC_VERSION_V1 && version != QuicUapi.QUIC_VERSION_V2) {
      kind = Kind.UNKNOWN_VERSION;
    } else if (dcidLen <= Limits.CONN_ID_BYTES && scidLen <= Limits.CONN_ID_BYTES) {
      kind = parseKnown(buf, off, at, limit);
    }
    return kind;
  }

  private Kind parseKnown(byte[] buf, int off, int ids, int limit) {
    Kind k = longKind(buf[off] >> 4 & 3, version);
    int at = ids;
    if (k == Kind.RETRY) {
      return k;
    }
    if (k == Kind.INITIAL) {
      long n = Varint.read(buf, at, limit);
      if (n < 0) {
        return Kind.INVALID;
      }
      at += Varint.length(buf[at]);
      if (n > limit - at) {
        return Kind.INVALID;
      }
      tokenOff = at;
      tokenLen = (int) n;
      at += tokenLen;
    }
    long length = Varint.read(buf, at, limit);
    if (length < 0) {
      return Kind.INVALID;
    }
    at += Varint.length(buf[at]);
    if (length > limit - at) {
      return Kind.INVALID;
    }
    pnOff = at;
    end = at + (int) length;
    return k;
  }

  /** The type bits of long headers, which version 2 rotates (RFC 9369 section 3.2). */
  static Kind longKind(int bits, int version) {
    int t = version == QuicUapi.QUIC_VERSION_V2 ? bits + 3 & 3 : bits;
    return switch (t) {
      case 0 -> Kind.INITIAL;
      case 1 -> Kind.ZERO_RTT;
      case 2 -> Kind.HANDSHAKE;
      default -> Kind.RETRY;
    };
  }

  /** Destination id, at most 20 bytes of it. */
  public ConnId dcid(byte[] buf) {
    return ConnId.of(buf, dcidOff, Math.min(dcidLen, Limits.CONN_ID_BYTES));
  }

  /** Source id of a long header, at most 20 bytes of it. */
  public ConnId scid(byte[] buf) {
    return ConnId.of(buf, scidOff, Math.min(scidLen, Limits.CONN_ID_BYTES));
  }

  /** {@code QUIC_CRYPTO_*} of the packet's keys. */
  public int level() {
    return switch (kind) {
      case INITIAL -> QuicUapi.QUIC_CRYPTO_INITIAL;
      case HANDSHAKE -> QuicUapi.QUIC_CRYPTO_HANDSHAKE;
      case ZERO_RTT -> QuicUapi.QUIC_CRYPTO_EARLY;
      default -> QuicUapi.QUIC_CRYPTO_APP;
    };
  }
}
