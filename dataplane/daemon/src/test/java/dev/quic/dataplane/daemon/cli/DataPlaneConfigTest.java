package dev.quic.dataplane.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit
class DataPlaneConfigTest {
  @TempDir Path temp;

  private DataPlaneConfig load(String text) throws Exception {
    return DataPlaneConfig.load(Files.writeString(temp.resolve("c"), text));
  }

  @Test
  void everyKey() throws Exception {
    DataPlaneConfig c =
        load(
            """
            # limits
            handshake.pending = 5
            handshake.timeout_ms = 1500
            handshake.accept_uids = 1000, root
            handshake.accept_gids =
            socket.privileged_ports = yes
            """);
    assertThat(c.handshake().pending()).isEqualTo(5);
    assertThat(c.handshake().defaultTimeoutMs()).isEqualTo(1500);
    assertThat(c.acceptUids()).containsExactlyInAnyOrder(1000L, 0L);
    assertThat(c.acceptGids()).isEmpty();
    assertThat(c.privilegedPorts()).isTrue();
    assertThat(load("")).isEqualTo(DataPlaneConfig.DEFAULT);
  }

  @Test
  void mistakesAreOneClearLine() {
    assertThatThrownBy(() -> load("handshake.pendign = 5")).hasMessageContaining("unknown key");
    assertThatThrownBy(() -> load("handshake.pending = x")).hasMessageContaining("is no number");
    assertThatThrownBy(() -> load("handshake.accept_uids = no-such-user"))
        .hasMessageEndingWith(": no user no-such-user in /etc/passwd; make it, or give its number");
    assertThatThrownBy(() -> load("handshake.accept_gids = no-such-group"))
        .hasMessageContaining("no group no-such-group in /etc/group");
    assertThatThrownBy(() -> DataPlaneConfig.load(temp.resolve("none")))
        .isInstanceOf(StartException.class);
  }
}
