package dev.quic.samples;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.handshaked.tls.cert.PemFiles;
import dev.quic.handshaked.tls.cert.TrustStore;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A server's side of the handshake, done in this process. */
public final class ServerTlsOptions {
  @Option(
      names = "--cert",
      paramLabel = "PEM",
      required = true,
      description = "The server's certificate chain, leaf first.")
  private Path cert = Path.of("");

  @Option(
      names = {"--key", "--pkey", "-k"},
      paramLabel = "PEM",
      required = true,
      description = "Its private key.")
  private Path key = Path.of("");

  @Option(
      names = "--ca",
      paramLabel = "PEM",
      description = "Require of every client a certificate of these authorities.")
  private @Nullable Path ca;

  @Option(
      names = "--cipher",
      paramLabel = "NAME",
      converter = Cipher.Converter.class,
      description = "Accept only aes-128-gcm, aes-256-gcm or chacha20-poly1305 (default: all).")
  private Cipher cipher = Cipher.ANY;

  public static ServerTlsOptions of(Path cert, Path key) {
    ServerTlsOptions options = new ServerTlsOptions();
    options.cert = cert;
    options.key = key;
    return options;
  }

  /** Reads the files once, so that a wrong one is said at the start and not at each handshake. */
  public void check() throws IOException {
    var unusedCredentials = PemFiles.credentials(cert, key);
    if (ca != null) {
      var unusedAnchors = TrustStore.ofPem(ca);
    }
  }

  public void handshake(QuicSocket sock) throws IOException {
    QuicServerTls tls = QuicServerTls.of(cert, key).withCipher(cipher.type);
    if (ca != null) {
      tls = tls.withClientTrustFile(ca, QuicServerTls.ClientAuth.REQUIRE);
    }
    QuicHandshake.server(sock, tls);
  }
}
