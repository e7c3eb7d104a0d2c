package dev.quic.handshaked.daemon.config;

import java.nio.file.Path;
import java.util.List;

/** Where a private key is. Nothing is opened here; immutable. */
public sealed interface KeyLocation {
  /** The files the key comes from: when one changes, the key may have. */
  default List<Path> files() {
    return List.of();
  }

  /** A file: PEM or PKCS#12. */
  record File(Path path) implements KeyLocation {
    @Override
    public List<Path> files() {
      return List.of(path);
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }

  /**
   * An object of a token, which never gives the key out.
   *
   * @param uri RFC 7512, {@code pkcs11:...}; may hold a PIN, so {@link #toString} leaves it out
   */
  record Token(String uri) implements KeyLocation {
    /** What a URI of this kind starts with. */
    static final String SCHEME = "pkcs11:";

    @Override
    public String toString() {
      // RFC 7512 section 2.3: the query part is where pin-value stands.
      int query = uri.indexOf('?');
      return query < 0 ? uri : uri.substring(0, query);
    }
  }
}
