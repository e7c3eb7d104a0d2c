package dev.quic.handshaked.daemon.credential;

import dev.quic.handshaked.daemon.config.KeyLocation;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.PemFiles;
import java.security.PrivateKey;

/** Private keys from wherever the configuration says they are. */
final class PrivateKeys {
  private PrivateKeys() {}

  static PrivateKey load(KeyLocation location) throws CredentialException {
    return switch (location) {
      case KeyLocation.File file -> PemFiles.privateKey(file.path());
      case KeyLocation.Token token ->
          throw new CredentialException("private key " + token + ": tokens are not supported");
    };
  }
}
