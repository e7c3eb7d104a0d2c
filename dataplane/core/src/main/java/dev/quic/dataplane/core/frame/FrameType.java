package dev.quic.dataplane.core.frame;

import dev.quic.uapi.QuicUapi;

/** Frame types, RFC 9000 section 19 and RFC 9221, with the attributes of table 3. */
public final class FrameType {
  private FrameType() {}

  public static final int PADDING = 0x00;
  public static final int PING = 0x01;
  public static final int ACK = 0x02;
  public static final int ACK_ECN = 0x03;
  public static final int RESET_STREAM = 0x04;
  public static final int STOP_SENDING = 0x05;
  public static final int CRYPTO = 0x06;
  public static final int NEW_TOKEN = 0x07;

  /** 0x08 to 0x0f: bits 1 FIN, 2 LEN, 4 OFF. */
  public static final int STREAM = 0x08;

  public static final int STREAM_FIN = 1;
  public static final int STREAM_LEN = 2;
  public static final int STREAM_OFF = 4;
  public static final int STREAM_LAST = 0x0f;
  public static final int MAX_DATA = 0x10;
  public static final int MAX_STREAM_DATA = 0x11;
  public static final int MAX_STREAMS_BIDI = 0x12;
  public static final int MAX_STREAMS_UNI = 0x13;
  public static final int DATA_BLOCKED = 0x14;
  public static final int STREAM_DATA_BLOCKED = 0x15;
  public static final int STREAMS_BLOCKED_BIDI = 0x16;
  public static final int STREAMS_BLOCKED_UNI = 0x17;
  public static final int NEW_CONNECTION_ID = 0x18;
  public static final int RETIRE_CONNECTION_ID = 0x19;
  public static final int PATH_CHALLENGE = 0x1a;
  public static final int PATH_RESPONSE = 0x1b;
  public static final int CONNECTION_CLOSE = 0x1c;
  public static final int CONNECTION_CLOSE_APP = 0x1d;
  public static final int HANDSHAKE_DONE = 0x1e;
  public static final int DATAGRAM = 0x30;
  public static final int DATAGRAM_LEN = 0x31;

  private static final int I = 1 << QuicUapi.QUIC_CRYPTO_INITIAL;
  private static final int H = 1 << QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  private static final int Z = 1 << QuicUapi.QUIC_CRYPTO_EARLY;
  private static final int A = 1 << QuicUapi.QUIC_CRYPTO_APP;

  // RFC 9000 table 3: the packets a frame may be in, by type; 0 for an unknown type.
  private static final byte[] ALLOWED = new byte[DATAGRAM_LEN + 1];

  static {
    int all = I | H | Z | A;
    allow(all, PADDING, PING, CONNECTION_CLOSE);
    allow(I | H | A, ACK, ACK_ECN, CRYPTO);
    allow(Z | A, RESET_STREAM, STOP_SENDING, MAX_DATA, MAX_STREAM_DATA);
    allow(Z | A, MAX_STREAMS_BIDI, MAX_STREAMS_UNI, DATA_BLOCKED, STREAM_DATA_BLOCKED);
    allow(Z | A, STREAMS_BLOCKED_BIDI, STREAMS_BLOCKED_UNI, NEW_CONNECTION_ID);
    // RFC 9000 section 12.5: these four make no sense in 0-RTT packets of a client.
    allow(A, NEW_TOKEN, PATH_RESPONSE, RETIRE_CONNECTION_ID, HANDSHAKE_DONE);
    allow(Z | A, PATH_CHALLENGE, CONNECTION_CLOSE_APP, DATAGRAM, DATAGRAM_LEN);
    for (int type = STREAM; type <= STREAM_LAST; type++) {
      allow(Z | A, type);
    }
  }

  private static void allow(int levels, int... types) {
    for (int type : types) {
      ALLOWED[type] = (byte) levels;
    }
  }

  /** Whether the type is one of RFC 9000 or RFC 9221. */
  public static boolean isKnown(long type) {
    return type >= 0 && type < ALLOWED.length && ALLOWED[(int) type] != 0;
  }

  /**
   * Whether a known frame may be in a packet of {@code level} ({@code QUIC_CRYPTO_*}).
   *
   * @param type a known type
   */
  public static boolean isAllowed(long type, int level) {
    return (ALLOWED[(int) type] >> level & 1) != 0;
  }

  /** Whether only servers send it (RFC 9000 sections 19.7 and 19.20). */
  public static boolean isServerOnly(long type) {
    return type == NEW_TOKEN || type == HANDSHAKE_DONE;
  }

  /** RFC 9000 section 13.2: all but ACK, PADDING and CONNECTION_CLOSE. */
  public static boolean isAckEliciting(long type) {
    return type > ACK_ECN && type != CONNECTION_CLOSE && type != CONNECTION_CLOSE_APP
        || type == PING;
  }

  /** RFC 9000 section 9.1: frames that only probe a path. */
  public static boolean isProbing(long type) {
    return type == PATH_CHALLENGE
        || type == PATH_RESPONSE
        || type == NEW_CONNECTION_ID
        || type == PADDING;
  }
}
