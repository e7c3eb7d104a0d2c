package dev.quic.resumption.client;

import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.session.TlsSession;
import dev.quic.resumption.wire.Sight;
import dev.quic.resumption.wire.Target;
import dev.quic.resumption.wire.Wire;
import dev.quic.resumption.wire.WireConnection;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection of the probe's, from the first datagram to the close. One thread. */
final class Attempt {
  private static final SecureRandom RANDOM = new SecureRandom();

  /**
   * A server that has not sent its ticket that long after all else sends none. Acknowledgements are
   * late by max_ack_delay at most.
   */
  private static final long TICKET_PATIENCE = 1_000_000_000L;

  /**
   * What it came to.
   *
   * @param answered the whole answer came, or a reset in its place
   * @param answer as far as it came
   * @param session of the last ticket; null when there was none
   * @param failure why our own side refused; null when it did not
   */
  record Result(
      Sight sight,
      boolean answered,
      byte[] answer,
      @Nullable Session session,
      @Nullable String failure) {
    /** Anything came back. */
    boolean heard() {
      Sight.Close close = sight.close();
      boolean closed = close != null && close.byPeer();
      return closed || sight.messages().stream().anyMatch(m -> !m.sent());
    }

    /** Handshake complete, request (if there was one) answered. */
    boolean well() {
      return sight.complete() && answered;
    }
  }

  private final ProbeConfig config;
  private final WireConnection connection;
  private final long stream;
  private final boolean request;

  /**
   * @param early whether to send the request early, if the session allows it
   */
  Attempt(
      ProbeConfig config,
      TlsConfig.Client tls,
      TransportParams limits,
      @Nullable Session session,
      boolean early) {
    this.config = config;
    byte[] token = session == null ? new byte[0] : session.token();
    TlsSession last = session == null ? null : session.tls();
    TlsConfig.Client own = tls.withSession(last).withEarlyData(early);
    connection = WireConnection.client(own, limits, token, RANDOM);
    Requester requester = config.request();
    request = requester != null;
    stream = requester == null ? 0 : requester.send(connection);
    connection.start();
  }

  /** The first datagrams, which then count as sent. */
  List<byte[]> firstFlight(Wire wire) {
    return connection.datagrams(wire.now());
  }

  /** Sends datagrams and all that follows; closes the connection. */
  Result run(Target target, List<byte[]> first) throws IOException {
    try (Wire wire = target.open();
        connection) {
      for (byte[] datagram : first) {
        wire.send(datagram);
      }
      long limit = wire.now() + config.patience().toNanos();
      turn(wire, limit, false);
      turn(wire, Math.min(limit, wire.now() + TICKET_PATIENCE), true);
      connection.close("");
      flush(wire);
      return result();
    }
  }

  /** A whole connection. */
  Result run(Target target) throws IOException {
    return run(target, List.of());
  }

  private void turn(Wire wire, long limit, boolean late) throws IOException {
    flush(wire);
    while (!connection.isOver() && !(late ? lateCame() : done()) && wire.now() < limit) {
      byte[] datagram = wire.receive(Math.min(limit, connection.deadline()));
      if (datagram != null) {
        connection.receive(datagram, wire.now());
      } else {
        connection.onTimer(wire.now());
      }
      flush(wire);
    }
  }

  private void flush(Wire wire) throws IOException {
    for (byte[] datagram : connection.datagrams(wire.now())) {
      wire.send(datagram);
    }
  }

  private boolean answered() {
    return !request || connection.whole(stream);
  }

  /** What is acknowledged of early data is known by the time the handshake is confirmed. */
  private boolean done() {
    return connection.sight().complete() && connection.sight().confirmed() && answered();
  }

  /** What a server may send after its answer. */
  private boolean lateCame() {
    Sight sight = connection.sight();
    boolean acknowledged = !sight.earlyAccepted() || sight.earlyAcked() > 0;
    return !sight.complete() || (!sight.tickets().isEmpty() && acknowledged);
  }

  private Result result() {
    Sight sight = connection.sight();
    List<TlsSession> sessions = connection.takeSessions();
    TransportParams limits = sight.peerParameters();
    Session session = null;
    if (!sessions.isEmpty() && limits != null) {
      session = new Session(sessions.getLast(), limits, sight.token());
      sessions.subList(0, sessions.size() - 1).forEach(TlsSession::destroy);
    }
    byte[] answer = request ? connection.received(stream) : new byte[0];
    return new Result(sight, answered(), answer, session, connection.failure());
  }
}
