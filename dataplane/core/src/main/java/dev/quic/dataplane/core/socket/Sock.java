package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.family.SockAddr;
import org.jspecify.annotations.Nullable;

/**
 * One QUIC socket. Every call is non-blocking, runs on the shard thread and answers like the
 * kernel: 0 or more on success, a negated errno otherwise. A caller that wants to block parks the
 * call and retries it when its {@link Watcher} fires.
 */
public abstract class Sock {
  public static final int POLL_IN = 0x1;
  public static final int POLL_OUT = 0x4;
  public static final int POLL_ERR = 0x8;
  public static final int POLL_HUP = 0x10;
  public static final int POLL_RDHUP = 0x2000;

  /** Ours: a handshake message waits ({@link #recvHandshake}). */
  public static final int POLL_HANDSHAKE = 0x10000;

  private @Nullable Watcher watcher;
  private @Nullable Object owner;
  private int uid = -1;
  private int pid = -1;

  /** Unique in the process for its life time, never 0; stands for the kernel's socket inode. */
  public abstract long cookie();

  public abstract int family();

  /** {@code QUIC_SS_*}. */
  public abstract int state();

  public abstract boolean isServer();

  public abstract int bind(long now, SockAddr local);

  public abstract int listen(long now, int backlog);

  public abstract int connect(long now, SockAddr remote);

  /** Takes one waiting connection off a listener; null when none waits (EAGAIN). */
  public abstract @Nullable Sock accept(long now);

  /**
   * @return bytes taken, or a negated errno; EAGAIN and ENOSPC mean wait for {@link #POLL_OUT}
   */
  public abstract int sendmsg(long now, Msg msg, byte[] buf, int off, int len);

  /**
   * @return bytes delivered (0 with FIN in {@code msg.streamFlags} is an end of stream), or a
   *     negated errno
   */
  public abstract int recvmsg(long now, Msg msg, byte[] buf, int off, int len);

  /**
   * As {@link #recvmsg}, handshake messages only: what a handshake grant may read. A handshake
   * message of 0 bytes, here and there, asks a client's TLS side to begin anew: a Version
   * Negotiation packet was obeyed, and CONFIG and TRANSPORT_PARAM_EXT tell the new version.
   */
  public abstract int recvHandshake(long now, Msg msg, byte[] buf, int off, int len);

  /**
   * Switches handshake messages away from {@link #recvmsg} and POLL_IN while a grant owns the
   * handshake.
   */
  public abstract void handshakeOwnedElsewhere(boolean elsewhere);

  /**
   * Whether data of 0-RTT may be read before the handshake is complete, if that is owned elsewhere.
   */
  public boolean deliversEarly() {
    return false;
  }

  public abstract int setsockopt(long now, int level, int name, byte[] value);

  /**
   * @param value in: the caller's bytes (some options read them), out: the answer
   * @param len size of the caller's buffer
   * @return length of the answer, or a negated errno
   */
  public abstract int getsockopt(long now, int level, int name, byte[] value, int len);

  /**
   * @param how 0 receive, 1 send, 2 both
   */
  public abstract int shutdown(long now, int how);

  /**
   * Frees the socket; the connection is closed towards the peer and lives on internally until
   * drained.
   */
  public abstract void close(long now);

  public abstract int poll();

  public abstract SockAddr sockname();

  public abstract @Nullable SockAddr peername();

  /**
   * @param request 0x541b SIOCINQ, 0x5411 SIOCOUTQ, 0x894b SIOCOUTQNSD
   */
  public abstract long ioctl(int request);

  /**
   * The error a dead connection died of, as a positive errno; 0 while it lives or after an orderly
   * close.
   */
  public abstract int error();

  public final void watch(@Nullable Watcher w) {
    watcher = w;
  }

  public final @Nullable Watcher watcher() {
    return watcher;
  }

  /** User whose program made the socket, -1 for one inside the data plane. */
  public final int uid() {
    return uid;
  }

  /** Process that made the socket, or its listener; -1 for one inside the data plane. */
  public final int pid() {
    return pid;
  }

  /**
   * What SO_TYPE says, of what is accepted from it, too.
   *
   * @param type SOCK_STREAM or SOCK_DGRAM, the latter unless said
   */
  public abstract void ofType(int type);

  /** Who made it. */
  public final void maker(int user, int process) {
    uid = user;
    pid = process;
  }

  /** A slot for whoever fronts this socket (a door, a consumer). */
  public final @Nullable Object owner() {
    return owner;
  }

  public final void owner(@Nullable Object o) {
    owner = o;
  }
}
