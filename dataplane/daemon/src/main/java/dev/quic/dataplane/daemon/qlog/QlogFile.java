package dev.quic.dataplane.daemon.qlog;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The file of one connection: a JSON text sequence (RFC 7464) of the qlog main schema, with the
 * events of the quic schema. Times are milliseconds since the data plane began to write. Writer
 * thread.
 */
final class QlogFile implements Closeable {
  /** Schemas of the drafts in force; the number is part of the name until they are RFCs. */
  static final String QUIC_SCHEMA = "urn:ietf:params:qlog:events:quic-13";

  static final String LOGLEVEL_SCHEMA = "urn:ietf:params:qlog:events:loglevel-14";

  private static final byte RECORD = 0x1e;

  private final OutputStream out;
  private final Json json = new Json();
  private final QlogFrames frames = new QlogFrames();
  private final StringBuilder parameters = new StringBuilder();
  private final boolean server;
  private final long base;
  private long last;
  private boolean started;
  private boolean dirty;
  private int tuple;

  /**
   * @param base what times are counted from
   */
  QlogFile(OutputStream raw, boolean server, long base) {
    out = new BufferedOutputStream(raw, QlogLimits.FILE_BUFFER_BYTES);
    this.server = server;
    this.base = base;
  }

  /**
   * Writes the header.
   *
   * @param odcid the connection's first destination id, in hex
   * @param clock wall clock time of {@code base}, RFC 3339
   */
  void header(String odcid, String clock) throws IOException {
    json.start()
        .text("file_schema", "urn:ietf:params:qlog:file:sequential")
        .text("serialization_format", "application/qlog+json-seq")
        .text("title", "quic-jvm data plane")
        .object("trace")
        .object("common_fields")
        .text("group_id", odcid)
        .text("time_format", "relative_to_epoch")
        .object("reference_time")
        .text("clock_type", "monotonic")
        .text("epoch", "unknown")
        .text("wall_clock_time", clock)
        .end()
        .end()
        .object("vantage_point")
        .text("name", "dataplane")
        .text("type", server ? "server" : "client")
        .end()
        .array("event_schemas", QUIC_SCHEMA, LOGLEVEL_SCHEMA)
        .end()
        .end();
    record();
  }

  private void record() throws IOException {
    out.write(RECORD);
    out.write(json.toString().getBytes(StandardCharsets.UTF_8));
    out.write('\n');
    dirty = true;
  }

  /** Begins an event; {@link #finish} ends its data and writes it. */
  private Json event(long now, String name) {
    last = Math.max(last, now - base);
    return json.start().millis("time", last).text("name", name).object("data");
  }

  private void finish() throws IOException {
    json.end().end();
    record();
  }

  /** Writes an event of the ring. */
  void write(long[] e) throws IOException {
    long now = e[EventRing.TIME];
    long a = e[EventRing.ARGS];
    long b = e[4];
    long c = e[5];
    switch ((int) e[EventRing.KIND]) {
      case EventKind.FRAME -> frames.frame(e);
      case EventKind.RANGE -> frames.range(e);
      case EventKind.PATH -> path(e);
      case EventKind.SENT -> packet(event(now, "quic:packet_sent"), a, b, c);
      case EventKind.RECEIVED -> packet(event(now, "quic:packet_received"), a, b, c);
      case EventKind.PARAMETER -> QlogNames.parameter(parameters, b, c);
      case EventKind.PARAMETERS -> parametersSet(now, a == 1);
      case EventKind.LOST -> packet(event(now, "quic:packet_lost"), a, b, -1);
      case EventKind.DROPPED -> {
        raw(event(now, "quic:packet_dropped"), b).text("trigger", QlogNames.dropTrigger(a));
        finish();
      }
      case EventKind.KEY -> {
        String key = QlogNames.keyType(a, (b == 1) == server);
        event(now, "quic:key_updated").text("key_type", key).text("trigger", "tls");
        finish();
      }
      case EventKind.KEY_GONE -> {
        for (boolean side : new boolean[] {false, true}) {
          event(now, "quic:key_discarded").text("key_type", QlogNames.keyType(a, side));
          finish();
        }
      }
      default -> writeState(e, now, a, b, c);
    }
  }

  private void writeState(long[] e, long now, long a, long b, long c) throws IOException {
    switch ((int) e[EventRing.KIND]) {
      case EventKind.STATE -> state(now, a, b);
      case EventKind.RECOVERY -> recovery(now, a, b, c, e[6]);
      case EventKind.TIMEOUT -> {
        event(now, "quic:timer_updated").text("timer_type", "pto").text("event_type", "expired");
        finish();
        event(now, "quic:recovery_metrics_updated").number("pto_count", a);
        finish();
      }
      case EventKind.CLOSED -> closed(now, a == 1, b == 1, c);
      case EventKind.STREAM -> stream(now, a, b == 1);
      case EventKind.ECN -> {
        event(now, "quic:ecn_state_updated").text("new", QlogNames.ecnState(a));
        finish();
      }
      case EventKind.MTU -> {
        event(now, "quic:mtu_updated").number("old", a).number("new", b).bool("done", c == 1);
        finish();
      }
      case EventKind.MIGRATED -> {
        event(now, "quic:migration_state_updated").text("new", "migration_complete");
        finish();
      }
      default -> {}
    }
  }

