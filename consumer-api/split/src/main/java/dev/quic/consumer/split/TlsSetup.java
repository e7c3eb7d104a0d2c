package dev.quic.consumer.split;

import dev.quic.consumer.QuicException;
import dev.quic.handshaked.tls.HandshakeResult;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsOutcome;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.PemFiles;
import dev.quic.handshaked.tls.cert.TrustStore;
import dev.quic.uapi.Errno;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns this package's configuration into the TLS engine's, and its result into ours. */
final class TlsSetup {
  private TlsSetup() {}

  static void check(QuicClientTls tls) throws QuicException {
    if (tls.serverName() == null
        && !(tls.trust() instanceof TlsTrust.Insecure)
        && !(tls.identity() instanceof TlsIdentity.PreShared)) {
      throw new QuicException(Errno.EINVAL, "a server name is needed to check the certificate");
    }
  }

  static TlsConfig.Client client(QuicClientTls tls) throws CredentialException {
    boolean verify = !(tls.trust() instanceof TlsTrust.Insecure);
    ClientResumption resumption = tls.resumption();
    TlsConfig.Client config =
        tls.identity() instanceof TlsIdentity.PreShared preShared
            ? TlsConfig.Client.psk(
                preShared.keys().stream().map(QuicPsk::shared).toList(), tls.serverName())
            : TlsConfig.Client.of(trust(tls.trust()), tls.serverName())
                .withVerify(verify)
                .withCredentials(credentials(tls.identity()));
    return config
        .withAlpn(tls.alpn())
        .withCipher(tls.cipher())
        .withKeyLog(EnvironmentKeyLog.of(resumption.keyLog()))
        .withSession(resumption.tlsSession())
        .withEarlyData(resumption.earlyData());
  }

  static TlsConfig.Server server(QuicServerTls tls) throws CredentialException {
    TlsConfig.Server config =
        authenticated(tls.identity())
            .withAlpn(tls.alpn())
            .withCipher(tls.cipher())
            .withKeyLog(EnvironmentKeyLog.of(tls.keyLog()))
            .withTickets(tls.tickets().issuer())
            .withEarlyData(tls.tickets().guard());
    return switch (tls.clientAuth()) {
      case NONE -> config;
      case REQUEST -> config.withClientAuth(TlsConfig.ClientAuth.REQUEST, trust(tls.trust()));
      case REQUIRE -> config.withClientAuth(TlsConfig.ClientAuth.REQUIRE, trust(tls.trust()));
    };
  }

  private static TlsConfig.Server authenticated(TlsIdentity identity) throws CredentialException {
    if (identity instanceof TlsIdentity.PreShared preShared) {
      return TlsConfig.Server.psk(name -> {
        for (QuicPsk key : preShared.keys()) {
          if (key.isCalled(name)) {
            return key.copy();
          }
        }
        return null;
      });
    }
    Credentials own = credentials(identity);
    if (own == null) {
      throw new CredentialException("a server needs a certificate");
    }
    return TlsConfig.Server.of(own);
  }

  private static TrustStore trust(TlsTrust trust) throws CredentialException {
    return switch (trust) {
      case TlsTrust.System system -> TrustStore.system();
      case TlsTrust.Insecure insecure -> TrustStore.of(List.of());
      case TlsTrust.File file -> TrustStore.ofPem(file.pem());
      case TlsTrust.Anchors anchors -> TrustStore.of(anchors.certificates());
    };
  }

  private static @Nullable Credentials credentials(TlsIdentity identity)
      throws CredentialException {
    return switch (identity) {
      case TlsIdentity.None none -> null;
      case TlsIdentity.PreShared keys -> null;
      case TlsIdentity.Files files -> PemFiles.credentials(files.chain(), files.privateKey());
      case TlsIdentity.InMemory own -> new Credentials(own.chain(), own.privateKey());
    };
  }

  /** Throws what a failed handshake came to. */
  static QuicHandshakeResult finish(HandshakeResult result, String what) throws QuicException {
    TlsOutcome outcome = result.outcome();
    if (!result.ok() || outcome == null) {
      throw new QuicException(result.status(), what + " failed: " + result.reason());
    }
    try {
      return new QuicHandshakeResult(outcome, certificates(outcome.peerCertificates()));
    } catch (QuicException e) {
      outcome.destroy();
      throw e;
    }
  }

  private static List<X509Certificate> certificates(List<byte[]> der) throws QuicException {
    List<X509Certificate> out = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (byte[] one : der) {
        out.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(one)));
      }
    } catch (CertificateException e) {
      // Only without verification: the engine parses every chain that it checks.
      throw new QuicException(Errno.EKEYREJECTED, "the peer's certificate cannot be parsed");
    }
    return List.copyOf(out);
  }
}
