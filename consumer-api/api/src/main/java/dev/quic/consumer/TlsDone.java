package dev.quic.consumer;

/** {@code tls_done_func_t}. Runs on a thread of the data plane and must not block. */
@FunctionalInterface
public interface TlsDone {
  /**
   * @param status 0, or a negated errno
   * @param peerid key serial of the authenticated peer, TLS_NO_PEERID for none
   */
  void done(int status, int peerid);
}
