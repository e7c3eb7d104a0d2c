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

  /** The answer to an end that was told. */
  @FunctionalInterface
  interface Ending {
    /** It is here, and it is good. */
    Ending ANSWERED = () -> {};

    /**
     * Waits for it. Once; any thread.
     *
     * @throws IOException as {@link Bus#done}
     */
    void await() throws IOException;
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

  /**
   * As {@link #done}, but need not wait for the answer: the consumer goes on without it.
   *
   * @return the answer; until it is there the request keeps its grant
   */
  default Ending tell(
      HandshakeRequest request,
      int status,
      List<Integer> peerIds,
      List<String> tags,
      byte[] channelBinding)
      throws IOException {
    done(request, status, peerIds, tags, channelBinding);
    return Ending.ANSWERED;
  }

  /** Hears of no more requests; {@link #done} keeps working. Any thread. */
  void stopListening();

  @Override
  void close();
}
