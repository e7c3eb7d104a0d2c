package dev.quic.interop;

import java.util.List;
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
    Matrix.allPass("handshaked", client, CASES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"aioquic", "deno"})
  void asClient(String server) throws Exception {
    Matrix.allPass(server, "handshaked", CASES);
  }
}
