package dev.quic.dataplane.daemon.qlog;

import dev.quic.dataplane.core.frame.FrameType;
import java.util.HexFormat;

/**
 * The frames of packets that are still to be told, one packet a level: rows of the ring become the
 * JSON list of the packet that follows. Writer thread.
 */
final class QlogFrames {
  private static final int LEVELS = 4;
  private static final int FIN = 1 << 12;

  private final Json json = new Json();
  private final StringBuilder[] texts = new StringBuilder[LEVELS];
  private final long[] numbers = new long[LEVELS];

  /** An ACK frame stands open, so that ranges may follow. */
  private final boolean[] open = new boolean[LEVELS];

  QlogFrames() {
    for (int i = 0; i < LEVELS; i++) {
      texts[i] = new StringBuilder(0);
    }
  }

  /** Forgets what is there: rows are missing. */
  void clear() {
    for (int i = 0; i < LEVELS; i++) {
      texts[i].setLength(0);
      open[i] = false;
    }
  }

  private void close(int level) {
    if (open[level]) {
      texts[level].append("]}");
      open[level] = false;
    }
  }

  /** The list of a packet; empty when nothing is known of it. */
  String take(long level, long pn) {
    int l = (int) level & LEVELS - 1;
    close(l);
    String all = texts[l].isEmpty() || numbers[l] != pn ? "" : "[" + texts[l] + "]";
    texts[l].setLength(0);
    return all;
  }

  /** A frame of a packet. */
  void frame(long[] e) {
    int what = (int) e[EventRing.ARGS];
    int level = what >> 8 & LEVELS - 1;
    long pn = e[4];
    StringBuilder to = texts[level];
    close(level);
    if (numbers[level] != pn) {
      numbers[level] = pn;
      to.setLength(0);
    }
    if (to.length() > QlogLimits.FRAMES_TEXT) {
      return;
    }
    to.append(to.isEmpty() ? "" : ",");
    int type = what & 0xff;
    if (type == FrameType.ACK || type == FrameType.ACK_ECN) {
      json.start().text("frame_type", "ack").millis("ack_delay", e[6] * 1_000);
      to.append(json).append(",\"acked_ranges\":[");
      range(to, e[7], e[5]);
      open[level] = true;
    } else {
      json.start();
      object(type, what, e[5], e[6], e[7]);
      to.append(json.end());
    }
  }

  /** A further range of the ACK frame before it. */
  void range(long[] e) {
    int level = (int) e[EventRing.ARGS] & LEVELS - 1;
    if (open[level] && numbers[level] == e[4]) {
      texts[level].append(',');
      range(texts[level], e[5], e[6]);
    }
  }

  private static void range(StringBuilder to, long low, long high) {
    to.append('[').append(low);
    if (high != low) {
      to.append(',').append(high);
    }
    to.append(']');
  }

  private void object(int type, int what, long x, long y, long z) {
    if (type >= FrameType.STREAM && type <= FrameType.STREAM_LAST) {
      kind("stream").number("stream_id", x).number("offset", y);
      json.bool("fin", (what & FIN) != 0);
      raw(z);
      return;
    }
    switch (type) {
      case FrameType.PADDING -> {
        kind("padding");
        raw(z);
      }
      case FrameType.PING -> kind("ping");
      case FrameType.RESET_STREAM -> {
        kind("reset_stream").number("stream_id", x).text("error", "unknown");
        json.number("error_code", y).number("final_size", z);
      }
      case FrameType.STOP_SENDING ->
          kind("stop_sending")
              .number("stream_id", x)
              .text("error", "unknown")
              .number("error_code", y);
      case FrameType.CRYPTO -> {
        kind("crypto").number("offset", y);
        raw(z);
      }
      case FrameType.NEW_TOKEN -> {
        kind("new_token").object("token");
        raw(z);
        json.end();
      }
      case FrameType.DATAGRAM, FrameType.DATAGRAM_LEN -> {
        kind("datagram");
        raw(z);
      }
      case FrameType.CONNECTION_CLOSE, FrameType.CONNECTION_CLOSE_APP ->
          closing(type == FrameType.CONNECTION_CLOSE_APP, x, y);
      case FrameType.HANDSHAKE_DONE -> kind("handshake_done");
      default -> limits(type, what, x, y, z);
    }
  }

  private Json kind(String name) {
    return json.text("frame_type", name);
  }

  private void raw(long bytes) {
    json.object("raw").number("length", bytes).end();
  }

  private void closing(boolean application, long code, long cause) {
    kind("connection_close").text("error_space", application ? "application" : "transport");
    String error = application ? "unknown" : QlogNames.transportError(code);
    json.text("error", error);
    if (error.equals("unknown")) {
      json.number("error_code", code);
    }
    if (!application) {
      json.number("trigger_frame_type", cause);
    }
  }

  private static String streamType(boolean uni) {
    return uni ? "unidirectional" : "bidirectional";
  }

  private void limits(int type, int what, long x, long y, long z) {
    switch (type) {
      case FrameType.MAX_DATA -> kind("max_data").number("maximum", x);
      case FrameType.MAX_STREAM_DATA ->
          kind("max_stream_data").number("stream_id", x).number("maximum", y);
      case FrameType.MAX_STREAMS_BIDI, FrameType.MAX_STREAMS_UNI ->
          kind("max_streams")
              .text("stream_type", streamType(type == FrameType.MAX_STREAMS_UNI))
              .number("maximum", x);
      case FrameType.DATA_BLOCKED -> kind("data_blocked").number("limit", x);
      case FrameType.STREAM_DATA_BLOCKED ->
          kind("stream_data_blocked").number("stream_id", x).number("limit", y);
      case FrameType.STREAMS_BLOCKED_BIDI, FrameType.STREAMS_BLOCKED_UNI ->
          kind("streams_blocked")
              .text("stream_type", streamType(type == FrameType.STREAMS_BLOCKED_UNI))
              .number("limit", x);
      case FrameType.NEW_CONNECTION_ID -> {
        int length = what >> 16 & 0xff;
        String id = HexFormat.of().toHexDigits(z).substring(0, 2 * Math.min(8, length));
        kind("new_connection_id").number("sequence_number", x).number("retire_prior_to", y);
        json.number("connection_id_length", length).text("connection_id", id);
      }
      case FrameType.RETIRE_CONNECTION_ID ->
          kind("retire_connection_id").number("sequence_number", x);
      case FrameType.PATH_CHALLENGE ->
          kind("path_challenge").text("data", HexFormat.of().toHexDigits(x));
      case FrameType.PATH_RESPONSE ->
          kind("path_response").text("data", HexFormat.of().toHexDigits(x));
      default -> kind("unknown").number("frame_type_bytes", type);
    }
  }
}
