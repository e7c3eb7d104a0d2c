package dev.quic.consumer.split;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A program's own socket as the handshake driver wants it. Confined to one thread. */
final class SocketPort implements HandshakePort {
  /** Bytes of one recvmsg: the longest packet a data descriptor carries. */
  static final int MAX_MESSAGE = 1 << 16;

  private final QuicSocket sock;
  private final @Nullable EarlyDataReceiver early;
  private final byte[] buffer = new byte[MAX_MESSAGE];

  /**
   * @param early takes stream data that comes during the handshake; null when none can
   */
  SocketPort(QuicSocket sock, @Nullable EarlyDataReceiver early) {
    this.sock = sock;
    this.early = early;
  }

  @Override
  public void send(CryptoLevel level, byte[] bytes, boolean more) throws HandshakePortException {
    QuicMsg msg = QuicMsg.handshake(level.number());
    msg.flags = QuicUapi.MSG_NOSIGNAL | (more ? QuicUapi.MSG_MORE : 0);
    try {
      for (int sent = 0; sent < bytes.length; ) {
        sent += sock.sendmsg(msg, bytes, sent, bytes.length - sent);
      }
    } catch (QuicException e) {
      throw failed(e);
    }
  }

  @Override
  public @Nullable Message receive(long deadlineNanos) throws HandshakePortException {
    try {
      while (true) {
        long left = deadlineNanos - System.nanoTime();
        // Rounded up, or the last millisecond would be spent in a busy loop.
        if (!sock.pollIn(left <= 0 ? 0 : (left + 999_999) / 1_000_000)) {
          return null;
        }
        QuicMsg msg = QuicMsg.plain();
        msg.flags = QuicUapi.MSG_DONTWAIT;
        int n;
        try {
          n = sock.recvmsg(msg, buffer, 0, buffer.length);
        } catch (QuicException e) {
          if (e.errno() == Errno.EAGAIN || e.errno() == Errno.EINTR) {
            continue;
          }
          throw e;
        }
        if (isHandshake(msg)) {
          return new Message(CryptoLevel.of(msg.cryptoLevel), Arrays.copyOf(buffer, n));
        }
        passOn(early, msg, buffer, n);
        if (System.nanoTime() - deadlineNanos >= 0) {
          // A peer that keeps sending early data does not buy time.
          return null;
        }
      }
    } catch (QuicException e) {
      throw failed(e);
    }
  }

  /**
   * Early data goes to its receiver. Anything else that comes before the end of the handshake can
   * only be an event, which the program could not have waited for yet: it is dropped.
   *
   * @throws HandshakePortException EINVAL: EARLY_DELIVERY was switched on and nobody takes the data
   */
  static void passOn(@Nullable EarlyDataReceiver early, QuicMsg msg, byte[] buffer, int n)
      throws HandshakePortException {
    if (msg.cmsg != QuicUapi.QUIC_STREAM_INFO || msg.isNotification()) {
      return;
    }
    if (early == null) {
      throw new HandshakePortException(
          Errno.EINVAL, "EARLY_DELIVERY is on, but withEarlyDelivery names no receiver");
    }
    early.received(msg, buffer, n);
  }

  static boolean isHandshake(QuicMsg msg) {
    return msg.cmsg == QuicUapi.QUIC_HANDSHAKE_INFO
        && msg.cryptoLevel >= 0
        && msg.cryptoLevel < QuicUapi.QUIC_CRYPTO_MAX;
  }

  @Override
  public void setOption(int name, byte[] value) throws HandshakePortException {
    try {
      sock.setsockopt(QuicUapi.SOL_QUIC, name, value);
    } catch (QuicException e) {
      throw failed(e);
    }
  }

  @Override
  public byte[] getOption(int name, int max) throws HandshakePortException {
    try {
      return sock.getsockopt(QuicUapi.SOL_QUIC, name, new byte[0], max);
    } catch (QuicException e) {
      throw failed(e);
    }
  }

  private static HandshakePortException failed(QuicException e) {
    return new HandshakePortException(e.errno(), String.valueOf(e.getMessage()));
  }
}
