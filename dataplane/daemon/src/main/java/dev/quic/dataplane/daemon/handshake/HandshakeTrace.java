package dev.quic.dataplane.daemon.handshake;

/** The steps of a request. Any thread, never blocks. */
public interface HandshakeTrace {
  HandshakeTrace NONE = new HandshakeTrace() {};

  /** A consumer asked. */
  default void request(long sock, HandshakeRequest.Question question) {}

  /** READY goes out. */
  default void ready(long sock) {}

  /** A daemon took the request. */
  default void accept(long sock) {}

  /**
   * The request is over.
   *
   * @param status 0 or a negated errno
   */
  default void done(long sock, int status) {}
}
