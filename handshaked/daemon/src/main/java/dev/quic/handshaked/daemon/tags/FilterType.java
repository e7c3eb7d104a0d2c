package dev.quic.handshaked.daemon.tags;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What of a certificate a filter looks at (RFC 5280 section 4.1), by its name in the file. */
enum FilterType {
  SIGNATURE_ALGORITHM("x509.cert.signatureAlgorithm", Argument.PATTERN),
  VERSION("x509.tbs.version", Argument.PATTERN),
  SERIAL_NUMBER("x509.tbs.serialNumber", Argument.PATTERN),
  TBS_SIGNATURE("x509.tbs.signature", Argument.PATTERN),
  ISSUER("x509.tbs.issuer", Argument.PATTERN),
  NOT_BEFORE("x509.tbs.validity.notBefore", Argument.PATTERN),
  NOT_AFTER("x509.tbs.validity.notAfter", Argument.PATTERN),
  SUBJECT("x509.tbs.subject", Argument.PATTERN),
  KEY_USAGE("x509.extension.keyUsage", Argument.PURPOSE),
  EXTENDED_KEY_USAGE("x509.extension.extendedKeyUsage", Argument.PURPOSE),
  FINGERPRINT("x509.derived.fingerprint", Argument.PATTERN),
  SELF_SIGNED("x509.derived.selfSigned", Argument.NONE);

  /** What a filter says beside its type. */
  enum Argument {
    NONE,
    /** {@code pattern:} one text. */
    PATTERN,
    /** {@code purpose:} a list of names. */
    PURPOSE
  }

  private static final Map<String, FilterType> BY_NAME = new LinkedHashMap<>();

  static {
    for (FilterType type : values()) {
      BY_NAME.put(type.text, type);
    }
  }

  private final String text;
  private final Argument argument;

  FilterType(String text, Argument argument) {
    this.text = text;
    this.argument = argument;
  }

  /** The type of that name; null when there is none. */
  static @Nullable FilterType named(String name) {
    return BY_NAME.get(name);
  }

  Argument argument() {
    return argument;
  }

  @Override
  public String toString() {
    return text;
  }
}
