package dev.quic.handshaked.daemon.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a private key, or a certificate chain, is. Nothing is opened here; immutable. */
public sealed interface KeyLocation {
  /** The files it comes from: when one changes, it may have. */
  default List<Path> files() {
    return List.of();
  }

  /** A PEM file. */
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
   * A PKCS#12 file: {@code pkcs12:FILE}, with {@code ?password-file=FILE} and {@code alias=NAME}
   * behind it, parted by an ampersand.
   *
   * @param passwordFile its first line is the password; null for the empty one
   * @param alias of the key and its chain; null for the only one there is
   */
  record Pkcs12(Path path, @Nullable Path passwordFile, @Nullable String alias)
      implements KeyLocation {
    /** What a location of this kind starts with. */
    static final String SCHEME = "pkcs12:";

    /**
     * @param base directory of relative paths
     * @throws IllegalArgumentException when it is not of that form
     */
    static Pkcs12 parse(String value, Path base) {
      int question = value.indexOf('?');
      String file = value.substring(SCHEME.length(), question < 0 ? value.length() : question);
      Path password = null;
      String alias = null;
      String options = question < 0 ? "" : value.substring(question + 1);
      for (String option : options.split("&")) {
        if (option.startsWith("password-file=")) {
          password = base.resolve(option.substring("password-file=".length()));
        } else if (option.startsWith("alias=")) {
          alias = option.substring("alias=".length());
        } else if (!option.isEmpty()) {
          throw new IllegalArgumentException("'" + option + "' is unknown");
        }
      }
      if (file.isEmpty()) {
        throw new IllegalArgumentException("names no file");
      }
      return new Pkcs12(base.resolve(file), password, alias);
    }

    @Override
    public List<Path> files() {
      return passwordFile == null ? List.of(path) : List.of(path, passwordFile);
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
