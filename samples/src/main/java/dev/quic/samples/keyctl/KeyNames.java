package dev.quic.samples.keyctl;

import dev.quic.handshaked.daemon.keys.KeyDirectory;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.uapi.Errno;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How keys and keyrings are named on the command line, and how they are listed. */
final class KeyNames {
  private KeyNames() {}

  /** {@code @u}, a serial number, {@code %:NAME}, or the name itself. */
  static int keyring(KeyDirectory keys, String name) throws CredentialException {
    Integer serial = keys.findKeyring(name.startsWith("%:") ? name.substring(2) : name);
    if (serial == null) {
      throw new CredentialException("there is no keyring " + name + " in " + keys.path());
    }
    return serial;
  }

  /** A serial number, or {@code %TYPE:DESCRIPTION}, which must be one key's. */
  static int key(KeyDirectory keys, String name) throws CredentialException {
    int colon = name.indexOf(':');
    if (name.startsWith("%") && colon > 0) {
      String type = colon == 1 ? "keyring" : name.substring(1, colon);
      String description = name.substring(colon + 1);
      List<KeyDirectory.Entry> found =
          keys.list().stream()
              .filter(e -> e.type().equals(type) && e.description().equals(description))
              .toList();
      if (found.size() != 1) {
        String how = found.isEmpty() ? "no key " : "more than one key ";
        throw new CredentialException("there is " + how + name + " in " + keys.path());
      }
      return found.getFirst().serial();
    }
    try {
      return Integer.parseInt(name);
    } catch (NumberFormatException e) {
      throw new CredentialException(
          Errno.EINVAL, "'" + name + "' is neither a serial number nor %TYPE:DESCRIPTION");
    }
  }

  static List<Integer> members(KeyDirectory keys, int ring) throws CredentialException {
    boolean unused = ring == KeyDirectory.ROOT && keys.list().isEmpty();
    return unused ? List.of() : keys.describe(ring).members();
  }

  static int search(KeyDirectory keys, int root, String type, String description)
      throws CredentialException {
    ArrayDeque<Integer> rings = new ArrayDeque<>(List.of(root));
    Set<Integer> seen = new HashSet<>();
    while (!rings.isEmpty()) {
      int ring = rings.remove();
      if (!seen.add(ring)) {
        continue;
      }
      for (int member : members(keys, ring)) {
        KeyDirectory.Entry e = keys.describe(member);
        if (e.type().equals(type) && e.description().equals(description)) {
          return member;
        }
        if (e.isKeyring()) {
          rings.add(member);
        }
      }
    }
    throw new CredentialException(
        "there is no " + type + " key '" + description + "' below keyring " + root);
  }

  /** One line of a list. */
  static String line(KeyDirectory.Entry e, long nowSeconds) {
    String state = "";
    if (e.revoked()) {
      state = " (revoked)";
    } else if (e.expires() != 0) {
      long left = e.expires() - nowSeconds;
      state = left <= 0 ? " (expired)" : " (expires in " + left + " s)";
    }
    return e.serial() + ": " + e.type() + " " + e.description() + state;
  }
}
