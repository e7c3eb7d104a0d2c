package dev.quic.handshaked.daemon.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TraceFileTest {
  @TempDir Path dir;

  @Test
  void writesOneObjectALineAndAppends() throws Exception {
    Path file = dir.resolve("trace");
    try (TraceFile trace = TraceFile.open(file)) {
      trace.call(12, 7, "sendmsg", "initial", "ClientHello", 409);
    }
    try (TraceFile trace = TraceFile.open(file)) {
      trace.call(13, 7, "done", null, "a \"quoted\" \\ \n name", 0);
    }
    assertThat(Files.readAllLines(file))
        .containsExactly(
            "{\"t_ns\":12,\"who\":\"handshaked\",\"sock\":7,\"event\":\"sendmsg\","
                + "\"level\":\"initial\",\"name\":\"ClientHello\",\"len\":409}",
            "{\"t_ns\":13,\"who\":\"handshaked\",\"sock\":7,\"event\":\"done\",\"level\":null,"
                + "\"name\":\"a \\\"quoted\\\" \\\\ \\u000a name\",\"len\":0}");
  }
}