  private void parametersSet(long now, boolean local) throws IOException {
    String initiator = local ? "local" : "remote";
    last = Math.max(last, now - base);
    json.start()
        .millis("time", last)
        .text("name", "quic:parameters_set")
        .raw("data", "{\"initiator\":\"" + initiator + '"' + parameters + '}')
        .end();
    parameters.setLength(0);
    record();
  }

  private void packet(Json j, long level, long pn, long bytes) throws IOException {
    j.object("header").text("packet_type", QlogNames.packetType(level)).number("packet_number", pn);
    j.end();
    if (bytes >= 0) {
      raw(j, bytes);
      String all = frames.take(level, pn);
      if (!all.isEmpty()) {
        j.raw("frames", all);
      }
    }
    finish();
  }

  private static Json raw(Json j, long bytes) {
    return j.object("raw").number("length", bytes).end();
  }

  private void path(long[] e) throws IOException {
    long ports = e[7];
    boolean first = !started;
    started = true;
    Json j = event(e[EventRing.TIME], first ? "quic:connection_started" : "quic:tuple_assigned");
    if (!first) {
      j.text("tuple_id", Integer.toString(++tuple));
    }
    endpoint(j, first ? "local" : "tuple_local", e[3], e[4], ports >>> 16 & 0xffff);
    endpoint(j, first ? "remote" : "tuple_remote", e[5], e[6], ports & 0xffff);
    finish();
  }

  private static void endpoint(Json j, String name, long hi, long lo, long port) {
    boolean four = hi == 0 && lo >>> 32 == 0xffff;
    j.object(name)
        .text(four ? "ip_v4" : "ip_v6", address(hi, lo, four))
        .number(four ? "port_v4" : "port_v6", port)
        .end();
  }

  private static String address(long hi, long lo, boolean four) {
    if (four) {
      return (lo >>> 24 & 0xff)
          + "."
          + (lo >>> 16 & 0xff)
          + "."
          + (lo >>> 8 & 0xff)
          + "."
          + (lo & 0xff);
    }
    try {
      byte[] b = ByteBuffer.allocate(16).putLong(hi).putLong(lo).array();
      InetAddress a = Inet6Address.getByAddress(null, b, -1);
      return a.getHostAddress();
    } catch (UnknownHostException e) {
      return "::";
    }
  }

  private void state(long now, long from, long to) throws IOException {
    String fresh = QlogNames.state(to);
    if (fresh.isEmpty()) {
      return;
    }
    Json j = event(now, "quic:connection_state_updated");
    if (!fresh.equals("attempted")) {
      j.text("old", QlogNames.state(from));
    }
    j.text("new", fresh);
    finish();
  }

  private void recovery(long now, long cwnd, long flight, long rtt, long ssthresh)
      throws IOException {
    Json j =
        event(now, "quic:recovery_metrics_updated")
            .millis("smoothed_rtt", rtt)
            .number("congestion_window", cwnd)
            .number("bytes_in_flight", flight);
    if (ssthresh != Long.MAX_VALUE) {
      j.number("ssthresh", ssthresh);
    }
    finish();
  }

  private void closed(long now, boolean local, boolean application, long code) throws IOException {
    Json j = event(now, "quic:connection_closed").text("initiator", local ? "local" : "remote");
    if (application) {
      j.text("application_error", "unknown").number("error_code", code);
    } else {
      String error = QlogNames.transportError(code);
      j.text("connection_error", error);
      if (error.equals("unknown")) {
        j.number("error_code", code);
      }
    }
    j.text("trigger", application ? "application" : code == 0 ? "unspecified" : "error");
    finish();
  }

  private void stream(long now, long id, boolean local) throws IOException {
    event(now, "quic:stream_state_updated")
        .number("stream_id", id)
        .text("stream_type", (id & 2) != 0 ? "unidirectional" : "bidirectional")
        .text("new", "open")
        .text("stream_side", local ? "sending" : "receiving")
        .text("trigger", local ? "local" : "remote");
    finish();
  }

  /** Tells that events are missing here. */
  void gap(long events) throws IOException {
    frames.clear();
    parameters.setLength(0);
    event(base + last, "loglevel:warning")
        .number("code", events)
        .text("message", events + " events of this shard were dropped: the queue was full");
    finish();
  }

  /** Hands over what was gathered, so that a reader may follow. */
  void flush() throws IOException {
    if (dirty) {
      dirty = false;
      out.flush();
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
