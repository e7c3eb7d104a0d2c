package dev.quic.handshaked.tls.bc;

import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Certificates as bctls has parsed them, known again by their bytes: our own, and those of peers
 * that proved to hold the key. Nothing is taken on trust for being known. Any thread.
 */
final class KnownCertificates {
  /** Those used last are kept. */
  static final int MAX_CERTIFICATES = 256;

  /** Longer ones are parsed every time. */
  static final int MAX_BYTES = 8_192;

  /** Those of the process: they are public. */
  static final KnownCertificates SHARED = new KnownCertificates();

  /** Compared by content. */
  private record Key(byte[] der, @Nullable LibCrypto library) {
    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Key other && library == other.library && Arrays.equals(der, other.der);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(der);
    }
  }

  private final Map<Key, PeerCertificate> known =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, PeerCertificate> eldest) {
          return size() > MAX_CERTIFICATES;
        }
      };

  /**
   * @param library what checks its signatures
   */
  @Nullable PeerCertificate get(byte[] der, @Nullable LibCrypto library) {
    Key key = new Key(der, library);
    synchronized (known) {
      return known.get(key);
    }
  }

  /**
   * @param der the caller leaves the bytes alone from here on
   */
  void add(byte[] der, @Nullable LibCrypto library, PeerCertificate parsed) {
    if (der.length <= MAX_BYTES) {
      synchronized (known) {
        known.put(new Key(der, library), parsed);
      }
    }
  }

  int size() {
    synchronized (known) {
      return known.size();
    }
  }
}
