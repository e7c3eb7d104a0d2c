package dev.quic.consumer.split;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** What we show: nothing, a certificate in PEM files or in memory, or pre-shared keys. */
sealed interface TlsIdentity {
  TlsIdentity NONE = new None();

  /** Shows no certificate. */
  record None() implements TlsIdentity {}

  /** PEM files, read when a handshake starts. */
  record Files(Path chain, Path privateKey) implements TlsIdentity {}

  /** Leaf first. */
  record InMemory(List<X509Certificate> chain, PrivateKey privateKey) implements TlsIdentity {
    @Override
    public String toString() {
      return "InMemory[" + chain.get(0).getSubjectX500Principal() + "]";
    }
  }

  /** Keys both ends know; no certificates then. */
  record PreShared(List<QuicPsk> keys) implements TlsIdentity {
    public PreShared {
      keys = List.copyOf(keys);
      if (keys.isEmpty()) {
        throw new IllegalArgumentException("no pre-shared key");
      }
    }
  }

  static TlsIdentity files(Path chain, Path privateKey) {
    return new Files(chain, privateKey);
  }

  static TlsIdentity of(List<X509Certificate> chain, PrivateKey privateKey) {
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("an empty certificate chain");
    }
    return new InMemory(List.copyOf(chain), privateKey);
  }
}
