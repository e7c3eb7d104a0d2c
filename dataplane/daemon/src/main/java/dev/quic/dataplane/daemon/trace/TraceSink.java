package dev.quic.dataplane.daemon.trace;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.daemon.handshake.HandshakeRequest;
import dev.quic.dataplane.daemon.handshake.HandshakeTrace;
import dev.quic.uapi.QuicUapi;

/**
 * What of the core's events and of the handshake family belongs to a handshake's timeline, one JSON
 * object a line. {@code t_ns} is {@link System#nanoTime}, which the processes of one machine share.
 * Any thread; never blocks, never shows a secret.
 */
public final class TraceSink implements EventSink, HandshakeTrace {
  private final TraceWriter out;

  public TraceSink(TraceWriter out) {
    this.out = out;
  }

  // The handshake family.

  @Override
  public void request(long sock, HandshakeRequest.Question q) {
    boolean client = q.messageType() == HandshakeRequest.MSG_CLIENTHELLO;
    out.line(start(sock, "request").append(",\"client\":").append(client).append('}').toString());
  }

  @Override
  public void ready(long sock) {
    out.line(start(sock, "ready").append('}').toString());
  }

  @Override
  public void accept(long sock) {
    out.line(start(sock, "accept").append('}').toString());
  }

  @Override
  public void done(long sock, int status) {
    out.line(start(sock, "done").append(",\"status\":").append(status).append('}').toString());
  }

  // The core.

  @Override
  public void cryptoSent(long now, long sock, int level, long offset, int bytes) {
    out.line(crypto("crypto_sent", sock, level, "send", offset, bytes));
  }

  @Override
  public void cryptoReceived(long now, long sock, int level, long offset, int bytes) {
    out.line(crypto("crypto_received", sock, level, "recv", offset, bytes));
  }

  private static String crypto(
      String event, long sock, int level, String dir, long offset, int bytes) {
    return start(sock, event)
        .append(",\"level\":\"")
        .append(levelName(level))
        .append("\",\"dir\":\"")
        .append(dir)
        .append("\",\"offset\":")
        .append(offset)
        .append(",\"len\":")
        .append(bytes)
        .append('}')
        .toString();
  }

  @Override
  public void secretInstalled(long now, long sock, int level, boolean send, int cipher) {
    out.line(
        start(sock, "secret")
            .append(",\"level\":\"")
            .append(levelName(level))
            .append("\",\"dir\":\"")
            .append(send ? "send" : "recv")
            .append("\",\"cipher\":")
            .append(cipher)
            .append('}')
            .toString());
  }

  @Override
  public void earlyDataDecided(long now, long sock, boolean accepted) {
    out.line(
        start(sock, "early_data").append(",\"accepted\":").append(accepted).append('}').toString());
  }

  @Override
  public void stateChanged(long now, long sock, int from, int to) {
    out.line(
        start(sock, "state")
            .append(",\"from\":\"")
            .append(stateName(from))
            .append("\",\"to\":\"")
            .append(stateName(to))
            .append("\"}")
            .toString());
  }

  @Override
  public void closed(long now, long sock, boolean local, boolean application, long errorCode) {
    out.line(
        start(sock, "closed")
            .append(",\"dir\":\"")
            .append(local ? "send" : "recv")
            .append("\",\"application\":")
            .append(application)
            .append(",\"code\":")
            .append(errorCode)
            .append('}')
            .toString());
  }

  private static StringBuilder start(long sock, String event) {
    return new StringBuilder(160)
        .append("{\"t_ns\":")
        .append(System.nanoTime())
        .append(",\"who\":\"dataplane\",\"sock\":")
        .append(sock)
        .append(",\"event\":\"")
        .append(event)
        .append('"');
  }

  private static String levelName(int level) {
    return switch (level) {
      case QuicUapi.QUIC_CRYPTO_INITIAL -> "initial";
      case QuicUapi.QUIC_CRYPTO_HANDSHAKE -> "handshake";
      case QuicUapi.QUIC_CRYPTO_EARLY -> "early";
      default -> "app";
    };
  }

  private static String stateName(int state) {
    return switch (state) {
      case QuicUapi.QUIC_SS_LISTENING -> "listening";
      case QuicUapi.QUIC_SS_ESTABLISHING -> "establishing";
      case QuicUapi.QUIC_SS_ESTABLISHED -> "established";
      default -> "closed";
    };
  }
}
