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
          Map.entry("quic:packet_sent", List.of("header:header", "raw:raw")),
          Map.entry("quic:packet_received", List.of("header:header", "raw:raw")),
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

  private static void value(String type, Object v) {
    switch (type) {
      case "text" -> assertThat(v).isInstanceOf(String.class);
      case "number" -> assertThat((Double) v).isNotNegative();
      case "bool" -> assertThat(v).isInstanceOf(Boolean.class);
      case "key" ->
          assertThat((String) v).matches("(client|server)_(initial|handshake|0rtt|1rtt)_secret");
      case "raw" -> assertThat((Double) map(v).get("length")).isPositive();
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
