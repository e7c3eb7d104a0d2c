package dev.quic.handshaked.daemon.operation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.quic.handshaked.daemon.config.DaemonConfig;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class ExpiryWatchTest {
  @TempDir Path dir;
  private final Logger logger = (Logger) LoggerFactory.getLogger("handshaked");
  private final ListAppender<ILoggingEvent> seen = new ListAppender<>();
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final InstantSource source = now::get;
  private final ExpiryWatch watch =
      new ExpiryWatch(new DaemonLog(true), source.withZone(ZoneOffset.UTC));
  private Instant end = Instant.MAX;

  @BeforeEach
  void certificate() throws Exception {
    Credentials c = CertificateAuthority.create("ca", Instant.now()).server("server.test");
    CertificateAuthority.writeCertificates(dir.resolve("server.pem"), c.chain());
    end = c.leaf().getNotAfter().toInstant();
    seen.start();
    logger.addAppender(seen);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(seen);
  }

  private DaemonConfig config(String days) throws Exception {
    return DaemonConfig.read(
        Files.write(
            dir.resolve("config"),
            List.of(
                "[authenticate]",
                "expiry_warning = " + days,
                "[authenticate.client]",
                "x509.certificate = none.pem",
                "x509.private_key = none.key",
                "[authenticate.server]",
                "x509.certificate = server.pem",
                "x509.private_key = server.key")));
  }

  /** What was said since the last call. */
  private List<String> said() {
    List<String> out = seen.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    seen.list.clear();
    return out;
  }

  private void daysBefore(long days) {
    now.set(end.minus(Duration.ofDays(days)).minusSeconds(60));
  }

  @Test
  void warnsOnEachNamedDayOnce() throws Exception {
    DaemonConfig config = config("30;7;0");
    daysBefore(40);
    watch.loaded(config);
    assertThat(said()).isEmpty();
    daysBefore(30);
    watch.look(config);
    assertThat(said())
        .singleElement()
        .asString()
        .endsWith(
            "certificate of CN=server.test in "
                + dir.resolve("server.pem")
                + " expires in 30 days, on "
                + end);
    daysBefore(29);
    watch.look(config);
    assertThat(said()).isEmpty();
    daysBefore(6);
    watch.look(config);
    assertThat(said()).hasSize(1);
    daysBefore(0);
    watch.look(config);
    assertThat(said()).singleElement().asString().contains("expires within a day");
    now.set(end.plusSeconds(1));
    watch.look(config);
    watch.look(config);
    assertThat(said()).hasSize(2).allMatch(line -> line.endsWith("expired on " + end));
  }

  @Test
  void aKeyStoreIsLookedInto() throws Exception {
    Credentials c = CertificateAuthority.create("ca", Instant.now()).server("stored.test");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("server", c.key(), new char[0], c.chain().toArray(Certificate[]::new));
    try (OutputStream out = Files.newOutputStream(dir.resolve("server.p12"))) {
      store.store(out, new char[0]);
    }
    DaemonConfig config =
        DaemonConfig.read(
            Files.write(
                dir.resolve("config"),
                List.of(
                    "[authenticate.server]",
                    "x509.certificate = pkcs12:server.p12",
                    "x509.private_key = pkcs12:server.p12")));
    assertThat(config.files()).containsExactly(dir.resolve("server.p12"));
    daysBefore(6);
    watch.loaded(config);
    assertThat(said())
        .singleElement()
        .asString()
        .contains(
            "certificate of CN=stored.test in " + dir.resolve("server.p12") + " expires in 6");
  }

  @Test
  void aReloadSaysItAgain() throws Exception {
    daysBefore(3);
    watch.loaded(config("30;7;1"));
    watch.look(config("30;7;1"));
    assertThat(said()).hasSize(1);
    watch.loaded(config("30;7;1"));
    assertThat(said()).hasSize(1);
  }

  @Test
  void withoutNamedDaysThereIsNoWarning() throws Exception {
    now.set(end.plusSeconds(1));
    watch.loaded(config(""));
    assertThat(said()).isEmpty();
  }
}
