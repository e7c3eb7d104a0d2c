package dev.quic.handshaked.tls.cert;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chains that led to an anchor, known again by every byte of theirs: checking the signatures of one
 * takes longer than the rest of its handshake. Only chains of trusted authorities get in, so nobody
 * else can fill it. Says nothing of names or revocation. Any thread.
 */
final class KnownChains {
  /** Those used last are kept. */
  static final int MAX_CHAINS = 256;

  /** Bytes of one chain's certificates; longer ones are checked every time. */
  static final int MAX_BYTES = 16_384;

  /** How long one is believed: algorithms fall out of favour, too. */
  static final Duration MAX_AGE = Duration.ofHours(1);

  /** Compared by content. */
  private record Key(ChainValidator.Purpose purpose, List<byte[]> der) {
    @Override
    public boolean equals(@Nullable Object o) {
      if (!(o instanceof Key other) || purpose != other.purpose || der.size() != other.der.size()) {
        return false;
      }
      for (int i = 0; i < der.size(); i++) {
        if (!Arrays.equals(der.get(i), other.der.get(i))) {
          return false;
        }
      }
      return true;
    }

    @Override
    public int hashCode() {
      // The leaf tells them apart; equals looks at all.
      return Arrays.hashCode(der.getFirst()) * 31 + purpose.ordinal();
    }
  }

  /** Good from, until: of all certificates of the path, and the age. */
  private record Found(X509Certificate leaf, Instant from, Instant until) {}

  private final Map<Key, Found> chains =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Found> eldest) {
          return size() > MAX_CHAINS;
        }
      };

  /**
   * The leaf of a chain that was added and is still good.
   *
   * @param der leaf first; kept by nobody
   */
  @Nullable X509Certificate leaf(ChainValidator.Purpose purpose, List<byte[]> der, Instant now) {
    if (der.isEmpty()) {
      return null;
    }
    Key key = new Key(purpose, der);
    synchronized (chains) {
      Found found = chains.get(key);
      if (found == null) {
        return null;
      }
      if (now.isBefore(found.from) || now.isAfter(found.until)) {
        chains.remove(key);
        return null;
      }
      return found.leaf;
    }
  }

  /**
   * Remembers a chain that was checked.
   *
   * @param der leaf first, as the peer sent it; the caller leaves the bytes alone from here on
   * @param path what was checked of it, leaf first, without the anchor
   */
  void add(
      ChainValidator.Purpose purpose, List<byte[]> der, List<X509Certificate> path, Instant now) {
    int bytes = 0;
    for (byte[] certificate : der) {
      bytes += certificate.length;
    }
    if (bytes > MAX_BYTES) {
      return;
    }
    // A clock that is set back must not stretch the age.
    Instant from = now;
    Instant until = now.plus(MAX_AGE);
    for (X509Certificate certificate : path) {
      Instant end = certificate.getNotAfter().toInstant();
      until = end.isBefore(until) ? end : until;
    }
    Found found = new Found(path.getFirst(), from, until);
    synchronized (chains) {
      chains.put(new Key(purpose, List.copyOf(der)), found);
    }
  }

  int size() {
    synchronized (chains) {
      return chains.size();
    }
  }
}
