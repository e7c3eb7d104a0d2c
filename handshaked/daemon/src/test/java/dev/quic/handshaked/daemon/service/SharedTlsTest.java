package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.tls.CryptoMode;
import dev.quic.handshaked.tls.KeyLog;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.TrustStore;
import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TicketProtector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SharedTlsTest {
  private static Credentials server;

  @TempDir Path dir;
  private @Nullable ConfigSource source;

  @BeforeAll
  static void certificates() throws Exception {
    server = CertificateAuthority.create("ca", Instant.now()).server("server.test");
  }

  private Path config(String... lines) throws Exception {
    return Files.write(dir.resolve("config"), List.of(lines));
  }

  private SharedTls shared(@Nullable String keyLog, String... lines) throws Exception {
    SharedTls shared = new SharedTls(new DaemonLog(true), keyLog, Clock.systemUTC());
    ConfigSource opened = ConfigSource.open(config(lines));
    opened.follow(shared);
    source = opened;
    return shared;
  }

  private void reload(String... lines) throws Exception {
    config(lines);
    Objects.requireNonNull(source).reload();
  }

  private static TlsConfig.Server serverOf(SharedTls shared) {
    return shared.server(TlsConfig.Server.of(server));
  }

  private static TicketProtector keys(SharedTls shared) {
    return Objects.requireNonNull(serverOf(shared).tickets()).keys();
  }

  private void secret(String mode, int length, int seed) throws Exception {
    byte[] secret = new byte[length];
    java.util.Arrays.fill(secret, (byte) seed);
    Path file = dir.resolve("tickets.key");
    Files.write(file, secret);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  void ticketsByDefaultAndNoEarlyData() throws Exception {
    SharedTls shared = shared(null, "[session]", "ticket_lifetime=60");
    TlsConfig.Server config = serverOf(shared);
    assertThat(Objects.requireNonNull(config.tickets()).lifetime())
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(config.replayGuard()).isNull();
    assertThat(config.keyLog()).isSameAs(KeyLog.NONE);
    TlsConfig.Server psk = shared.server(TlsConfig.Server.psk(identity -> null));
    assertThat(psk.tickets()).isNull();
  }

  @Test
  void withoutTicketsOnlyASocketsKeyCounts() throws Exception {
    SharedTls shared = shared(null, "[session]", "tickets=no");
    assertThat(serverOf(shared).tickets()).isSameAs(TicketIssuer.NONE);
  }

  @Test
  void aReloadKeepsKeysAndRegisterUnlessTheirSettingsChange() throws Exception {
    SharedTls shared = shared(null, "[session]", "early_data=yes");
    TicketProtector keys = keys(shared);
    byte[] ticket = keys.seal(new byte[] {1, 2, 3});
    Object register = serverOf(shared).replayGuard();
    assertThat(register).isNotNull();
    reload("[session]", "early_data=yes", "ticket_lifetime=86399", "ticket_rotation=86400");
    assertThat(keys(shared)).isSameAs(keys);
    assertThat(serverOf(shared).replayGuard()).isSameAs(register);
    reload("[session]", "early_data=yes", "ticket_rotation=90000", "replay_window=3");
    assertThat(keys(shared).open(ticket)).isNull();
    assertThat(serverOf(shared).replayGuard()).isNotNull().isNotSameAs(register);
    // Handshakes under way may still have the old ones.
    assertThat(keys.open(ticket)).containsExactly(1, 2, 3);
    shared.close();
    assertThat(keys.open(ticket)).isNull();
  }

  @Test
  void daemonsWithOneSecretTakeEachOthersTickets() throws Exception {
    secret("rw-------", 48, 1);
    String[] lines = {"[session]", "ticket_keys=tickets.key"};
    SharedTls one = shared(null, lines);
    byte[] ticket = keys(one).seal(new byte[] {7});
    SharedTls two = shared(null, lines);
    assertThat(keys(two).open(ticket)).containsExactly(7);
    assertThat(keys(shared(null, "[session]")).open(ticket)).isNull();
    secret("rw-------", 48, 2);
    SharedTls other = shared(null, lines);
    assertThat(keys(other).open(ticket)).isNull();
  }

  @Test
  void aSecretOfNoUseRefusesTheConfiguration() throws Exception {
    SharedTls shared = shared(null, "[session]");
    TicketProtector keys = keys(shared);
    String[] lines = {"[session]", "ticket_keys=tickets.key"};
    Path file = dir.resolve("tickets.key");
    assertThatThrownBy(() -> reload(lines)).hasMessageStartingWith(file + ": no such file");
    secret("rw-r--r--", 32, 1);
    assertThatThrownBy(() -> reload(lines)).hasMessageContaining("chmod 600");
    secret("rw-------", 31, 1);
    assertThatThrownBy(() -> reload(lines)).hasMessageEndingWith("32 to 4096 bytes, not 31");
    assertThat(keys(shared)).isSameAs(keys);
  }

  @Test
  void secretsAreLoggedOnlyWithBothSwitches() throws Exception {
    Path file = dir.resolve("keys.log");
    SharedTls shared = shared(file.toString(), "[debug]", "keylog=no");
    assertThat(file).doesNotExist();
    reload("[debug]", "keylog=yes");
    serverOf(shared).keyLog().secret("TEST", new byte[32], new byte[] {5});
    assertThat(Files.readString(file)).startsWith("TEST 00").endsWith(" 05\n");
    reload("[debug]", "keylog=no");
    assertThat(serverOf(shared).keyLog()).isSameAs(KeyLog.NONE);
    SharedTls without = shared(null, "[debug]", "keylog=yes");
    assertThat(serverOf(without).keyLog()).isSameAs(KeyLog.NONE);
  }

  @Test
  void groupsAndCiphersInTheirOrder() throws Exception {
    SharedTls shared =
        shared(null, "[tls]", "groups=secp384r1;x25519", "ciphers=chacha20-poly1305;aes-256-gcm");
    TlsConfig.Client client =
        shared.client(TlsConfig.Client.of(TrustStore.of(List.of()), "server.test"));
    for (TlsConfig config : List.of(serverOf(shared), client)) {
      assertThat(config.groups()).containsExactly(TlsGroup.SECP384R1, TlsGroup.X25519);
      assertThat(config.ciphers()).containsExactly(54, 52);
    }
    reload("");
    assertThat(serverOf(shared).groups()).containsExactly(TlsGroup.values());
    assertThat(serverOf(shared).ciphers()).isEmpty();
  }

  @Test
  void cryptoOfTheConfigurationGoesBeforeTheCommandLine() throws Exception {
    SharedTls shared = shared(null, "[tls]", "crypto=libcrypto");
    LibCrypto library = serverOf(shared).libcrypto();
    assertThat(library).isNotNull();
    assertThat(shared.crypto()).startsWith("OpenSSL 3.");
    reload("[tls]", "crypto=libcrypto", "ciphers=aes-128-gcm");
    assertThat(serverOf(shared).libcrypto()).isSameAs(library);
    reload("[tls]", "crypto=bc");
    assertThat(serverOf(shared).libcrypto()).isNull();
    assertThat(shared.crypto()).isEqualTo("bc");
    reload("");
    assertThat(serverOf(shared).libcrypto()).isNotNull();

    SharedTls plain = new SharedTls(new DaemonLog(true), null, Clock.systemUTC(), CryptoMode.BC);
    Objects.requireNonNull(source).follow(plain);
    assertThat(plain.crypto()).isEqualTo("bc");
    shared.close();
    plain.close();
  }
}
