package dev.quic.samples;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConnectionClose;
import dev.quic.uapi.option.QuicErrinfo;
import dev.quic.uapi.option.QuicEvent;
import dev.quic.uapi.option.QuicEventOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Resets and closes, as the socket reports and sends them. */
public final class StreamErrors {
  private static final byte[] NO_INPUT = new byte[0];

  private StreamErrors() {}

  /** From now on a stream that the peer resets is reported among the messages. */
  public static void watch(QuicSocket sock) throws QuicException {
    sock.setsockopt(
        QuicUapi.SOL_QUIC,
        QuicUapi.QUIC_SOCKOPT_EVENT,
        new QuicEventOption(QuicUapi.QUIC_EVENT_STREAM_UPDATE, true).encode());
  }

  /** What a notification says if it is about a stream that the peer reset; else null. */
  public static QuicEvent.@Nullable StreamUpdate reset(byte[] event, int len) {
    return QuicEvent.decode(event, len) instanceof QuicEvent.StreamUpdate update
            && update.state() == QuicUapi.QUIC_STREAM_RECV_STATE_RESET_RECVD
        ? update
        : null;
  }

  /** Ends a stream abruptly, as far as it is still open. */
  public static void abort(QuicSocket sock, long stream, int code) {
    try {
      sock.setsockopt(
          QuicUapi.SOL_QUIC,
          QuicUapi.QUIC_SOCKOPT_STREAM_RESET,
          new QuicErrinfo(stream, code).encode());
    } catch (QuicException e) {
      // the stream or the connection is gone already, which is what was wanted
    }
  }

  /** Why a connection is over, for the user. */
  public static String closed(QuicSocket sock) {
    QuicConnectionClose info;
    try {
      info =
          QuicConnectionClose.decode(
              sock.getsockopt(
                  QuicUapi.SOL_QUIC,
                  QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE,
                  NO_INPUT,
                  QuicConnectionClose.SIZE));
    } catch (QuicException e) {
      return "the connection ended";
    }
    String frame = info.frame() == 0 ? "" : ", frame " + info.frame();
    String phrase = info.phrase().replaceAll("[^ -~]", "?");
    return String.format(
        Locale.ROOT,
        "the connection was closed with error 0x%x%s%s",
        info.errcode(),
        frame,
        phrase.isEmpty() ? "" : ": " + phrase);
  }
}
