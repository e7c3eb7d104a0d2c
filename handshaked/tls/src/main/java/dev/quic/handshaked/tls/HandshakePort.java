package dev.quic.handshaked.tls;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The socket of a split handshake as {@link HandshakeDriver} sees it: a grant in the daemon, a
 * QuicSocket in a program. Blocking; confined to one thread. Failures with an errno are {@link
 * HandshakePortException}s.
 */
public interface HandshakePort {
  /** A handshake message of one level. */
  record Message(CryptoLevel level, byte[] bytes) {}

  /**
   * sendmsg with HANDSHAKE_INFO.
   *
   * @param more MSG_MORE: others follow at once
   */
  void send(CryptoLevel level, byte[] bytes, boolean more) throws IOException;

  /**
   * recvmsg, after carrying out what was deferred. Its failure comes from here, at the latest with
   * the message the peer sends next.
   *
   * @return null when {@code deadlineNanos} (System.nanoTime) passed
   */
  @Nullable Message receive(long deadlineNanos) throws IOException;

  /**
   * Carries out what {@link #send} and {@link #setOption} deferred, and waits until that is done; a
   * port may collect them until here, or until the next {@link #receive} or {@link #getOption}.
   * Fails with the first call that failed.
   */
  default void flush() throws IOException {}

  /**
   * The handshake is complete for this side: as {@link #flush}, unless whatever the port's owner
   * says next of the handshake fails when a call before it did.
   */
  default void finish() throws IOException {
    flush();
  }

  /** setsockopt at SOL_QUIC. */
  void setOption(int name, byte[] value) throws IOException;

  /** getsockopt at SOL_QUIC. */
  byte[] getOption(int name, int max) throws IOException;
}
