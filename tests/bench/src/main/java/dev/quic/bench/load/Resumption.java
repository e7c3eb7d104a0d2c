package dev.quic.bench.load;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.session.QuicSession;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicTransportParam;

/**
 * What a connection was remembered by, for all that resume it. Only a benchmark uses one ticket for
 * many connections.
 *
 * @param ticket as SESSION_TICKET takes it
 * @param limits the server's, as TRANSPORT_PARAM takes them
 * @param early whether data goes with the first flight
 */
record Resumption(byte[] ticket, byte[] limits, boolean early) {
  private static final int MAX_TICKET = 4_096;
  private static final int EARLY_BYTES = 64;
  private static final int ACCEPTED = 1;

  /**
   * Waits for the connection's ticket, as long as its socket was told to.
   *
   * @throws IllegalStateException the server gives none
   */
  static Resumption of(QuicSocket sock, boolean early) throws QuicException {
    byte[] ticket =
        sock.getsockopt(
            QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, new byte[0], MAX_TICKET);
    if (ticket.length == 0) {
      throw new IllegalStateException("the server gives no ticket");
    }
    byte[] remote = QuicTransportParam.KEEP.encode();
    remote[0] = 1;
    byte[] parameters =
        sock.getsockopt(
            QuicUapi.SOL_QUIC,
            QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM,
            remote,
            QuicTransportParam.SIZE);
    QuicSession session = QuicSession.of(ticket, parameters, new byte[0], Long.MAX_VALUE, early);
    return new Resumption(ticket, session.transportParameters(), early);
  }

  /** Before the socket connects. */
  void prepare(QuicSocket sock) throws QuicException {
    sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, ticket);
  }

  /** After the socket connected, before its handshake: what is to leave in 0-RTT packets. */
  void sendEarly(QuicSocket sock) throws QuicException {
    if (early) {
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, limits);
      int flags = QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN;
      var unused = sock.sendmsg(QuicMsg.stream(0, flags), new byte[EARLY_BYTES], 0, EARLY_BYTES);
    }
  }

  /** Whether the server took it. */
  static boolean taken(QuicSocket sock) throws QuicException {
    byte[] answer =
        sock.getsockopt(
            QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_EARLY_DATA, new byte[0], Integer.BYTES);
    return answer.length > 0 && answer[0] == ACCEPTED;
  }
}
