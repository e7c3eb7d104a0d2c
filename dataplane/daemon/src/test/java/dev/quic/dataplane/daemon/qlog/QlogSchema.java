package dev.quic.dataplane.daemon.qlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The fields the drafts require of a file and of each event, and the values they allow. */
public final class QlogSchema {
  private static final Set<String> PACKET_TYPES =
      Set.of("initial", "handshake", "0RTT", "1RTT", "retry", "version_negotiation");

  /** Event name to {@code field:type} of its data; a question mark makes a field optional. */
  private static final Map<String, List<String>> EVENTS =
      Map.ofEntries(
          Map.entry("quic:connection_started", List.of("local:endpoint", "remote:endpoint")),
          Map.entry("quic:tuple_assigned", List.of("tuple_id:text")),
          Map.entry(
              "quic:connection_closed",
              List.of(
                  "initiator=local|remote", "connection_error:?text", "application_error:?text")),
          Map.entry(
              "quic:connection_state_updated",
              List.of("new=attempted|handshake_started|handshake_complete|closed")),
          Map.entry("quic:mtu_updated", List.of("old:number", "new:number", "done:bool")),
          Map.entry("quic:packet_sent", List.of("header:header", "raw:raw", "frames:?frames")),
          Map.entry("quic:packet_received", List.of("header:header", "raw:raw", "frames:?frames")),
          Map.entry(
              "quic:parameters_set",
              List.of(
                  "initiator=local|remote",
                  "max_idle_timeout:?number",
                  "max_udp_payload_size:?number",
                  "initial_max_data:?number",
                  "initial_max_stream_data_bidi_local:?number",
                  "initial_max_stream_data_bidi_remote:?number",
                  "initial_max_stream_data_uni:?number",
                  "initial_max_streams_bidi:?number",
                  "initial_max_streams_uni:?number",
                  "ack_delay_exponent:?number",
                  "max_ack_delay:?number",
                  "disable_active_migration:?bool",
                  "active_connection_id_limit:?number",
                  "max_datagram_frame_size:?number",
                  "grease_quic_bit:?bool")),
          Map.entry("quic:packet_lost", List.of("header:header")),
          Map.entry(
              "quic:packet_dropped",
              List.of(
                  "raw:raw",
                  "trigger=internal_error|rejected|unsupported|invalid|duplicate"
                      + "|connection_unknown|decryption_failure|key_unavailable|general")),
          Map.entry(
              "quic:stream_state_updated",
              List.of("stream_id:number", "new=idle|open|closed", "stream_side=sending|receiving")),
          Map.entry(
              "quic:timer_updated",
              List.of("timer_type=ack|pto|loss_timeout", "event_type=set|expired|cancelled")),
          Map.entry("quic:key_updated", List.of("key_type:key", "trigger=tls|remote_update")),
          Map.entry("quic:key_discarded", List.of("key_type:key")),
          Map.entry(
              "quic:recovery_metrics_updated",
              List.of(
                  "smoothed_rtt:?number",
                  "congestion_window:?number",
                  "bytes_in_flight:?number",
                  "ssthresh:?number",
                  "pto_count:?number")),
          Map.entry("quic:ecn_state_updated", List.of("new=testing|unknown|failed|capable")),
          Map.entry("quic:migration_state_updated", List.of("new:text")),
          Map.entry("loglevel:warning", List.of("code:number", "message:text")));

  /** Frame type to the fields it must have. */
  private static final Map<String, Set<String>> FRAMES =
      Map.ofEntries(
          Map.entry("padding", Set.of()),
          Map.entry("ping", Set.of()),
          Map.entry("ack", Set.of("acked_ranges")),
          Map.entry("reset_stream", Set.of("stream_id", "error", "final_size")),
          Map.entry("stop_sending", Set.of("stream_id", "error")),
          Map.entry("crypto", Set.of("offset", "raw")),
          Map.entry("new_token", Set.of("token")),
          Map.entry("stream", Set.of("stream_id", "raw")),
          Map.entry("max_data", Set.of("maximum")),
          Map.entry("max_stream_data", Set.of("stream_id", "maximum")),
          Map.entry("max_streams", Set.of("stream_type", "maximum")),
          Map.entry("data_blocked", Set.of("limit")),
          Map.entry("stream_data_blocked", Set.of("stream_id", "limit")),
          Map.entry("streams_blocked", Set.of("stream_type", "limit")),
          Map.entry(
              "new_connection_id", Set.of("sequence_number", "retire_prior_to", "connection_id")),
          Map.entry("retire_connection_id", Set.of("sequence_number")),
          Map.entry("path_challenge", Set.of("data")),
          Map.entry("path_response", Set.of("data")),
          Map.entry("connection_close", Set.of("error_space", "error")),
          Map.entry("handshake_done", Set.of()),
          Map.entry("datagram", Set.of("raw")));

  private QlogSchema() {}

