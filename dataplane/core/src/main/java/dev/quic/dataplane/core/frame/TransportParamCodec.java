package dev.quic.dataplane.core.frame;

import static dev.quic.uapi.Errno.EINVAL;
import static dev.quic.uapi.Errno.EMSGSIZE;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Reader;
import dev.quic.dataplane.core.common.Varint;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/** The quic_transport_parameters extension, RFC 9000 section 18. */
final class TransportParamCodec {
  private TransportParamCodec() {}

  static final long ORIGINAL_DESTINATION_ID = 0x00;
  static final long MAX_IDLE_TIMEOUT = 0x01;
  static final long RESET_TOKEN = 0x02;
  static final long MAX_UDP_PAYLOAD_SIZE = 0x03;
  static final long MAX_DATA = 0x04;
  static final long STREAM_DATA_BIDI_LOCAL = 0x05;
  static final long STREAM_DATA_BIDI_REMOTE = 0x06;
  static final long STREAM_DATA_UNI = 0x07;
  static final long STREAMS_BIDI = 0x08;
  static final long STREAMS_UNI = 0x09;
  static final long ACK_DELAY_EXPONENT = 0x0a;
  static final long MAX_ACK_DELAY = 0x0b;
  static final long DISABLE_ACTIVE_MIGRATION = 0x0c;
  static final long PREFERRED_ADDRESS = 0x0d;
  static final long ACTIVE_CONN_ID_LIMIT = 0x0e;
  static final long INITIAL_SOURCE_ID = 0x0f;
  static final long RETRY_SOURCE_ID = 0x10;
  static final long VERSION_INFORMATION = 0x11;
  static final long MAX_DATAGRAM_FRAME_SIZE = 0x20;
  static final long GREASE_QUIC_BIT = 0x2ab2;
  static final long DISABLE_1RTT_ENCRYPTION = 0xbaad;

  /** Ours, a client's flag. */
  static final long FOLLOWS_SERVER = 0x2d6d;

  private static final long MILLISECOND = 1_000_000;
  private static final int TOKEN = 16;

  /** RFC 9000 section 4.6. */
  private static final long MAX_STREAMS = 1L << 60;

  private static final long MAX_MILLISECONDS = Long.MAX_VALUE / MILLISECOND;

  static int build(TransportParams p, boolean server, byte[] buf, int off, int len) {
    if (!encodable(p)) {
      return -EINVAL;
    }
    Writer w = new Writer(buf, off, len);
    if (server) {
      writeServerOnly(w, p);
    }
    writeId(w, INITIAL_SOURCE_ID, p.initialSourceId);
    number(w, STREAM_DATA_BIDI_LOCAL, p.maxStreamDataBidiLocal);
    number(w, STREAM_DATA_BIDI_REMOTE, p.maxStreamDataBidiRemote);
    number(w, STREAM_DATA_UNI, p.maxStreamDataUni);
    number(w, MAX_DATA, p.maxData);
    number(w, STREAMS_BIDI, p.maxStreamsBidi);
    number(w, STREAMS_UNI, p.maxStreamsUni);
    numberUnless(w, MAX_UDP_PAYLOAD_SIZE, p.maxUdpPayloadSize, 65_527);
    numberUnless(w, ACK_DELAY_EXPONENT, p.ackDelayExponent, 3);
    flag(w, DISABLE_ACTIVE_MIGRATION, p.disableActiveMigration);
    flag(w, DISABLE_1RTT_ENCRYPTION, p.disable1rttEncryption);
    if (!p.disableCompatibleVersion && p.chosenVersion != 0) {
      writeVersions(w, p);
    }
    flag(w, GREASE_QUIC_BIT, p.greaseQuicBit);
    flag(w, FOLLOWS_SERVER, p.followsServer);
    numberUnless(w, MAX_ACK_DELAY, milliseconds(p.maxAckDelay), 25);
    numberUnless(w, MAX_IDLE_TIMEOUT, milliseconds(p.maxIdleTimeout), 0);
    numberUnless(w, ACTIVE_CONN_ID_LIMIT, p.activeConnIdLimit, 2);
    numberUnless(w, MAX_DATAGRAM_FRAME_SIZE, p.maxDatagramFrameSize, 0);
    grease(w, p.grease);
    return w.ok() ? w.position() - off : -EMSGSIZE;
  }

