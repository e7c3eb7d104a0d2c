package dev.quic.samples;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicPsk;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.consumer.split.QuicTicketKeys;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.PemFiles;
import dev.quic.handshaked.tls.cert.TrustStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A server's side of the handshake, done in this process. */
public final class ServerTlsOptions {
  @Option(
      names = "--cert",
      paramLabel = "PEM",
      description = "The server's certificate chain, leaf first.")
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
          "Take the pre-shared keys in FILE, lines identity:hexkey, and show no certificate.")
  private @Nullable Path psk;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

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

  @Option(
      names = "--ticket-key",
      paramLabel = "FILE",
      description = {
        "Seal session tickets with the secret in FILE, of 32 bytes or more, as other servers and the"
            + " next run do (default: keys of this run)."
      })
  private @Nullable Path ticketKey;

  @Option(names = "--zero-rtt", description = "Take early data (0-RTT), each first flight once.")
  private boolean zeroRtt;

  @Mixin private KeyLogOption keyLog = new KeyLogOption();

  private @Nullable QuicServerTls shared;

  public static ServerTlsOptions of(Path cert, Path key) {
    ServerTlsOptions options = new ServerTlsOptions();
    options.cert = cert;
    options.key = key;
    return options;
  }

  /** Reads the files once, so that a wrong one is said at the start and not at each handshake. */
  public void check() throws IOException {
    boolean files = cert != null && key != null && psk == null;
    boolean shared = cert == null && key == null && psk != null && ca == null && !zeroRtt;
    if (!files && !shared && command != null) {
      throw new ParameterException(
          command.commandLine(),
          "either --cert PEM and --key PEM, or --psk FILE without --ca and --zero-rtt");
    }
    if (cert != null && key != null) {
      var unusedCredentials = PemFiles.credentials(cert, key);
    }
    if (ca != null) {
      var unusedAnchors = TrustStore.ofPem(ca);
    }
    var unusedConfiguration = tls();
  }

  /** The certificate and its key, for what is not QUIC. */
  public Credentials credentials() throws IOException {
    return PemFiles.credentials(Objects.requireNonNull(cert), Objects.requireNonNull(key));
  }

  public void handshake(QuicSocket sock) throws IOException {
    QuicHandshake.server(sock, tls()).destroy();
  }

  /** One for all connections: ticket keys and the register of early data are in it. */
  private synchronized QuicServerTls tls() throws IOException {
    QuicServerTls known = shared;
    if (known != null) {
      return known;
    }
    QuicServerTls tls =
        identity()
            .withCipher(cipher.type)
            .withTicketKeys(ticketKeys())
            .withEarlyData(zeroRtt)
            .withKeyLog(keyLog.on());
    if (ca != null) {
      tls = tls.withClientTrustFile(ca, QuicServerTls.ClientAuth.REQUIRE);
    }
    shared = tls;
    return tls;
  }

  private QuicServerTls identity() throws IOException {
    if (psk != null) {
      return QuicServerTls.ofPsk(QuicPsk.read(psk));
    }
    return QuicServerTls.of(Objects.requireNonNull(cert), Objects.requireNonNull(key));
  }

  private QuicTicketKeys ticketKeys() throws IOException {
    if (ticketKey == null) {
      return QuicTicketKeys.random();
    }
    byte[] secret = Files.readAllBytes(ticketKey);
    try {
      if (secret.length < QuicTicketKeys.MIN_SECRET) {
        throw new IOException(
            ticketKey
                + ": a ticket key of "
                + secret.length
                + " bytes; make one of "
                + QuicTicketKeys.MIN_SECRET
                + " or more");
      }
      return QuicTicketKeys.ofSecret(secret, QuicTicketKeys.DEFAULT_PERIOD);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }
}
