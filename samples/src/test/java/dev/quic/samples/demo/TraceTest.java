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
  void showsOneRequestOfBothDaemonsByTime() throws IOException {
    Path one =
        Files.writeString(
            dir.resolve("one"),
            line(1000, "dataplane", 7, "state")
                + line(3000, "dataplane", 8, "request")
                + line(3500, "dataplane", 7, "crypto_sent")
                + line(9000, "dataplane", 8, "done")
                + line(9500, "dataplane", 8, "closed"));
    Path two =
        Files.writeString(
            dir.resolve("two"),
            line(4500, "handshaked", 3, "accept") + line(2000, "handshaked", 3, "x"));
    Timeline timeline =
        Timeline.ofFirstRequest(Trace.read(List.of(one, two, dir.resolve("missing"))));
    assertThat(timeline.length()).isEqualTo(6000);

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    timeline.print(new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(out.toString(StandardCharsets.UTF_8).lines().skip(1))
        .containsExactly(
            "       0.0  dataplane   request",
            "       1.5  handshaked  accept",
            "       6.0  dataplane   done");
  }

  @Test
  void isEmptyWithoutARequest() {
    assertThat(Timeline.ofFirstRequest(List.of()).isEmpty()).isTrue();
    assertThat(Timeline.ofFirstRequest(List.of()).length()).isZero();
  }

  @Test
  void describesEveryField() {
    Trace.Entry entry =
        Trace.parse(
            "{\"t_ns\":17,\"who\":\"dataplane\",\"sock\":3,\"event\":\"sendmsg\",\"level\":\"handshake\","
                + "\"name\":\"Finished\",\"len\":36,\"status\":0,\"more\":null,\"offset\":12,\"client\":true}");
    assertThat(entry.tNs()).isEqualTo(17);
    assertThat(Timeline.describe(entry))
        .isEqualTo("sendmsg         handshake Finished 36 bytes status 0 client true");
  }

  private static String line(long t, String who, int sock, String event) {
    return "{\"t_ns\":"
        + t
        + ",\"who\":\""
        + who
        + "\",\"sock\":"
        + sock
        + ",\"event\":\""
        + event
        + "\"}\n";
  }
}