  /** One of the ids 31 * N + 27 with up to three bytes; left out when there is no room. */
  private static void grease(Writer w, long random) {
    int length = (int) (random >>> 32 & 3);
    if (random != 0 && w.remaining() >= 9 + length) {
      w.varint(31 * (random & 0xfff_ffff) + 27).varint(length);
      for (int i = 0; i < length; i++) {
        w.u8((int) (random >>> 40 + 8 * i) & 0xff);
      }
    }
  }

  private static boolean encodable(TransportParams p) {
    long all =
        p.maxStreamDataBidiLocal
            | p.maxStreamDataBidiRemote
            | p.maxStreamDataUni
            | p.maxData
            | p.maxStreamsBidi
            | p.maxStreamsUni
            | p.maxUdpPayloadSize
            | p.ackDelayExponent
            | p.activeConnIdLimit
            | p.maxDatagramFrameSize;
    return all >= 0
        && all <= Varint.MAX
        && p.maxIdleTimeout >= 0
        && p.maxAckDelay >= 0
        && p.availableVersions.length <= Limits.VERSIONS;
  }

  /** Rounded up, as the kernel. */
  private static long milliseconds(long ns) {
    return ns / MILLISECOND + (ns % MILLISECOND == 0 ? 0 : 1);
  }

  private static void writeServerOnly(Writer w, TransportParams p) {
    writeId(w, ORIGINAL_DESTINATION_ID, p.originalDestId);
    byte[] token = p.resetToken;
    if (p.statelessReset && token != null) {
      w.varint(RESET_TOKEN).varint(token.length).bytes(token);
    }
    writeId(w, RETRY_SOURCE_ID, p.retrySourceId);
    PreferredAddress a = p.preferredAddress;
    if (a != null) {
      writePreferred(w, a);
    }
  }

  private static void writePreferred(Writer w, PreferredAddress a) {
    SockAddr v4 = a.v4();
    SockAddr v6 = a.v6();
    w.varint(PREFERRED_ADDRESS).varint(4 + 2 + 16 + 2 + 1 + a.id().length() + TOKEN);
    w.u32(v4 == null ? 0 : v4.v4Bits()).u16(v4 == null ? 0 : v4.port());
    w.u64(v6 == null ? 0 : v6.hi()).u64(v6 == null ? 0 : v6.lo()).u16(v6 == null ? 0 : v6.port());
    w.u8(a.id().length()).bytes(a.id().toBytes()).bytes(a.token());
  }

  private static void writeVersions(Writer w, TransportParams p) {
    w.varint(VERSION_INFORMATION).varint(4 + 4L * p.availableVersions.length);
    w.u32(p.chosenVersion);
    for (int v : p.availableVersions) {
      w.u32(v);
    }
  }

  private static void writeId(Writer w, long param, @Nullable ConnId id) {
    if (id != null) {
      w.varint(param).varint(id.length()).bytes(id.toBytes());
    }
  }

  private static void number(Writer w, long param, long value) {
    w.varint(param).varint(Varint.size(value)).varint(value);
  }

  private static void numberUnless(Writer w, long param, long value, long omitted) {
    if (value != omitted) {
      number(w, param, value);
    }
  }

  private static void flag(Writer w, long param, boolean on) {
    if (on) {
      w.varint(param).varint(0);
    }
  }

