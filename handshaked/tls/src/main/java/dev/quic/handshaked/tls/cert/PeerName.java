package dev.quic.handshaked.tls.cert;

import java.net.IDN;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The name a peer's certificate must carry, matched as RFC 9525 says: subjectAltName only, never
 * the common name; a wildcard is the whole left-most label and stands for exactly one label.
 */
public final class PeerName {
  /** GeneralName tags of {@link X509Certificate#getSubjectAlternativeNames}. */
  private static final int DNS_NAME = 2;

  private static final int IP_ADDRESS = 7;

  private final String text;
  private final @Nullable InetAddress address;

  private PeerName(String text, @Nullable InetAddress address) {
    this.text = text;
    this.address = address;
  }

  /** A host name, a trailing dot dropped, or an IP literal (brackets dropped). */
  public static PeerName of(String name) {
    InetAddress address = ipLiteral(name);
    if (address != null) {
      return new PeerName(name, address);
    }
    String host = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return new PeerName(ascii(host).toLowerCase(Locale.ROOT), null);
  }

  /** Certificates and SNI carry A-labels (RFC 9525 section 2). */
  private static String ascii(String host) {
    try {
      return IDN.toASCII(host);
    } catch (IllegalArgumentException e) {
      // Not a host name at all: it will match nothing.
      return host;
    }
  }

  /** The SNI value: none for an IP literal (RFC 6066 section 3). */
  public @Nullable String serverName() {
    return address != null || text.isEmpty() ? null : text;
  }

  public boolean matches(X509Certificate certificate) {
    Collection<List<?>> names;
    try {
      names = certificate.getSubjectAlternativeNames();
    } catch (CertificateParsingException e) {
      return false;
    }
    if (names == null) {
      return false;
    }
    for (List<?> name : names) {
      if (name.get(0) instanceof Integer tag && name.get(1) instanceof String value) {
        if (address == null ? tag == DNS_NAME && matchesDns(value) : matchesIp(tag, value)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean matchesIp(int tag, String value) {
    InetAddress presented = tag == IP_ADDRESS ? ipLiteral(value) : null;
    return presented != null && presented.equals(address);
  }

  /** RFC 9525 section 6.3. */
  private boolean matchesDns(String presented) {
    String pattern = presented.toLowerCase(Locale.ROOT);
    if (pattern.endsWith(".")) {
      pattern = pattern.substring(0, pattern.length() - 1);
    }
    if (pattern.isEmpty() || text.isEmpty()) {
      return false;
    }
    if (!pattern.startsWith("*.")) {
      return pattern.indexOf('*') < 0 && pattern.equals(text);
    }
    String rest = pattern.substring(1);
    int dot = text.indexOf('.');
    // One whole label, and at least two labels behind the wildcard.
    return dot > 0
        && rest.indexOf('*') < 0
        && rest.indexOf('.', 1) > 0
        && text.substring(dot).equals(rest);
  }

  /** The address of an IPv4 or IPv6 literal, null for anything else; never asks a resolver. */
  static @Nullable InetAddress ipLiteral(String name) {
    String bare =
        name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
    if (bare.isEmpty() || !looksLikeAddress(bare)) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(bare);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Spares host names, which are the rule, the price of an exception. */
  private static boolean looksLikeAddress(String name) {
    return name.indexOf(':') >= 0 || name.chars().allMatch(c -> c == '.' || c >= '0' && c <= '9');
  }

  @Override
  public String toString() {
    return text;
  }
}
