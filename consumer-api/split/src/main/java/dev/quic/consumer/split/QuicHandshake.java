package dev.quic.consumer.split;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.session.QuicSession;
import dev.quic.handshaked.tls.HandshakeResult;
import dev.quic.uapi.QuicUapi;
import java.time.Duration;

/**
 * The split handshake done by the program itself: TLS runs here, the socket carries its messages
 * and takes its secrets, as with libquic over the kernel's socket. Before {@link #client} the
 * socket is connected, before {@link #server} it came out of {@link QuicSocket#accept}; afterwards
 * it is established and stream data flows. On failure the peer is told by CONNECTION_CLOSE with
 * CRYPTO_ERROR (RFC 9001 section 4.8) when the socket is closed, and the socket is of no further
 * use.
 *
 * <p>These two calls block; an event loop uses {@link HandshakeStepper}. Both may run on any
 * thread, virtual ones included; nobody else may receive on the socket meanwhile.
 */
public final class QuicHandshake {
  /** Time a handshake may take unless its configuration says otherwise. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  private QuicHandshake() {}

  /**
   * Does the client's handshake.
   *
   * @throws QuicException EACCES: the server's certificate or our offer was refused; EKEYEXPIRED: a
   *     certificate is out of date; ENOKEY: our certificate, key or trust file cannot be used;
   *     ETIMEDOUT; EINVAL: a server name is missing; or the errno of the socket call that failed.
   *     The message is one line for a person
   */
  public static QuicHandshakeResult client(QuicSocket sock, QuicClientTls tls)
      throws QuicException {
    TlsSetup.check(tls);
    HandshakeResult result =
        HandshakeRun.client(new SocketPort(sock, null), tls, deadline(tls.timeout()));
    return TlsSetup.finish(result, "handshake with " + tls.serverName());
  }

  /**
   * Does the server's handshake.
   *
   * @throws QuicException EACCES: the client's certificate or offer was refused; EKEYEXPIRED: its
   *     certificate is out of date; ENOKEY: our certificate, key or trust file cannot be used;
   *     ETIMEDOUT; or the errno of the socket call that failed. The message is one line for a
   *     person
   */
  public static QuicHandshakeResult server(QuicSocket sock, QuicServerTls tls)
      throws QuicException {
    HandshakeResult result =
        HandshakeRun.server(
            new SocketPort(sock, tls.tickets().early()), tls, deadline(tls.timeout()));
    return TlsSetup.finish(result, "handshake with a client");
  }

  /**
   * Prepares a connected client socket for data before the handshake: with a session that allows it
   * the server's remembered limits are set, and what is written to streams until {@link #client}
   * (or a {@link HandshakeStepper}) runs goes out with the first flight, as 0-RTT packets (RFC 9001
   * section 4.6). Data a server does not take is sent again after the handshake, by the socket; the
   * result's {@link QuicHandshakeResult#earlyDataAccepted} tells. Sets socket options only, never
   * blocks.
   *
   * <pre>{@code
   * sock.connect(server);
   * QuicClientTls tls = QuicClientTls.of(name, "hq-interop").withSession(last).withEarlyData(true);
   * if (QuicHandshake.prepareEarlyData(sock, tls)) {
   *   sock.sendmsg(request...);
   * }
   * QuicHandshakeResult result = QuicHandshake.client(sock, tls);
   * }</pre>
   *
   * @return false when there is no session, it has expired, or it allows no early data: data then
   *     is to be written after the handshake
   * @throws QuicException EINVAL when the socket is not connected or the handshake is over
   */
  public static boolean prepareEarlyData(QuicSocket sock, QuicClientTls tls) throws QuicException {
    QuicSession session = tls.resumption().live();
    if (session == null || !tls.resumption().earlyData() || !session.earlyData()) {
      return false;
    }
    sock.setsockopt(
        QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, session.transportParameters());
    return true;
  }

  static long deadline(Duration timeout) {
    return System.nanoTime() + timeout.toNanos();
  }
}