  static TransportParamError parse(
      byte[] buf, int off, int len, boolean fromServer, TransportParams into) {
    Reader r = new Reader(buf, off, len);
    Reader value = new Reader();
    long[] seen = new long[Limits.TRANSPORT_PARAMS];
    int count = 0;
    while (r.ok() && r.remaining() > 0) {
      long param = r.varint();
      int size = r.length();
      if (!r.ok()) {
        return TransportParamError.TRUNCATED;
      }
      for (int i = 0; i < count; i++) {
        if (seen[i] == param) {
          return TransportParamError.DUPLICATE;
        }
      }
      if (count == seen.length) {
        // More than any honest peer sends, and no way to tell duplicates any more.
        return TransportParamError.BAD_VALUE;
      }
      seen[count++] = param;
      value.wrap(buf, r.position(), size);
      TransportParamError e = parseOne(param, value, fromServer, into);
      if (e != TransportParamError.NONE) {
        return e;
      }
      r.skip(size);
    }
    return r.ok() ? TransportParamError.NONE : TransportParamError.TRUNCATED;
  }

  private static TransportParamError parseOne(
      long param, Reader v, boolean fromServer, TransportParams p) {
    boolean serverOnly =
        param == ORIGINAL_DESTINATION_ID
            || param == RESET_TOKEN
            || param == PREFERRED_ADDRESS
            || param == RETRY_SOURCE_ID;
    if (serverOnly && !fromServer) {
      return TransportParamError.SERVER_ONLY;
    }
    if (param == ORIGINAL_DESTINATION_ID
        || param == INITIAL_SOURCE_ID
        || param == RETRY_SOURCE_ID) {
      return parseId(param, v, p);
    }
    if (param == DISABLE_ACTIVE_MIGRATION
        || param == GREASE_QUIC_BIT
        || param == DISABLE_1RTT_ENCRYPTION) {
      return parseFlag(param, v, fromServer, p);
    }
    if (param == FOLLOWS_SERVER) {
      p.followsServer = v.remaining() == 0;
      return TransportParamError.NONE;
    }
    if (param == RESET_TOKEN) {
      if (v.remaining() != TOKEN) {
        return TransportParamError.BAD_LENGTH;
      }
      p.resetToken = v.bytes(TOKEN);
      return TransportParamError.NONE;
    }
    if (param == PREFERRED_ADDRESS) {
      return parsePreferred(v, p);
    }
    if (param == VERSION_INFORMATION) {
      return parseVersions(v, fromServer, p);
    }
    boolean numeric =
        param >= MAX_IDLE_TIMEOUT && param <= ACTIVE_CONN_ID_LIMIT
            || param == MAX_DATAGRAM_FRAME_SIZE;
    return numeric ? parseNumber(param, v, p) : TransportParamError.NONE;
  }

  private static TransportParamError parseId(long param, Reader v, TransportParams p) {
    if (v.remaining() > Limits.CONN_ID_BYTES) {
      return TransportParamError.BAD_LENGTH;
    }
    ConnId id = ConnId.of(v.array(), v.position(), v.remaining());
    if (param == ORIGINAL_DESTINATION_ID) {
      p.originalDestId = id;
    } else if (param == INITIAL_SOURCE_ID) {
      p.initialSourceId = id;
    } else {
      p.retrySourceId = id;
    }
    return TransportParamError.NONE;
  }

  private static TransportParamError parseFlag(
      long param, Reader v, boolean fromServer, TransportParams p) {
    if (v.remaining() != 0 && (fromServer || param != DISABLE_1RTT_ENCRYPTION)) {
      return TransportParamError.BAD_LENGTH;
    }
    if (param == DISABLE_ACTIVE_MIGRATION) {
      p.disableActiveMigration = true;
    } else if (param == GREASE_QUIC_BIT) {
      p.greaseQuicBit = true;
    } else {
      p.disable1rttEncryption = true;
    }
    return TransportParamError.NONE;
  }

