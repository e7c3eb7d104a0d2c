package dev.quic.samples.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArgumentsTest {
  @Test
  void parsesClients(@TempDir Path dir) throws Exception {
    Path address = Files.writeString(dir.resolve("address"), "127.0.0.1:4433\n");
    Arguments a = Arguments.parse("client=@" + address + ";send=/a;receive=/b;peername=server");
    assertThat(a)
        .isEqualTo(
            new Arguments(
                false, new InetSocketAddress("127.0.0.1", 4433), "server", "/a", "/b", "demo"));
  }

  @Test
  void parsesServers() throws Exception {
    Arguments a = Arguments.parse("server=::1:7;send=/a=b;receive=/b;alpn=x");
    assertThat(a.server()).isTrue();
    assertThat(a.send()).isEqualTo("/a=b");
    assertThat(a.alpnBytes()).containsExactly('x');
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "client",
        "send=/a;receive=/b",
        "client=127.0.0.1:1;send=/a",
        "client=x;send=/a;receive=/b"
      })
  void refusesTheRest(String text) {
    assertThatThrownBy(() -> Arguments.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("demo consumer: ");
  }
}
