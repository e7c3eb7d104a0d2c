package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.uapi.Errno;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/ERRORS.md, line by line: the status at the consumer, the code on the wire, the line logged.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class ErrorTableTest {
  private static final String TRUST = "x509.truststore = ca.pem";

  @TempDir Path dir;
  private SplitHouse house;

  @BeforeEach
  void open() throws Exception {
    house = new SplitHouse(dir);
  }

  @AfterEach
  void close() {
    house.close();
  }

  /** What a program's end saw: what it threw, and the code its connection was closed with. */
  private record Far(String message, int errno, long code) {}

  private interface Handshake {
    void run(QuicSocket sock) throws QuicException;
  }

  private static Far failing(QuicSocket sock, Handshake handshake) throws QuicException {
    try {
      handshake.run(sock);
      return new Far("no error", 0, 0);
    } catch (QuicException e) {
      return new Far(String.valueOf(e.getMessage()), e.errno(), SplitHouse.closedWith(sock));
    }
  }

  /** A consumer's client handshake with a program's server that shows these credentials. */
  private void client(
      Credentials shown, String peername, int errno, long code, String alert, String... logged)
      throws Exception {
    try (Handshaked daemon = house.daemon();
        QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      Future<Far> far =
          house.pool.submit(() -> {
            QuicServerTls tls = QuicServerTls.of(shown.chain(), shown.key(), SplitHouse.ALPN);
            return failing(listener.accept(), s -> QuicHandshake.server(s, tls));
          });
      QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN);
      assertThat(house.clientHello(consumer, peername, SplitHouse.TIMEOUT_MS).await())
          .isEqualTo(-errno);
      Far seen = far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(seen.code).isEqualTo(code);
      assertThat(seen.errno).isEqualTo(Errno.EACCES);
      assertThat(seen.message).contains("the peer refused the handshake: " + alert);
      oneLine(daemon, "client handshake with '" + peername + "' (127.0.0.1) failed: ", logged);
    }
  }

  private static void oneLine(Handshaked daemon, String start, String... parts)
      throws InterruptedException {
    String line = daemon.awaitLine(l -> l.contains("failed"));
    assertThat(line).contains(start).contains(parts);
    assertThat(daemon.lines().stream().filter(l -> l.contains("failed"))).hasSize(1);
  }

  @Test
  void unknownAuthority() throws Exception {
    CertificateAuthority other = CertificateAuthority.create("somebody else", Instant.now());
    client(
        other.server(SplitHouse.NAME),
        SplitHouse.NAME,
        Errno.EACCES,
        0x130,
        "unknown_ca",
        "certificate of CN=localhost was issued by CN=somebody else, which is not trusted",
        "(EACCES, alert 48)");
  }

  @Test
  void wrongHostName() throws Exception {
    client(
        house.server,
        "server.test",
        Errno.EACCES,
        0x12a,
        "bad_certificate",
        "certificate of CN=localhost is not for server.test",
        "(EACCES, alert 42)");
  }

  @Test
  void expiredCertificate() throws Exception {
    client(
        house.ca.expiredServer(SplitHouse.NAME),
        SplitHouse.NAME,
        Errno.EKEYEXPIRED,
        0x12d,
        "certificate_expired",
        "certificate of CN=localhost expired on ",
        "(EKEYEXPIRED, alert 45)");
  }

  /** A consumer's server handshake with a program's client. */
  private void server(
      Handshaked daemon, int errno, long code, String alert, String alpn, String... logged)
      throws Exception {
    try (QuicSocket listener = house.listener(SplitHouse.ALPN)) {
      InetSocketAddress at = listener.getsockname();
      Future<Far> far =
          house.pool.submit(() -> {
            QuicClientTls tls =
                QuicClientTls.of(SplitHouse.NAME, alpn)
                    .withTrustAnchors(List.of(house.ca.certificate()));
            return failing(house.connect(at, alpn), s -> QuicHandshake.client(s, tls));
          });
      QuicSocket consumer = listener.accept();
      assertThat(house.serverHello(consumer, SplitHouse.TIMEOUT_MS).await()).isEqualTo(-errno);
      Far seen = far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(seen.code).isEqualTo(code);
      assertThat(seen.errno).isEqualTo(Errno.EACCES);
      assertThat(seen.message).contains("the peer refused the handshake: " + alert);
      oneLine(daemon, "server handshake with 127.0.0.1 port ", logged);
    }
  }

  @Test
  void noCommonAlpn() throws Exception {
    try (Handshaked daemon = house.daemon()) {
      server(
          daemon,
          Errno.EACCES,
          0x178,
          "no_application_protocol",
          "street",
          "no common application protocol: the client offers street, we speak house",
          "(EACCES, alert 120)");
    }
  }

  @Test
  void alpnRefusedByTheServer() throws Exception {
    try (Handshaked daemon = house.daemon();
        QuicSocket listener = house.listener("street")) {
      Future<?> far =
          house.pool.submit(() -> {
            QuicServerTls tls =
                QuicServerTls.of(house.server.chain(), house.server.key(), "street");
            try (QuicSocket s = listener.accept()) {
              assertThatThrownBy(() -> QuicHandshake.server(s, tls))
                  .hasMessageContaining("no common application protocol");
            }
            return null;
          });
      QuicSocket consumer = house.connect(listener.getsockname(), SplitHouse.ALPN);
      assertThat(house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS).await())
          .as(daemon.awaitLine(l -> l.contains("failed")))
          .isEqualTo(-Errno.EACCES);
      far.get(SplitHouse.PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(SplitHouse.closedWith(consumer)).isEqualTo(0x178);
      oneLine(
          daemon,
          "client handshake with 'localhost' (127.0.0.1) failed: ",
          "the peer refused the handshake: no_application_protocol",
          "(EACCES, alert 120)");
    }
  }

  @Test
  void unreadableServerKey() throws Exception {
    house.identity("broken", house.server);
    Files.writeString(house.file("broken.key"), "no key at all\n");
    try (Handshaked daemon = house.daemonWith(TRUST, SplitHouse.serverFiles("broken"))) {
      server(
          daemon,
          Errno.ENOKEY,
          0x150,
          "internal_error",
          SplitHouse.ALPN,
          "no private key in " + house.file("broken.key"),
          "(ENOKEY, alert 80)");
    }
  }

  @Test
  void unreadableClientKeySendsNothing() throws Exception {
    house.identity("broken", house.ca.client("me"));
    Files.delete(house.file("broken.key"));
    try (Handshaked daemon =
            house.daemonWith(
                TRUST + "\n" + SplitHouse.serverFiles("broken"), SplitHouse.serverFiles("server"));
        DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      InetSocketAddress at = (InetSocketAddress) peer.getLocalSocketAddress();
      QuicSocket consumer = house.connect(at, SplitHouse.ALPN);
      assertThat(house.clientHello(consumer, SplitHouse.NAME, SplitHouse.TIMEOUT_MS).await())
          .isEqualTo(-Errno.ENOKEY);
      consumer.close();
      oneLine(
          daemon,
          "client handshake with 'localhost' (127.0.0.1) failed: ",
          "private key " + house.file("broken.key") + " does not exist",
          "(ENOKEY)");
      // What the shard has sent by the time it has closed everything is in the peer's queue.
      house.plane.close();
      try (DatagramSocket marker = new DatagramSocket()) {
        marker.send(new DatagramPacket(new byte[] {42}, 1, at));
      }
      DatagramPacket first = new DatagramPacket(new byte[2048], 2048);
      peer.receive(first);
      assertThat(first.getLength()).isEqualTo(1);
    }
  }
}
