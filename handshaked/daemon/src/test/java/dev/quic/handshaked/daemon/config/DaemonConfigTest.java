package dev.quic.handshaked.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.tls.CryptoMode;
import dev.quic.handshaked.tls.TlsGroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    assertThat(c.server().certificate()).isEqualTo(new KeyLocation.File(dir.resolve("server.pem")));
    assertThat(c.server().privateKey()).isEqualTo(new KeyLocation.File(Path.of("/pki/server.key")));
    assertThat(c.server().crl()).isEqualTo(Path.of("/pki/crl.pem"));
    assertThat(c.warnings())
        .containsExactly(
            f + ":3: [debug] tls has no effect: it is the verbosity of a library of tlshd");
    assertThat(c.files())
        .containsExactly(
            Path.of("/pki/ca.pem"),
            Path.of("/pki/crl.pem"),
            dir.resolve("server.pem"),
            Path.of("/pki/server.key"));
  }

  @Test
  void warnsOfWhatHasNoEffect() throws Exception {
    Path f = write("[debug]", "colour=red", "[nonsense]", "x=1", "[limits]", "colour=red");
    assertThat(DaemonConfig.read(f).warnings())
        .containsExactlyInAnyOrder(
            f + ":2: unknown key [debug] colour",
            f + ":3: unknown section [nonsense]",
            f + ":6: unknown key [limits] colour");
  }

  private void refused(String message, String... lines) throws Exception {
    Path f = write(lines);
    assertThatThrownBy(() -> DaemonConfig.read(f))
        .isInstanceOf(ConfigException.class)
        .hasMessage(f + message);
  }

  @Test
  void refusesHalfAPair() throws Exception {
    refused(
        ":2: [authenticate.server] x509.certificate has no x509.private_key beside it",
        "[authenticate.server]",
        "x509.certificate=a.pem");
    refused(
        ":3: [authenticate.client] x509.private_key has no x509.certificate beside it",
        "[authenticate.client]",
        "",
        "x509.private_key=pkcs11:token=x");
    refused(
        ":2: [authenticate.server] x509.pq.certificate has no x509.pq.private_key beside it",
        "[authenticate.server]",
        "x509.pq.certificate=a.pem");
    refused(
        ":2: [authenticate.server] x509.pq.certificate needs x509.certificate too, for peers without"
            + " ML-DSA",
        "[authenticate.server]",
        "x509.pq.certificate=a.pem",
        "x509.pq.private_key=a.key");
  }

  @Test
  void takesASecondPairAndKeysOfTokens() throws Exception {
    Path f =
        write(
            "[authenticate.server]",
            "x509.certificate=a.pem",
            "x509.private_key=pkcs11:token=hsm;object=server?pin-value=1234",
            "x509.pq.certificate=pq.pem",
            "x509.pq.private_key=pq.key");
    DaemonConfig c = DaemonConfig.read(f);
    assertThat(c.warnings()).isEmpty();
    assertThat(c.server().pqCertificate()).isEqualTo(new KeyLocation.File(dir.resolve("pq.pem")));
    assertThat(c.server().pqPrivateKey()).isEqualTo(new KeyLocation.File(dir.resolve("pq.key")));
    assertThat(c.server().privateKey()).hasToString("pkcs11:token=hsm;object=server");
    assertThat(c.files())
        .containsExactly(dir.resolve("a.pem"), dir.resolve("pq.pem"), dir.resolve("pq.key"));
  }

  @Test
  void refusesWrongValues() throws Exception {
    refused(":2: [debug] loglevel = loud: not a number 0..9", "[debug]", "loglevel=loud");
    refused(":2: [debug] keylog = maybe: neither yes nor no", "[debug]", "keylog=maybe");
    refused(
        ":2: [authenticate.client] x509.crl a file is needed here, not a URL",
        "[authenticate.client]",
        "x509.crl=pkcs11:x");
    refused(
        ":2: [authenticate.server] x509.private_key TPM keys are reached through a PKCS#11 module:"
            + " pkcs11:...",
        "[authenticate.server]",
        "x509.private_key=tpmkey:uuid=1");
    refused(
        ":2: [session] ticket_lifetime = 604801: not a number 1..604800",
        "[session]",
        "ticket_lifetime=604801");
    refused(
        ":3: [session] early_data needs tickets = yes",
        "[session]",
        "tickets=no",
        "early_data=yes");
    refused(":2: [limits] handshakes = 0: not a number 1..4096", "[limits]", "handshakes=0");
    refused(
        ":2: [tls] ciphers 'rc4' is none of aes-128-gcm, aes-256-gcm, chacha20-poly1305",
        "[tls]",
        "ciphers=aes-128-gcm;rc4");
    refused(":2: [tls] crypto 'openssl' is none of auto, bc, libcrypto", "[tls]", "crypto=openssl");
    Path f = write("[tls]", "groups=x25519;x448");
    assertThatThrownBy(() -> DaemonConfig.read(f))
        .hasMessageStartingWith(f + ":2: [tls] groups 'x448' is none of x25519mlkem768, ");
  }

  @Test
  void readsTheSectionsOfOurOwn() throws Exception {
    DaemonConfig c =
        DaemonConfig.read(
            write(
                "[debug]",
                "keylog=yes",
                "[tls]",
                "groups = P-384; X25519; secp384r1",
                "ciphers = TLS_CHACHA20_POLY1305_SHA256;aes-128-gcm",
                "crypto = BC",
                "[session]",
                "ticket_lifetime=3600",
                "ticket_rotation=7200",
                "ticket_keys=tickets.key",
                "early_data=yes",
                "replay_window=5",
                "replay_entries=1000",
                "[limits]",
                "handshakes=10",
                "per_peer=3",
                "queue=0",
                "drain=2"));
    assertThat(c.warnings()).isEmpty();
    assertThat(c.keylog()).isTrue();
    assertThat(c.tls())
        .isEqualTo(
            new TlsSettings(
                List.of(TlsGroup.SECP384R1, TlsGroup.X25519), List.of(54, 51), CryptoMode.BC));
    assertThat(c.session())
        .isEqualTo(
            new SessionSettings(
                true,
                Duration.ofHours(1),
                Duration.ofHours(2),
                dir.resolve("tickets.key"),
                true,
                Duration.ofSeconds(5),
                1000));
    assertThat(c.limits()).isEqualTo(new LimitSettings(10, 3, 0, 2));
    assertThat(c.files()).containsExactly(dir.resolve("tickets.key"));
  }

  @Test
  void anEmptyFileIsTheDefaults() throws Exception {
    DaemonConfig c = DaemonConfig.read(write());
    assertThat(c.client()).isEqualTo(DaemonConfig.Credentials.NONE);
    assertThat(c.server()).isEqualTo(DaemonConfig.Credentials.NONE);
    assertThat(c.tls()).isEqualTo(TlsSettings.DEFAULT);
    assertThat(c.session()).isEqualTo(SessionSettings.DEFAULT);
    assertThat(c.limits()).isEqualTo(LimitSettings.DEFAULT);
    assertThat(c.expiryDays()).containsExactly(30, 7, 1);
    assertThat(c.tags()).isEqualTo(dir.resolve("tags.d"));
    assertThat(c.keylog()).isFalse();
    assertThat(c.warnings()).isEmpty();
  }

  @Test
  void tagsAreWhereTlshdHasThem() throws Exception {
    Path old = Files.write(dir.resolve("tlshd.conf"), List.of("[debug]"));
    assertThat(DaemonConfig.read(old).tags()).isEqualTo(dir.resolve("tlshd/tags.d"));
    assertThat(DaemonConfig.read(write("[tags]", "directory=/srv/tags")).tags())
        .isEqualTo(Path.of("/srv/tags"));
  }

  @Test
  void readsTheDaysOfTheExpiryWarning() throws Exception {
    assertThat(DaemonConfig.read(write("[authenticate]", "expiry_warning=1;14;3")).expiryDays())
        .containsExactly(14, 3, 1);
    assertThat(DaemonConfig.read(write("[authenticate]", "expiry_warning=")).expiryDays())
        .isEmpty();
    refused(
        ":2: [authenticate] expiry_warning 'soon' is not a number of days 0..3650",
        "[authenticate]",
        "expiry_warning=7;soon");
  }

  @Test
  void aFollowerCanRefuseTheNewConfiguration() throws Exception {
    Path f = write("[debug]", "loglevel=1");
    ConfigSource source = ConfigSource.open(f);
    List<Integer> applied = new java.util.ArrayList<>();
    source.follow(next -> () -> applied.add(next.loglevel()));
    source.follow(next -> {
      if (next.loglevel() == 2) {
        throw new ConfigException("no two");
      }
      return () -> applied.add(-next.loglevel());
    });
    write("[debug]", "loglevel=2");
    assertThatThrownBy(source::reload).hasMessage("no two");
    assertThat(source.current().loglevel()).isEqualTo(1);
    write("[debug]", "loglevel=3");
    source.reload();
    assertThat(applied).containsExactly(1, -1, 3, -3);
  }

  @Test
  void warnsOfKeysThatEndTicketsEarly() throws Exception {
    Path f = write("[session]", "ticket_lifetime=100", "ticket_rotation=10");
    assertThat(DaemonConfig.read(f).warnings())
        .containsExactly(
            f
                + ":3: [session] ticket_rotation is shorter than ticket_lifetime: tickets end with"
                + " their key, after one to two rotations");
  }

  @Test
  void namesAFileThatIsNotThere() {
    Path f = dir.resolve("none");
    assertThatThrownBy(() -> DaemonConfig.read(f))
        .isInstanceOf(ConfigException.class)
        .hasMessage(f + ": cannot be read (no such file or directory)");
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
