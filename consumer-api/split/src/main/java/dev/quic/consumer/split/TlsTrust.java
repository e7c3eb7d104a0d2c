package dev.quic.consumer.split;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;

/** Whom we believe. */
sealed interface TlsTrust {
  TlsTrust SYSTEM = new System();
  TlsTrust INSECURE = new Insecure();

  /** The authorities the system trusts. */
  record System() implements TlsTrust {}

  /** Anybody. */
  record Insecure() implements TlsTrust {}

  /** A PEM bundle, read when a handshake starts. */
  record File(Path pem) implements TlsTrust {}

  /** Given authorities. */
  record Anchors(List<X509Certificate> certificates) implements TlsTrust {}

  static TlsTrust file(Path pem) {
    return new File(pem);
  }

  static TlsTrust anchors(List<X509Certificate> certificates) {
    return new Anchors(List.copyOf(certificates));
  }
}
