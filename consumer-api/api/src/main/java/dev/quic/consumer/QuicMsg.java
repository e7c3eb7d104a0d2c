package dev.quic.consumer;

import dev.quic.uapi.QuicUapi;

/**
 * The msghdr of {@link QuicSocket#sendmsg} and {@link QuicSocket#recvmsg} without its bytes.
 * Reusable, not thread-safe.
 */
public final class QuicMsg {
  public static final int CMSG_NONE = -1;

  /** In: MSG_* of the call. Out of recvmsg: msg_flags. */
  public int flags;

  /**
   * {@link #CMSG_NONE}, {@link QuicUapi#QUIC_STREAM_INFO} or {@link QuicUapi#QUIC_HANDSHAKE_INFO}.
   */
  public int cmsg = CMSG_NONE;

  public long streamId = -1;
  public int streamFlags;
  public int cryptoLevel;

  public static QuicMsg plain() {
    return new QuicMsg();
  }

  public static QuicMsg stream(long id, int streamFlags) {
    QuicMsg m = new QuicMsg();
    m.cmsg = QuicUapi.QUIC_STREAM_INFO;
    m.streamId = id;
    m.streamFlags = streamFlags;
    return m;
  }

  public static QuicMsg handshake(int level) {
    QuicMsg m = new QuicMsg();
    m.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
    m.cryptoLevel = level;
    return m;
  }

  public boolean isFin() {
    return (streamFlags & QuicUapi.MSG_QUIC_STREAM_FIN) != 0;
  }

  public boolean isNotification() {
    return (flags & QuicUapi.MSG_QUIC_NOTIFICATION) != 0;
  }
}
