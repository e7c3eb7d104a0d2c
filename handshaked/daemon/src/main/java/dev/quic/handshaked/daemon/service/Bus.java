package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.tls.HandshakePortException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A connection to the data plane's handshake family, subscribed to its notifications. */
public interface Bus extends AutoCloseable {
  /** Makes connections. */
  @FunctionalInterface
  interface Connector {
    /**
     * Connects and subscribes; blocks no longer than the data plane takes to answer.
     *
     * @throws IOException one line that names the place and what is wrong there
     */
    Bus connect() throws IOException;
  }

  /**
   * Waits for the next READY. One thread.
   *
   * @throws IOException when the connection is over, {@link #stopListening} included
   */
  void awaitReady() throws IOException;

  /**
   * Takes the oldest request. Any thread.
   *
   * @return null when there is none (EAGAIN): another daemon was faster
   */
  @Nullable HandshakeRequest accept() throws IOException;

  /**
   * Ends a request. Any thread.
   *
   * @param status 0 or a positive errno
   * @param peerIds what REMOTE_AUTH reports, empty for TLS_NO_PEERID
   * @param tags names of the session tags that apply
   * @param channelBinding tls-exporter (RFC 9266), 32 bytes; empty without a finished handshake
   * @throws HandshakePortException when a call on the grant that came before failed; a request told
   *     to have succeeded has not ended then
   * @throws IOException when it was not taken
   */
  void done(
      HandshakeRequest request,
      int status,
      List<Integer> peerIds,
      List<String> tags,
      byte[] channelBinding)
      throws IOException;

  /** Hears of no more requests; {@link #done} keeps working. Any thread. */
  void stopListening();

  @Override
  void close();
}
