package dev.quic.interop;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The interop runner's cases that need a bad network or a second look at the packets, against
 * ourselves and one foreign stack; fewer connections than the runner's where it makes 50. Where
 * tshark is installed, the captures are checked as the runner does. {@code all.sh --table} does
 * everything with every stack, and takes more than an hour.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class BadNetworksTest {
  private static final List<String> CASES =
      List.of(
          "retry",
          "keyupdate",
          "amplificationlimit",
          "handshakeloss",
          "transferloss",
          "handshakecorruption",
          "blackhole");

  @ParameterizedTest
  @CsvSource({"handshaked,handshaked", "handshaked,aioquic", "aioquic,handshaked"})
  void allPass(String server, String client) throws Exception {
    Matrix.allPassChecked(server, client, CASES);
  }
}
