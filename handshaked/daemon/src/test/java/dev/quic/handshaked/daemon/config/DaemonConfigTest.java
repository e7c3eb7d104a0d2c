package dev.quic.handshaked.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DaemonConfigTest {
  @TempDir Path dir;

  private Path write(String... lines) throws Exception {
    return Files.write(dir.resolve("config"), List.of(lines));
  }

  @Test
  void readsATlshdFile() throws Exception {
    Path f =
        write(
            "[debug]",
            "loglevel=1",
            "tls=3",
            "nl=0",
            "delay_done=2",
            "[authenticate]",
            "keyrings= quic;nvme;",
            "[authenticate.client]",
            "x509.truststore= /pki/ca.pem",
            "[authenticate.server]",
            "x509.certificate=server.pem",
            "x509.private_key=/pki/server.key",
            "x509.crl=/pki/crl.pem");
    DaemonConfig c = DaemonConfig.read(f);
    assertThat(c.loglevel()).isEqualTo(1);
    assertThat(c.delayDoneSeconds()).isEqualTo(2);
    assertThat(c.keyrings()).containsExactly("quic", "nvme");
    assertThat(c.client().truststore()).isEqualTo(Path.of("/pki/ca.pem"));
    assertThat(c.client().certificate()).isNull();
    assertThat(c.server().certificate()).isEqualTo(dir.resolve("server.pem"));
    assertThat(c.server().privateKey()).isEqualTo(Path.of("/pki/server.key"));
    assertThat(c.server().crl()).isEqualTo(Path.of("/pki/crl.pem"));
    assertThat(c.warnings()).containsExactly(f + ":7: keyrings are not used here");
  }

  @Test
  void warnsOfWhatHasNoEffect() throws Exception {
    Path f =
        write(
            "[debug]",
            "colour=red",
            "[nonsense]",
            "x=1",
            "[authenticate.server]",
            "x509.pq.certificate=pq.pem");
    assertThat(DaemonConfig.read(f).warnings())
        .containsExactlyInAnyOrder(
            f + ":2: unknown key [debug] colour",
            f + ":3: unknown section [nonsense]",
            f + ":6: not supported here: [authenticate.server] x509.pq.certificate");
  }

  @Test
  void refusesHalfAPairAndUrls() throws Exception {
    Path f = write("[authenticate.server]", "x509.certificate=a.pem");
    assertThatThrownBy(() -> DaemonConfig.read(f))
        .hasMessage(f + ":2: [authenticate.server] has x509.certificate but no x509.private_key");
    write("[authenticate.client]", "", "x509.private_key=pkcs11:token=x");
    assertThatThrownBy(() -> DaemonConfig.read(f))
        .hasMessage(
            f + ":3: [authenticate.client] x509.private_key: a PEM file is needed, not a URL");
    write("[debug]", "loglevel=loud");
    assertThatThrownBy(() -> DaemonConfig.read(f))
        .hasMessage(f + ":2: [debug] loglevel = loud: not a number 0..9");
  }

  @Test
  void namesAFileThatIsNotThere() {
    Path f = dir.resolve("none");
    assertThatThrownBy(() -> DaemonConfig.read(f))
        .isInstanceOf(ConfigException.class)
        .hasMessage(f + ": cannot be read (no such file)");
  }

  @Test
  void reloadIsAllOrNothing() throws Exception {
    Path f = write("[debug]", "loglevel=1");
    ConfigSource source = ConfigSource.open(f);
    DaemonConfig held = source.current();
    write("[debug]", "loglevel=0", "rubbish");
    assertThatThrownBy(source::reload).hasMessageStartingWith(f + ":3: ");
    assertThat(source.current()).isSameAs(held);
    write("[debug]", "loglevel=2");
    source.reload();
    assertThat(source.current().loglevel()).isEqualTo(2);
    assertThat(held.loglevel()).isEqualTo(1);
  }

  @Test
  void takesTheFirstDefaultPlaceThatExists() throws Exception {
    Path f = write("[debug]", "loglevel=1");
    Path none = dir.resolve("none");
    assertThat(ConfigSource.open(null, List.of(none, f)).file()).isEqualTo(f);
    assertThatThrownBy(() -> ConfigSource.open(null, List.of(none)))
        .hasMessage("no configuration file: give one with -c, or make " + none);
  }
}
