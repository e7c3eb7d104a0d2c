package dev.quic.handshaked.daemon.credential;

import dev.quic.handshaked.daemon.config.KeyLocation;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.PemFiles;
import java.security.cert.X509Certificate;
import java.util.List;

/** Certificate chains from wherever the configuration says they are. */
public final class CertificateChains {
  private CertificateChains() {}

  /**
   * @return leaf first, not empty
   */
  public static List<X509Certificate> load(KeyLocation location) throws CredentialException {
    return switch (location) {
      case KeyLocation.File file -> PemFiles.certificates(file.path());
      case KeyLocation.Pkcs12 file -> Pkcs12Keys.chain(file);
      case KeyLocation.Token token ->
          throw new CredentialException("certificates are not read from a token: " + token);
    };
  }
}
