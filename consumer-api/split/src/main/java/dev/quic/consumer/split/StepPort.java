package dev.quic.consumer.split;

import dev.quic.consumer.QuicMsg;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Hands each call of the driver to the stepper's caller and waits for its outcome. Two threads that
 * take turns: the driver's in {@link #call}, the caller's in {@link #next}.
 */
final class StepPort implements HandshakePort {
  /** Offset in {@code struct quic_config}. */
  private static final int RECEIVE_SESSION_TICKET = 19;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition turn = lock.newCondition();
  private @Nullable HandshakeStep asked;
  private @Nullable HandshakeStep answered;
  private final @Nullable EarlyDataReceiver early;
  private boolean ended;
  private boolean cancelled;
  private long deadlineNanos;

  /**
   * @param early takes stream data that comes during the handshake; null when none can
   */
  StepPort(@Nullable EarlyDataReceiver early) {
    this.early = early;
  }

  /** Before the first call: when {@link System#nanoTime} is past it, EAGAIN becomes ETIMEDOUT. */
  void deadline(long nanos) {
    deadlineNanos = nanos;
  }

  /** The caller's side: waits until the driver wants a call; null when it ended. */
  @Nullable HandshakeStep next() {
    lock.lock();
    try {
      while (asked == null && !ended) {
        turn.awaitUninterruptibly();
      }
      HandshakeStep step = asked;
      asked = null;
      return step;
    } finally {
      lock.unlock();
    }
  }

  /** The caller's side: the call was made. */
  void resume(HandshakeStep step) {
    lock.lock();
    try {
      answered = step;
      turn.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The caller's side: every call of the driver fails from now on. */
  void cancel() {
    lock.lock();
    try {
      cancelled = true;
      turn.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The driver's side: there will be no more calls. */
  void end() {
    lock.lock();
    try {
      ended = true;
      turn.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The driver's side: has a call made. */
  private int call(HandshakeStep step) throws HandshakePortException {
    lock.lock();
    try {
      if (!cancelled) {
        asked = step;
        turn.signalAll();
      }
      while (answered != step && !cancelled) {
        turn.awaitUninterruptibly();
      }
      answered = null;
      if (cancelled) {
        throw new HandshakePortException(Errno.ECANCELED, "given up by the program");
      }
      return step.retval();
    } finally {
      lock.unlock();
    }
  }

  private static int check(int retval, HandshakeStep.Op op) throws HandshakePortException {
    if (retval < 0) {
      String call = op.name().toLowerCase(java.util.Locale.ROOT);
      throw new HandshakePortException(-retval, call + ": " + Errno.name(retval));
    }
    return retval;
  }

  private static boolean again(int retval) {
    return retval == -Errno.EAGAIN || retval == -Errno.EINTR;
  }

  /** Makes a call that is not receive, as often as it takes. */
  private HandshakeStep insist(HandshakeStep first) throws HandshakePortException {
    HandshakeStep step = first;
    while (again(call(step))) {
      if (System.nanoTime() - deadlineNanos >= 0) {
        throw new HandshakePortException(Errno.ETIMEDOUT, "the socket would not take a call");
      }
      step = step.again();
    }
    check(step.retval(), step.op());
    return step;
  }

  @Override
  public void send(CryptoLevel level, byte[] bytes, boolean more) throws HandshakePortException {
    int flags = QuicUapi.MSG_NOSIGNAL | QuicUapi.MSG_DONTWAIT | (more ? QuicUapi.MSG_MORE : 0);
    for (int sent = 0; sent < bytes.length; ) {
      QuicMsg msg = QuicMsg.handshake(level.number());
      msg.flags = flags;
      HandshakeStep.Op op = HandshakeStep.Op.SENDMSG;
      sent += insist(new HandshakeStep(op, msg, 0, bytes, sent, bytes.length - sent)).retval();
    }
  }

  @Override
  public @Nullable Message receive(long until) throws HandshakePortException {
    byte[] buffer = new byte[SocketPort.MAX_MESSAGE];
    while (true) {
      QuicMsg msg = QuicMsg.plain();
      msg.flags = QuicUapi.MSG_DONTWAIT;
      HandshakeStep.Op op = HandshakeStep.Op.RECVMSG;
      int retval = call(new HandshakeStep(op, msg, 0, buffer, 0, buffer.length));
      if (!again(retval)) {
        check(retval, op);
        if (SocketPort.isHandshake(msg)) {
          return new Message(CryptoLevel.of(msg.cryptoLevel), Arrays.copyOf(buffer, retval));
        }
        SocketPort.passOn(early, msg, buffer, retval);
      }
      if (System.nanoTime() - until >= 0) {
        return null;
      }
    }
  }

  @Override
  public void setOption(int name, byte[] value) throws HandshakePortException {
    HandshakeStep.Op op = HandshakeStep.Op.SETSOCKOPT;
    insist(new HandshakeStep(op, QuicMsg.plain(), name, value, 0, value.length));
  }

  @Override
  public byte[] getOption(int name, int max) throws HandshakePortException {
    HandshakeStep.Op op = HandshakeStep.Op.GETSOCKOPT;
    HandshakeStep step = new HandshakeStep(op, QuicMsg.plain(), name, new byte[0], 0, max);
    byte[] value = insist(step).buffer();
    if (name == QuicUapi.QUIC_SOCKOPT_CONFIG && value.length > RECEIVE_SESSION_TICKET) {
      // Waiting for a ticket would hold the event loop up.
      value = value.clone();
      value[RECEIVE_SESSION_TICKET] = 0;
    }
    return value;
  }
}
