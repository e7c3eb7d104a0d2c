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
    assertThat(load("quic_lb.server_id = c31f").quicLb()).isNotNull();
    String key = "quic_lb.key = 8f95f09245765f80256934e50c66207f";
    assertThat(load("quic_lb.server_id = c3\nquic_lb.config = 6\n" + key).quicLb()).isNotNull();
  }

  @Test
  void mistakesAreOneClearLine() {
    assertThatThrownBy(() -> load("handshake.pendign = 5")).hasMessageContaining("unknown key");
    assertThatThrownBy(() -> load("quic_lb.config = 1")).hasMessageContaining("is missing");
    assertThatThrownBy(() -> load("quic_lb.server_id = xy")).hasMessageContaining("hexadecimal");
    assertThatThrownBy(() -> load("quic_lb.server_id = 010203")).hasMessageContaining("3 bytes");
    assertThatThrownBy(() -> load("quic_lb.server_id = 01\nquic_lb.config = 7"))
        .hasMessageContaining("not within 0 to 6");
    assertThatThrownBy(() -> load("quic_lb.server_id = 01\nquic_lb.key = 00"))
        .hasMessageContaining("key of 1 bytes");
    assertThatThrownBy(() -> load("handshake.pending = x")).hasMessageContaining("is no number");
    assertThatThrownBy(() -> load("handshake.accept_uids = no-such-user"))
        .hasMessageEndingWith(": no user no-such-user in /etc/passwd; make it, or give its number");
    assertThatThrownBy(() -> load("handshake.accept_gids = no-such-group"))
        .hasMessageContaining("no group no-such-group in /etc/group");
    assertThatThrownBy(() -> DataPlaneConfig.load(temp.resolve("none")))
        .isInstanceOf(StartException.class)
        .hasMessage("cannot read " + temp.resolve("none") + ": no such file or directory");
  }
}
