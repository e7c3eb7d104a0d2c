package dev.quic.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TraceTest {
  @TempDir Path dir;

  @Test
  void mergesBothDaemonsByTime() throws IOException {
    Path one = Files.writeString(dir.resolve("one"), line(3000, "dataplane", "READY"));
    Path two =
        Files.writeString(
            dir.resolve("two"),
            line(4500, "handshaked", "ACCEPT") + line(2000, "handshaked", "start"));
    List<Trace.Entry> entries = Trace.read(List.of(one, two, dir.resolve("missing")));
    assertThat(entries).extracting(Trace.Entry::event).containsExactly("start", "READY", "ACCEPT");

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Timeline.print(entries, new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(out.toString(StandardCharsets.UTF_8).lines().skip(1))
        .containsExactly(
            "       0.0  handshaked  start",
            "       1.0  dataplane   READY",
            "       2.5  handshaked  ACCEPT");
  }

  @Test
  void describesEveryField() {
    Trace.Entry entry =
        Trace.parse(
            "{\"t_ns\":17,\"who\":\"dataplane\",\"event\":\"sendmsg\",\"name\":\"Finished\",\"level\":\"handshake\","
                + "\"len\":36,\"dir\":\"send\",\"status\":0,\"more\":null}");
    assertThat(entry)
        .isEqualTo(
            new Trace.Entry(17, "dataplane", "sendmsg", "Finished", "handshake", "send", 36, "0"));
    assertThat(Timeline.describe(entry))
        .isEqualTo("sendmsg send handshake Finished 36 bytes status 0");
  }

  private static String line(long t, String who, String event) {
    return "{\"t_ns\":" + t + ",\"who\":\"" + who + "\",\"event\":\"" + event + "\"}\n";
  }
}
