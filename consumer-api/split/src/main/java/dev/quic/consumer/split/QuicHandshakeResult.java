package dev.quic.consumer.split;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.session.QuicSession;
import dev.quic.handshaked.tls.TlsExporter;
import dev.quic.handshaked.tls.TlsOutcome;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * What a finished handshake agreed on. It holds two secrets of the connection, for {@link #export}
 * and for {@link #session}: whoever wants neither, or no more, calls {@link #destroy}. Any thread.
 */
public final class QuicHandshakeResult implements Destroyable, AutoCloseable {
  private static final long FIRST_PAUSE_NANOS = 1_000_000;
  private static final long MAX_PAUSE_NANOS = 50_000_000;

  private final TlsOutcome outcome;
  private final List<X509Certificate> peerCertificates;
  private final SessionSource sessions;
  private boolean destroyed;

  QuicHandshakeResult(TlsOutcome outcome, List<X509Certificate> peerCertificates) {
    this.outcome = outcome;
    this.peerCertificates = List.copyOf(peerCertificates);
    this.sessions = new SessionSource(outcome.sessions());
  }

  /** Protocol chosen, null when none was offered. */
  public @Nullable String alpn() {
    return outcome.alpn();
  }

  /** The name the client asked for, null when it asked for none. */
  public @Nullable String serverName() {
    return outcome.serverName();
  }

  /**
   * The peer's chain as it was sent, leaf first; verified unless verification was switched off;
   * empty when it showed none. Of a resumed connection it is the chain of the first one, cut short
   * where the session had no room for it.
   */
  public List<X509Certificate> peerCertificates() {
    return peerCertificates;
  }

  /** {@code TLS_CIPHER_*}: 51, 52 or 54. */
  public int cipher() {
    return outcome.cipher();
  }

  /** Whether a ticket stood for the certificates. */
  public boolean resumed() {
    return outcome.resumed();
  }

  /** Whether early data was taken; what was not is sent again after the handshake. */
  public boolean earlyDataAccepted() {
    return outcome.earlyData();
  }

  /** Identity of the external pre-shared key that was used, null for none. */
  public byte @Nullable [] pskIdentity() {
    byte[] identity = outcome.pskIdentity();
    return identity == null ? null : identity.clone();
  }

  /**
   * Keying material for another protocol (RFC 8446 section 7.5).
   *
   * @param length 1 to 8,160 bytes
   * @throws IllegalStateException after {@link #destroy}
   */
  public synchronized byte[] export(String label, byte[] context, int length) {
    if (length < 1 || length > TlsExporter.MAX_LENGTH) {
      throw new IllegalArgumentException("a length of 1 to " + TlsExporter.MAX_LENGTH + " bytes");
    }
    return outcome.exporter().export(label, context, length);
  }

  /**
   * {@code tls-exporter} (RFC 9266): the same 32 bytes at both ends of this connection, and nowhere
   * else.
   *
   * @throws IllegalStateException after {@link #destroy}
   */
  public synchronized byte[] channelBinding() {
    return outcome.exporter().channelBinding();
  }

  /**
   * A client's session by the newest ticket that has come, with the token that has come; does not
   * block. Tickets come after the handshake, usually a round trip later:
   * QUIC_EVENT_NEW_SESSION_TICKET tells a program that receives events, {@link #awaitSession} one
   * that does not, and one that calls this before it closes the socket has the best chance of a
   * token. The same ticket is given out again as long as no other comes.
   *
   * @return null when no ticket has come yet, when it is unusable, after {@link #destroy}, and for
   *     a server
   * @throws QuicException of the socket, when it has been closed
   */
  public synchronized @Nullable QuicSession session(QuicSocket sock) throws QuicException {
    return destroyed ? null : sessions.read(sock);
  }

  /**
   * As {@link #session}, but waits for a ticket. Interruption ends the wait.
   *
   * @return null when none came in time
   */
  public @Nullable QuicSession awaitSession(QuicSocket sock, Duration timeout)
      throws QuicException {
    long end = System.nanoTime() + timeout.toNanos();
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      QuicSession session = session(sock);
      long left = end - System.nanoTime();
      if (session != null || left <= 0 || !sessions.exists() || isDestroyed()) {
        return session;
      }
      LockSupport.parkNanos(Math.min(pause, left));
      if (Thread.currentThread().isInterrupted()) {
        return null;
      }
      pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
    }
  }

  /** Wipes what exports keying material and makes sessions. */
  @Override
  public synchronized void destroy() {
    destroyed = true;
    outcome.destroy();
  }

  @Override
  public synchronized boolean isDestroyed() {
    return destroyed;
  }

  /** The same as {@link #destroy}. */
  @Override
  public void close() {
    destroy();
  }

  @Override
  public String toString() {
    return "QuicHandshakeResult[" + alpn() + ", " + serverName() + (resumed() ? ", resumed]" : "]");
  }
}
