package dev.quic.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * This project against other people's QUIC, by the scripts beside this module: handshake, transfer
 * of three files of megabytes in one connection, a connection for every file, a resumed connection,
 * early data that is taken. {@code tests/interop/all.sh} does the same with every stack there is.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class ForeignStacksTest {
  private static final List<String> CASES =
      List.of("handshake", "transfer", "multiconnect", "resumption", "zerortt");

  @ParameterizedTest
  @ValueSource(strings = {"aioquic", "deno"})
  void asServer(String client) throws Exception {
    allPass("handshaked", client);
  }

  @ParameterizedTest
  @ValueSource(strings = {"aioquic", "deno"})
  void asClient(String server) throws Exception {
    allPass(server, "handshaked");
  }

  private static void allPass(String server, String client) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of("matrix.sh").toAbsolutePath().toString(),
            "-s",
            server,
            "-c",
            client,
            "-t",
            String.join(" ", CASES));
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    // Maven has just built it.
    environment.put("QUIC_NO_BUILD", "1");
    String output = run(builder.redirectErrorStream(true));
    for (String name : CASES) {
      assertThat(output.lines())
          .as(output)
          .anyMatch(line -> line.startsWith("+ hq-interop") && line.contains(" " + name + " "));
    }
  }

  private static String run(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}
