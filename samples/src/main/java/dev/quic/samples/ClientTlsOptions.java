package dev.quic.samples;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicPsk;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A client's side of the handshake, done in this process. */
public final class ClientTlsOptions {
  @Option(
      names = "--ca",
      paramLabel = "PEM",
      description = "Whom to trust (default: the JDK's own authorities).")
  private @Nullable Path ca;

  @Option(names = "--insecure", description = "Take any certificate. For tests only.")
  private boolean insecure;

  @Option(
      names = "--cert",
      paramLabel = "PEM",
      description = "Own certificate, if the server asks.")
  private @Nullable Path cert;

  @Option(
      names = {"--key", "--pkey", "-k"},
      paramLabel = "PEM",
      description = "Its private key.")
  private @Nullable Path key;

  @Option(
      names = "--psk",
      paramLabel = "FILE",
      description =
          "Authenticate with the pre-shared keys in FILE, lines identity:hexkey, and nothing else.")
  private @Nullable Path psk;

  @Option(
      names = "--cipher",
      paramLabel = "NAME",
      converter = Cipher.Converter.class,
      description = "Offer only aes-128-gcm, aes-256-gcm or chacha20-poly1305 (default: all).")
  private Cipher cipher = Cipher.ANY;

  @Mixin private KeyLogOption keyLog = new KeyLogOption();

  /** A client that trusts one authority. */
  public static ClientTlsOptions trusting(Path ca) {
    return trusting(ca, Cipher.ANY);
  }

  /** A client that trusts one authority and offers one cipher. */
  public static ClientTlsOptions trusting(Path ca, Cipher cipher) {
    ClientTlsOptions options = new ClientTlsOptions();
    options.ca = ca;
    options.cipher = cipher;
    return options;
  }

  /**
   * @param name the certificate must carry
   */
  public void handshake(QuicSocket sock, String name) throws IOException {
    QuicHandshake.client(sock, tls(name)).destroy();
  }

  /**
   * @param name the certificate must carry
   */
  public QuicClientTls tls(String name) throws IOException {
    QuicClientTls tls = QuicClientTls.of(name).withCipher(cipher.type).withKeyLog(keyLog.on());
    if (psk != null) {
      if (ca != null || cert != null || key != null || insecure) {
        throw new IllegalArgumentException("--psk needs no --ca, --insecure, --cert or --key");
      }
      return tls.withPsk(QuicPsk.read(psk));
    }
    if (ca != null) {
      tls = tls.withTrustFile(ca);
    }
    if (insecure) {
      tls = tls.insecure();
    }
    if ((cert == null) != (key == null)) {
      throw new IllegalArgumentException("--cert and --key belong together");
    }
    return cert == null || key == null ? tls : tls.withCertificate(cert, key);
  }
}
