package dev.quic.consumer.split;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;

/**
 * One socket call that a {@link HandshakeStepper} wants made. The caller makes it, without
 * blocking, and stores what it returned; {@link #perform} does both on a {@link QuicSocket}. EAGAIN
 * and EINTR are stored like any other result and make the stepper ask for the same call again, when
 * the caller has polled the socket.
 */
public final class HandshakeStep {
  /** Which call. */
  public enum Op {
    /** {@code sendmsg(msg, buffer, offset, length)}. */
    SENDMSG,
    /** {@code recvmsg(msg, buffer, offset, length)}. */
    RECVMSG,
    /** {@code setsockopt(SOL_QUIC, name, buffer)}. */
    SETSOCKOPT,
    /** {@code getsockopt(SOL_QUIC, name)} for at most {@code length} bytes. */
    GETSOCKOPT
  }

  private final Op op;
  private final QuicMsg msg;
  private final int name;
  private final int offset;
  private final int length;
  private byte[] buffer;
  private int retval = -Errno.EUCLEAN;

  HandshakeStep(Op op, QuicMsg msg, int name, byte[] buffer, int offset, int length) {
    this.op = op;
    this.msg = msg;
    this.name = name;
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
  }

  /** The same call once more. */
  HandshakeStep again() {
    return new HandshakeStep(op, msg, name, buffer, offset, length);
  }

  public Op op() {
    return op;
  }

  /** Control message and flags of SENDMSG; filled in by the caller's RECVMSG. */
  public QuicMsg msg() {
    return msg;
  }

  /** Option level of SETSOCKOPT and GETSOCKOPT. */
  public int level() {
    return QuicUapi.SOL_QUIC;
  }

  /** Option name of SETSOCKOPT and GETSOCKOPT. */
  public int name() {
    return name;
  }

  /** Bytes to send or to set, or where to receive; not to be kept: it may hold a secret. */
  public byte[] buffer() {
    return buffer;
  }

  /** First byte of {@link #buffer} to use. */
  public int offset() {
    return offset;
  }

  /** Bytes of {@link #buffer} to use, or the most GETSOCKOPT may give. */
  public int length() {
    return length;
  }

  /**
   * Stores the outcome of SENDMSG, RECVMSG or SETSOCKOPT.
   *
   * @param result bytes taken or delivered, 0 for SETSOCKOPT, or a negated errno
   */
  public void done(int result) {
    retval = result;
  }

  /** Stores the value GETSOCKOPT read. */
  public void done(byte[] value) {
    buffer = value;
    retval = value.length;
  }

  /** What was stored; {@code -EUCLEAN} before. */
  public int retval() {
    return retval;
  }

  /** Makes the call without blocking and stores its outcome; never throws for a failed call. */
  public void perform(QuicSocket sock) {
    try {
      switch (op) {
        case SENDMSG -> done(sock.sendmsg(msg, buffer, offset, length));
        case RECVMSG -> done(sock.recvmsg(msg, buffer, offset, length));
        case SETSOCKOPT -> {
          sock.setsockopt(level(), name, buffer);
          done(0);
        }
        case GETSOCKOPT -> done(sock.getsockopt(level(), name, new byte[0], length));
      }
    } catch (QuicException e) {
      done(-e.errno());
    }
  }
}
