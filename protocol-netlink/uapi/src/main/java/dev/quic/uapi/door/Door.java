package dev.quic.uapi.door;

/** Numbers of the control connection and of data descriptors (docs/protocol.md). */
public final class Door {
  public static final int OP_SOCKET = 1;

  /** Flag of SOCKET: the end of a connection shows as a hang-up of its descriptor. */
  public static final int SOCKET_HANGS_UP = 1;

  public static final int OP_BIND = 2;
  public static final int OP_CONNECT = 3;
  public static final int OP_LISTEN = 4;
  public static final int OP_GETSOCKOPT = 5;
  public static final int OP_SETSOCKOPT = 6;
  public static final int OP_SHUTDOWN = 7;
  public static final int OP_GETSOCKNAME = 8;
  public static final int OP_GETPEERNAME = 9;
  public static final int OP_IOCTL = 10;
  public static final int OP_ADOPT = 11;
  public static final int OP_SENDMSG = 12;
  public static final int OP_CLOSE = 13;

  /** On a grant, last of its calls: ends the request. The payload is a DONE message of netlink. */
  public static final int OP_DONE = 14;

  /**
   * Forgets a handle without ending the socket; answered once the socket is closed, if the
   * descriptor that the caller has closed was its last.
   */
  public static final int OP_FORGET = 20;

  /** SENDMSG behind everything the data descriptor still has to give; never waits. */
  public static final int OP_SEND = 21;

  /**
   * STREAM_OPEN, refused with EAGAIN while the peer allows no more; then {@link #DATA_NEWS} follows
   * on the data descriptor.
   */
  public static final int OP_OPEN = 22;

  /**
   * A piece of a view: the payload names it, the value is the offset. The reply's payload is text,
   * its value the length; 0 at the end.
   */
  public static final int OP_PROC = 30;

  /** Header of a request and of a reply, bytes. */
  public static final int CALL_HEADER = 16;

  public static final int DATA_SEND = 1;
  public static final int DATA_RECV = 2;
  public static final int DATA_ACCEPT = 3;
  public static final int DATA_RESULT = 4;
  public static final int DATA_CLOSED = 5;

  /** On a grant: requests as on a control connection. */
  public static final int DATA_CALLS = 6;

  /** On a grant: the replies to CALLS. */
  public static final int DATA_REPLIES = 7;

  /** To the program, once: since an OPEN was refused the socket has room, credit or streams. */
  public static final int DATA_NEWS = 8;

  /** Requests in one packet at most. */
  public static final int MAX_CALLS = 64;

  /** Header of a data message, bytes. */
  public static final int DATA_HEADER = 24;

  /** Bytes behind a data message's header at most. */
  public static final int MAX_DATA = 65_536;

  /** Bytes of a whole packet at most, on either descriptor. */
  public static final int MAX_PACKET = MAX_DATA + 256;

  public static final int CMSG_NONE = 0xffff;

  /** In the flags of a SEND: answer it with a RESULT. */
  public static final int WANT_RESULT = 1 << 31;

  /** In the flags of CALLS: answered only when one of them fails. */
  public static final int QUIET = 1 << 30;

  /** {@code seq} of the REPLIES that nobody asked for ({@code Nl.FEATURE_AHEAD}). */
  public static final int AHEAD_SEQ = 0;

  private Door() {}
}
