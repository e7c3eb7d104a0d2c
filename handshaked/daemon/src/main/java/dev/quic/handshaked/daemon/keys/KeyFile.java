package dev.quic.handshaked.daemon.keys;

import dev.quic.handshaked.tls.cert.CredentialException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.security.auth.Destroyable;

/**
 * One file of a key directory: a few lines of text, an empty line, and the payload as it is. A
 * keyring has members instead of a payload.
 *
 * @param expires seconds since 1970, 0 for never
 * @param members serials, for a keyring
 */
record KeyFile(
    int serial,
    String type,
    String description,
    long expires,
    boolean revoked,
    List<Integer> members,
    byte[] payload)
    implements Destroyable {
  static final String KEYRING = "keyring";

  /** Most members of one keyring. */
  static final int MAX_MEMBERS = 4096;

  /** Longest file. */
  static final int MAX_FILE = 4 * KeyData.MAX_DESCRIPTION + 16 * MAX_MEMBERS + KeyData.MAX_PAYLOAD;

  private static final String MAGIC = "quic key 1";
  private static final byte[] NOTHING = new byte[0];

  KeyFile {
    members = List.copyOf(members);
  }

  static KeyFile key(int serial, String type, String description, byte[] payload) {
    return new KeyFile(serial, type, description, 0, false, List.of(), payload);
  }

  static KeyFile keyring(int serial, String description, List<Integer> members) {
    return new KeyFile(serial, KEYRING, description, 0, false, members, NOTHING);
  }

  boolean isKeyring() {
    return type.equals(KEYRING);
  }

  boolean isExpired(long nowSeconds) {
    return expires != 0 && nowSeconds >= expires;
  }

  KeyFile withMembers(List<Integer> changed) {
    return new KeyFile(serial, type, description, expires, revoked, changed, payload);
  }

  KeyFile withExpiry(long seconds) {
    return new KeyFile(serial, type, description, seconds, revoked, members, payload);
  }

  /** Revoked, and without its payload for ever, as in the kernel. */
  KeyFile asRevoked() {
    return new KeyFile(serial, type, description, expires, true, List.of(), NOTHING);
  }

  /** Whether a text can stand on a line of its own. */
  static boolean isPlain(String text) {
    return !text.isEmpty() && text.chars().noneMatch(c -> c < 0x20 || c == 0x7f);
  }

  byte[] encode() {
    StringBuilder head = new StringBuilder(MAGIC + "\n");
    head.append("serial ").append(serial).append('\n');
    head.append("type ").append(type).append('\n');
    head.append("description ").append(description).append('\n');
    if (expires != 0) {
      head.append("expires ").append(expires).append('\n');
    }
    if (revoked) {
      head.append("revoked\n");
    }
    members.forEach(m -> head.append("member ").append(m).append('\n'));
    byte[] text = head.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    byte[] out = Arrays.copyOf(text, text.length + payload.length);
    System.arraycopy(payload, 0, out, text.length, payload.length);
    return out;
  }

  /**
   * @param name of the file, for errors
   */
  static KeyFile decode(byte[] bytes, String name) throws CredentialException {
    int end = endOfHead(bytes);
    if (end < 0) {
      throw damaged(name);
    }
    List<String> lines = new String(bytes, 0, end, StandardCharsets.UTF_8).lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals(MAGIC)) {
      throw damaged(name);
    }
    int serial = 0;
    String type = "";
    String description = "";
    long expires = 0;
    boolean revoked = false;
    List<Integer> members = new ArrayList<>();
    try {
      for (String line : lines.subList(1, lines.size())) {
        int space = line.indexOf(' ');
        String value = space < 0 ? "" : line.substring(space + 1);
        switch (space < 0 ? line : line.substring(0, space)) {
          case "serial" -> serial = Integer.parseInt(value);
          case "type" -> type = value;
          case "description" -> description = value;
          case "expires" -> expires = Long.parseLong(value);
          case "revoked" -> revoked = true;
          case "member" -> members.add(Integer.parseInt(value));
          default -> throw damaged(name);
        }
      }
    } catch (NumberFormatException e) {
      throw damaged(name);
    }
    if (serial < 1 || type.isEmpty() || members.size() > MAX_MEMBERS) {
      throw damaged(name);
    }
    byte[] payload = Arrays.copyOfRange(bytes, end + 1, bytes.length);
    return new KeyFile(serial, type, description, expires, revoked, members, payload);
  }

  /** Index of the newline of the empty line, -1 without one. */
  private static int endOfHead(byte[] bytes) {
    for (int i = 1; i < bytes.length; i++) {
      if (bytes[i] == '\n' && bytes[i - 1] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private static CredentialException damaged(String name) {
    return new CredentialException(name + " is no key file");
  }

  @Override
  public void destroy() {
    Arrays.fill(payload, (byte) 0);
  }

  @Override
  public String toString() {
    return type + " " + serial + " '" + description + "'";
  }
}
