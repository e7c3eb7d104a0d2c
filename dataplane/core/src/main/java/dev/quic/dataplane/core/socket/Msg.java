package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.stream.Lease;
import dev.quic.uapi.QuicUapi;
import org.jspecify.annotations.Nullable;

/**
 * The msghdr of sendmsg and recvmsg without its bytes: flags and the one control message a QUIC
 * socket knows. Reusable.
 */
public final class Msg {
  public static final int CMSG_NONE = -1;

  /** In: MSG_* of the call. Out of recvmsg: msg_flags (EOR, NOTIFICATION, DATAGRAM). */
  public int flags;

  /**
   * {@link #CMSG_NONE}, {@link QuicUapi#QUIC_STREAM_INFO} or {@link QuicUapi#QUIC_HANDSHAKE_INFO}.
   */
  public int cmsg = CMSG_NONE;

  public long streamId = -1;
  public int streamFlags;
  public int cryptoLevel;

  /** In: who lends the bytes of the call, which are copied without one. */
  public @Nullable Lease lease;

  public Msg reset() {
    lease = null;
    flags = 0;
    cmsg = CMSG_NONE;
    streamId = -1;
    streamFlags = 0;
    cryptoLevel = 0;
    return this;
  }

  public Msg stream(long id, int streamFlagBits) {
    cmsg = QuicUapi.QUIC_STREAM_INFO;
    streamId = id;
    streamFlags = streamFlagBits;
    return this;
  }

  public Msg handshake(int level) {
    cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
    cryptoLevel = level;
    return this;
  }
}
