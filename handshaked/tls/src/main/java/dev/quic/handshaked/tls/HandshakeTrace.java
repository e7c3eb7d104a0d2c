package dev.quic.handshaked.tls;

import org.jspecify.annotations.Nullable;

/**
 * Told of every call that {@link HandshakeDriver} makes at its port, right after it returned. Runs
 * on the driver's thread and must not throw.
 */
@FunctionalInterface
public interface HandshakeTrace {
  /** Takes nothing. */
  HandshakeTrace NONE = (nanoTime, call, level, bytes, detail) -> {};

  /**
   * @param nanoTime {@link System#nanoTime} when the call returned
   * @param call {@code sendmsg}, {@code recvmsg}, {@code getsockopt}, {@code setsockopt}, {@code
   *     done}, {@code failed}
   * @param level of a message or a secret, else null
   * @param bytes length of the message or the option's value
   * @param detail option name, handshake message names, or a reason; never a secret
   */
  void call(long nanoTime, String call, @Nullable CryptoLevel level, int bytes, String detail);
}
