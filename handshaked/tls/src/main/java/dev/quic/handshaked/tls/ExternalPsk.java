package dev.quic.handshaked.tls;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.security.auth.Destroyable;

/**
 * A pre-shared key agreed on outside TLS (RFC 8446 section 4.2.11).
 *
 * @param identity what the wire carries in clear, 1 to 65,535 bytes
 * @param key never printed; wiped by {@link #destroy}
 * @param hash of the cipher suites the key may be used with
 */
public record ExternalPsk(byte[] identity, byte[] key, Hash hash) implements Destroyable {
  /** Longest key taken, in bytes. */
  public static final int MAX_KEY = 1024;

  /** Hash of a key's cipher suites; a key belongs to one (RFC 8446 section 4.2.11). */
  public enum Hash {
    SHA256,
    SHA384
  }

  public ExternalPsk {
    if (identity.length < 1 || identity.length > 0xffff) {
      throw new IllegalArgumentException("a PSK identity has 1 to 65535 bytes");
    }
    if (key.length < 1 || key.length > MAX_KEY) {
      throw new IllegalArgumentException("a pre-shared key has 1 to " + MAX_KEY + " bytes");
    }
  }

  /** As tlshd: a key of 48 bytes is for SHA-384, any other for SHA-256. */
  public static ExternalPsk of(String identity, byte[] key) {
    Hash hash = key.length == 48 ? Hash.SHA384 : Hash.SHA256;
    return new ExternalPsk(identity.getBytes(StandardCharsets.UTF_8), key, hash);
  }

  /** A copy with a life of its own. */
  public ExternalPsk copy() {
    return new ExternalPsk(identity.clone(), key.clone(), hash);
  }

  @Override
  public void destroy() {
    Arrays.fill(key, (byte) 0);
  }

  @Override
  public String toString() {
    return "ExternalPsk[" + printable(identity) + ", " + hash + "]";
  }

  /** An identity for a log line: at most 64 characters, unprintable ones as {@code ?}. */
  public static String printable(byte[] identity) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(identity.length, 64); i++) {
      char c = (char) (identity[i] & 0xff);
      text.append(c >= 0x20 && c < 0x7f ? c : '?');
    }
    return text.toString();
  }
}
