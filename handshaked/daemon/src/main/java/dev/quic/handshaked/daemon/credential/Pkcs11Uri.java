package dev.quic.handshaked.daemon.credential;

import dev.quic.handshaked.tls.cert.CredentialException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a PKCS#11 URI (RFC 7512) finds a private key. Attributes that would find it in another
 * way than we can are refused, rather than left out.
 *
 * @param module file name of the PKCS#11 library
 * @param token label of the token; null for the only one there is
 * @param serial number of the token, null for any
 * @param slotId null for any
 * @param object label of the key; null for the only one there is
 * @param pinFile file that holds the PIN, null for none
 * @param pin given in the URI itself, null for none
 */
record Pkcs11Uri(
    String module,
    @Nullable String token,
    @Nullable String serial,
    @Nullable Long slotId,
    @Nullable String object,
    @Nullable String pinFile,
    @Nullable String pin) {
  static final String SCHEME = "pkcs11:";

  private static final Set<String> PATH =
      Set.of("token", "serial", "slot-id", "object", "type", "manufacturer", "model");
  private static final Set<String> QUERY = Set.of("module-path", "pin-source", "pin-value");

  static Pkcs11Uri parse(String uri) throws CredentialException {
    if (!uri.startsWith(SCHEME)) {
      throw new CredentialException("not a PKCS#11 URI");
    }
    int question = uri.indexOf('?');
    String shown = question < 0 ? uri : uri.substring(0, question);
    Map<String, String> path = attributes(shown.substring(SCHEME.length()), ";", PATH, shown);
    Map<String, String> query =
        question < 0 ? Map.of() : attributes(uri.substring(question + 1), "&", QUERY, shown);
    String type = path.getOrDefault("type", "private");
    if (!type.equals("private")) {
      throw new CredentialException(shown + ": type=" + type + " is no private key");
    }
    String module = query.get("module-path");
    if (module == null) {
      throw new CredentialException(
          shown + ": name the token's library: ?module-path=/usr/lib/softhsm/libsofthsm2.so");
    }
    String source = query.get("pin-source");
    if (source != null && source.startsWith("|")) {
      throw new CredentialException(shown + ": a pin-source that is a command is not supported");
    }
    return new Pkcs11Uri(
        module,
        path.get("token"),
        path.get("serial"),
        slot(path.get("slot-id"), shown),
        path.get("object"),
        source != null && source.startsWith("file:") ? withoutScheme(source) : source,
        query.get("pin-value"));
  }

  /** {@code file:/x} and {@code file:///x}. */
  private static String withoutScheme(String source) {
    String rest = source.substring("file:".length());
    return rest.startsWith("//") ? rest.substring(2) : rest;
  }

  private static @Nullable Long slot(@Nullable String text, String shown)
      throws CredentialException {
    if (text == null) {
      return null;
    }
    if (!text.matches("[0-9]{1,10}")) {
      throw new CredentialException(shown + ": slot-id=" + text + " is no number");
    }
    return Long.valueOf(text);
  }

  private static Map<String, String> attributes(
      String text, String separator, Set<String> known, String shown) throws CredentialException {
    Map<String, String> out = new HashMap<>();
    for (String one : text.split(separator, -1)) {
      if (one.isEmpty()) {
        continue;
      }
      int equals = one.indexOf('=');
      String name = equals < 0 ? one : one.substring(0, equals);
      if (equals < 0 || !known.contains(name)) {
        throw new CredentialException(
            shown + ": attribute '" + name + "' is not supported here: use token= and object=");
      }
      if (out.put(name, decode(one.substring(equals + 1), shown)) != null) {
        throw new CredentialException(shown + ": attribute '" + name + "' comes twice");
      }
    }
    return out;
  }

  /** RFC 3986 section 2.1: {@code %20} is a byte of UTF-8. */
  private static String decode(String text, String shown) throws CredentialException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != '%') {
        out.write(bytes[i]);
        continue;
      }
      int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
      int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
      if (high < 0 || low < 0) {
        throw new CredentialException(shown + ": a % without two hexadecimal digits");
      }
      if (high + low == 0) {
        throw new CredentialException(shown + ": %00 stands in no name and in no path");
      }
      out.write(high << 4 | low);
      i += 2;
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "Pkcs11Uri[" + module + ", " + token + ", " + object + "]";
  }
}
