package dev.quic.handshaked.daemon.keys.linux;

import dev.quic.handshaked.daemon.keys.KeyData;
import dev.quic.handshaked.daemon.keys.KeySource;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's keyrings. The keyrings of a request are linked into the worker thread's own keyring
 * while it is worked on, so that one request does not open keys to another one. Any thread.
 */
public final class LinuxKeySource implements KeySource {
  private static final Path PROC_KEYS = Path.of("/proc/keys");
  private static final LinuxKeySource ONLY = new LinuxKeySource();

  private LinuxKeySource() {}

  public static LinuxKeySource of() {
    return ONLY;
  }

  @Override
  public Access open(int keyring, List<String> configured) {
    return new OneRequest(keyring, List.copyOf(configured));
  }

  private static final class OneRequest implements Access {
    private final int keyring;
    private final List<String> configured;
    private boolean linked;

    OneRequest(int keyring, List<String> configured) {
      this.keyring = keyring;
      this.configured = configured;
    }

    private void link() throws CredentialException {
      if (linked) {
        return;
      }
      linked = true;
      Keyctl.keyringId(Keyctl.THREAD_KEYRING);
      if (keyring != 0) {
        Keyctl.link(keyring, Keyctl.THREAD_KEYRING);
      }
      for (int ring : serials(configured)) {
        Keyctl.link(ring, Keyctl.THREAD_KEYRING);
      }
    }

    @Override
    public KeyData read(int serial) throws CredentialException {
      link();
      String[] is = Keyctl.describe(serial);
      return new KeyData(serial, is[0], is[1], Keyctl.read(serial));
    }

    @Override
    public @Nullable KeyData searchPsk(String identity) throws CredentialException {
      if (identity.isEmpty()
          || identity.indexOf('\0') >= 0
          || identity.getBytes(StandardCharsets.UTF_8).length > KeyData.MAX_DESCRIPTION) {
        return null;
      }
      link();
      CredentialException dead = null;
      for (String type : PSK_TYPES) {
        try {
          Integer serial =
              keyring == 0
                  ? Keyctl.requestKey(type, identity)
                  : Keyctl.search(keyring, type, identity);
          if (serial != null) {
            return read(serial);
          }
        } catch (CredentialException e) {
          dead = e;
        }
      }
      if (dead != null) {
        throw dead;
      }
      return null;
    }

    /** As tlshd in the user's keyring; the kernel refuses signature algorithms it does not know. */
    @Override
    public int keepPeer(String description, byte[] certificate) throws CredentialException {
      Integer known = livePeer(description);
      if (known != null) {
        return known;
      }
      int serial = Keyctl.addKey(CERTIFICATE_TYPE, description, certificate, Keyctl.USER_KEYRING);
      Keyctl.setTimeout(serial, PEER_SECONDS);
      return serial;
    }

    private static @Nullable Integer livePeer(String description) throws CredentialException {
      try {
        return Keyctl.search(Keyctl.USER_KEYRING, CERTIFICATE_TYPE, description);
      } catch (CredentialException e) {
        if (e.status() == Errno.EKEYEXPIRED || e.status() == Errno.EKEYREVOKED) {
          return null;
        }
        throw e;
      }
    }

    @Override
    public void close() {
      if (!linked) {
        return;
      }
      try {
        Keyctl.clear(Keyctl.THREAD_KEYRING);
      } catch (CredentialException e) {
        // Then there is no such keyring: nothing was linked.
        linked = false;
      }
    }
  }

  /** Serials of configured keyrings; those that do not exist (yet) are left out, as by tlshd. */
  private static List<Integer> serials(List<String> names) throws CredentialException {
    List<Integer> out = new ArrayList<>();
    for (String name : names) {
      Integer serial =
          switch (name) {
            case "@p" -> Integer.valueOf(Keyctl.PROCESS_KEYRING);
            case "@s" -> Integer.valueOf(Keyctl.SESSION_KEYRING);
            case "@u" -> Integer.valueOf(Keyctl.USER_KEYRING);
            default -> isSerial(name) ? Integer.valueOf(name) : named(name);
          };
      if (serial != null) {
        out.add(serial);
      }
    }
    return out;
  }

  /** Most serials have ten digits: the kernel draws them below 2^31. */
  private static boolean isSerial(String name) {
    return name.matches("[0-9]{1,10}") && Long.parseLong(name) <= Integer.MAX_VALUE;
  }

  /** What {@code keyctl} calls {@code %:NAME}; null when we may see no such keyring. */
  private static @Nullable Integer named(String name) throws CredentialException {
    List<String> lines;
    try {
      lines = Files.readAllLines(PROC_KEYS, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new CredentialException(
          Errno.EACCES, "cannot look for keyring " + name + ": " + PROC_KEYS + " is not readable");
    }
    for (String line : lines) {
      // serial flags usage timeout permissions uid gid type description: summary
      String[] columns = line.trim().split(" +", 9);
      int colon = columns.length < 9 ? -1 : columns[8].lastIndexOf(": ");
      if (colon >= 0
          && columns[7].equals("keyring")
          && columns[8].substring(0, colon).equals(name)) {
        return Integer.parseUnsignedInt(columns[0], 16);
      }
    }
    return null;
  }
}