  /** Reads a file, checks all of it, and returns its events. */
  public static List<Map<String, Object>> read(Path file) throws IOException {
    return check(Files.readString(file, StandardCharsets.UTF_8));
  }

  static List<Map<String, Object>> check(String all) {
    assertThat(all).startsWith("\u001e").endsWith("\n");
    List<Map<String, Object>> records = new ArrayList<>();
    for (String record : all.substring(1).split("\u001e", -1)) {
      assertThat(record).endsWith("\n");
      records.add(JsonText.object(record));
    }
    header(records.removeFirst());
    double last = 0;
    for (Map<String, Object> e : records) {
      assertThat(e).containsOnlyKeys("time", "name", "data");
      double time = (Double) field(e, "time");
      assertThat(time).isGreaterThanOrEqualTo(last);
      last = time;
      data((String) field(e, "name"), map(e.get("data")));
    }
    return records;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(@Nullable Object o) {
    assertThat(o).isInstanceOf(Map.class);
    return (Map<String, Object>) Objects.requireNonNull(o);
  }

  /** A field that has to be there. */
  static Object field(Map<String, Object> object, String name) {
    return Objects.requireNonNull(object.get(name), name);
  }

  private static void header(Map<String, Object> h) {
    assertThat(h)
        .containsEntry("file_schema", "urn:ietf:params:qlog:file:sequential")
        .containsEntry("serialization_format", "application/qlog+json-seq");
    Map<String, Object> trace = map(h.get("trace"));
    assertThat((List<?>) trace.get("event_schemas"))
        .isNotEmpty()
        .allMatch(s -> ((String) s).startsWith("urn:ietf:params:qlog:events:"));
    assertThat(map(trace.get("vantage_point")).get("type")).isIn("client", "server");
    Map<String, Object> common = map(trace.get("common_fields"));
    assertThat((String) common.get("group_id")).matches("([0-9a-f]{2}){0,20}");
    assertThat(common).containsEntry("time_format", "relative_to_epoch");
    assertThat(map(common.get("reference_time")))
        .containsEntry("clock_type", "monotonic")
        .containsEntry("epoch", "unknown")
        .containsKey("wall_clock_time");
  }

  private static void data(String name, Map<String, Object> data) {
    assertThat(EVENTS).containsKey(name);
    for (String rule : Objects.requireNonNull(EVENTS.get(name))) {
      int colon = rule.indexOf(':');
      if (colon < 0) {
        String field = rule.substring(0, rule.indexOf('='));
        assertThat(data.get(field))
            .as("%s of %s", field, name)
            .isIn((Object[]) rule.substring(field.length() + 1).split("\\|", -1));
        continue;
      }
      String field = rule.substring(0, colon);
      String type = rule.substring(colon + 1);
      boolean optional = type.startsWith("?");
      Object value = data.get(field);
      if (value != null || !optional) {
        assertThat(value).as("%s of %s", field, name).isNotNull();
        value(optional ? type.substring(1) : type, Objects.requireNonNull(value));
      }
    }
  }

  private static void frame(Map<String, Object> f) {
    String type = (String) field(f, "frame_type");
    assertThat(FRAMES).containsKey(type);
    assertThat(f.keySet()).as(type).containsAll(Objects.requireNonNull(FRAMES.get(type)));
    if (type.equals("ack")) {
      List<?> ranges = (List<?>) field(f, "acked_ranges");
      assertThat(ranges)
          .isNotEmpty()
          .allSatisfy(r -> {
            List<?> pair = (List<?>) r;
            assertThat(pair.size()).isBetween(1, 2);
            assertThat((Double) pair.getFirst()).isLessThanOrEqualTo((Double) pair.getLast());
          });
    }
    Object data = f.get("data");
    if (data != null) {
      assertThat((String) data).matches("[0-9a-f]{16}");
    }
  }

  private static void value(String type, Object v) {
    switch (type) {
      case "text" -> assertThat(v).isInstanceOf(String.class);
      case "number" -> assertThat((Double) v).isNotNegative();
      case "bool" -> assertThat(v).isInstanceOf(Boolean.class);
      case "key" ->
          assertThat((String) v).matches("(client|server)_(initial|handshake|0rtt|1rtt)_secret");
      case "raw" -> assertThat((Double) map(v).get("length")).isPositive();
      case "frames" -> {
        assertThat((List<?>) v).isNotEmpty();
        ((List<?>) v).forEach(f -> frame(map(f)));
      }
      case "header" -> {
        Map<String, Object> h = map(v);
        assertThat(h.get("packet_type")).isIn(PACKET_TYPES);
        assertThat((Double) h.get("packet_number")).isNotNegative();
      }
      case "endpoint" -> {
        Map<String, Object> e = map(v);
        assertThat(e.containsKey("ip_v4") != e.containsKey("ip_v6")).isTrue();
        Object port = e.get(e.containsKey("ip_v4") ? "port_v4" : "port_v6");
        assertThat((Double) port).isBetween(0.0, 65_535.0);
      }
      default -> throw new IllegalArgumentException(type);
    }
  }
}
