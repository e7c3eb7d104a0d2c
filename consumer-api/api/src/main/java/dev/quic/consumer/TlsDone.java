package dev.quic.consumer;

import java.util.function.Consumer;

/**
 * {@code tls_done_func_t}. Runs on a thread of the data plane, or on one of a program's that waits
 * in a call of a socket (docs/adr/0007); must not block, nor take a lock that is held across such
 * calls.
 */
@FunctionalInterface
public interface TlsDone {
  /**
   * @param status 0, or a negated errno
   * @param peerid key serial of the authenticated peer, TLS_NO_PEERID for none
   */
  void done(int status, int peerid);

  /** What is really called; unless overridden it passes on what the kernel's callback is told. */
  default void done(TlsResult result) {
    done(result.status(), result.peerid());
  }

  /** A callback that takes all there is to know. */
  static TlsDone of(Consumer<TlsResult> whole) {
    return new TlsDone() {
      @Override
      public void done(int status, int peerid) {
        whole.accept(TlsResult.of(status, peerid));
      }

      @Override
      public void done(TlsResult result) {
        whole.accept(result);
      }
    };
  }
}
