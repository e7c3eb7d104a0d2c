package dev.quic.handshaked.tls.cert;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A certificate chain, leaf first, and the leaf's private key. Immutable; any thread.
 *
 * @param chain at least one certificate
 * @param key never printed by {@link #toString}; may live in a token that does not give it out
 * @param ocsp OCSP response (DER) stapled to the leaf (RFC 6066 section 8), null for none
 */
public record Credentials(List<X509Certificate> chain, PrivateKey key, byte @Nullable [] ocsp) {
  public Credentials(List<X509Certificate> chain, PrivateKey key) {
    this(chain, key, null);
  }

  public Credentials {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a certificate chain has at least one certificate");
    }
  }

  public X509Certificate leaf() {
    return chain.getFirst();
  }

  @Override
  public String toString() {
    return "Credentials[" + leaf().getSubjectX500Principal() + ", " + chain.size() + " long]";
  }
}