  private static TransportParamError parsePreferred(Reader v, TransportParams p) {
    int a4 = v.u32();
    int port4 = v.u16();
    long hi = v.u64();
    long lo = v.u64();
    int port6 = v.u16();
    int idLength = v.u8();
    if (!v.ok() || v.remaining() != idLength + TOKEN) {
      return TransportParamError.BAD_LENGTH;
    }
    if (idLength == 0 || idLength > Limits.CONN_ID_BYTES) {
      // RFC 9000 section 18.2: never a zero-length id here.
      return TransportParamError.BAD_VALUE;
    }
    ConnId id = ConnId.of(v.array(), v.position(), idLength);
    v.skip(idLength);
    SockAddr v4 = a4 == 0 || port4 == 0 ? null : SockAddr.v4(a4, port4);
    SockAddr v6 = (hi | lo) == 0 || port6 == 0 ? null : SockAddr.v6(hi, lo, port6, 0);
    p.preferredAddress = new PreferredAddress(v4, v6, id, v.bytes(TOKEN));
    return TransportParamError.NONE;
  }

  private static TransportParamError parseVersions(
      Reader v, boolean fromServer, TransportParams p) {
    int words = v.remaining() / 4;
    if (v.remaining() % 4 != 0 || words == 0) {
      return TransportParamError.BAD_LENGTH;
    }
    int chosen = v.u32();
    // What exceeds the limit is read and checked but not kept.
    int[] available = new int[Math.min(words - 1, Limits.VERSIONS)];
    boolean listed = false;
    boolean zero = chosen == 0;
    for (int i = 0; i < words - 1; i++) {
      int version = v.u32();
      zero |= version == 0;
      listed |= version == chosen;
      if (i < available.length) {
        available[i] = version;
      }
    }
    // RFC 9368 section 3: zero is never a version, and a client's choice is among those available.
    if (zero || !fromServer && !listed) {
      return TransportParamError.BAD_VALUE;
    }
    p.chosenVersion = chosen;
    p.availableVersions = available;
    return TransportParamError.NONE;
  }

  private static TransportParamError parseNumber(long param, Reader v, TransportParams p) {
    long n = v.varint();
    if (!v.ok() || v.remaining() != 0) {
      return TransportParamError.BAD_LENGTH;
    }
    if (!inRange(param, n)) {
      return TransportParamError.BAD_VALUE;
    }
    switch ((int) param) {
      case (int) MAX_IDLE_TIMEOUT -> p.maxIdleTimeout = Math.min(n, MAX_MILLISECONDS) * MILLISECOND;
      case (int) MAX_UDP_PAYLOAD_SIZE -> p.maxUdpPayloadSize = Math.min(n, 65_527);
      case (int) MAX_DATA -> p.maxData = n;
      case (int) STREAM_DATA_BIDI_LOCAL -> p.maxStreamDataBidiLocal = n;
      case (int) STREAM_DATA_BIDI_REMOTE -> p.maxStreamDataBidiRemote = n;
      case (int) STREAM_DATA_UNI -> p.maxStreamDataUni = n;
      case (int) STREAMS_BIDI -> p.maxStreamsBidi = n;
      case (int) STREAMS_UNI -> p.maxStreamsUni = n;
      case (int) ACK_DELAY_EXPONENT -> p.ackDelayExponent = n;
      case (int) MAX_ACK_DELAY -> p.maxAckDelay = n * MILLISECOND;
      case (int) ACTIVE_CONN_ID_LIMIT -> p.activeConnIdLimit = n;
      case (int) MAX_DATAGRAM_FRAME_SIZE -> p.maxDatagramFrameSize = n;
      default -> {}
    }
    return TransportParamError.NONE;
  }

  /** The bounds of RFC 9000 section 18.2. */
  private static boolean inRange(long param, long n) {
    return switch ((int) param) {
      case (int) MAX_UDP_PAYLOAD_SIZE -> n >= Limits.MIN_INITIAL_DATAGRAM;
      case (int) STREAMS_BIDI, (int) STREAMS_UNI -> n <= MAX_STREAMS;
      case (int) ACK_DELAY_EXPONENT -> n <= 20;
      case (int) MAX_ACK_DELAY -> n < 1L << 14;
      case (int) ACTIVE_CONN_ID_LIMIT -> n >= 2;
      default -> true;
    };
  }
}
