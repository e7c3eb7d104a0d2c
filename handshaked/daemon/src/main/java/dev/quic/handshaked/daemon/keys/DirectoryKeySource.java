package dev.quic.handshaked.daemon.keys;

import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.uapi.Errno;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keys of a directory of the daemon's own. Every request reads anew, so that a key that was revoked
 * is gone with the next one. Any thread.
 */
public final class DirectoryKeySource implements KeySource {
  private final KeyDirectory directory;
  private final Clock clock;

  /**
   * @param clock tells which keys have expired
   */
  public DirectoryKeySource(KeyDirectory directory, Clock clock) {
    this.directory = directory;
    this.clock = clock;
  }

  @Override
  public Access open(int keyring, List<String> configured) {
    return new OneRequest(keyring, List.copyOf(configured));
  }

  private final class OneRequest implements Access {
    private final int keyring;
    private final List<String> configured;

    OneRequest(int keyring, List<String> configured) {
      this.keyring = keyring;
      this.configured = configured;
    }

    @Override
    public KeyData read(int serial) throws CredentialException {
      directory.check();
      KeyFile file = directory.read(serial);
      if (file.isKeyring()) {
        throw new CredentialException("key " + serial + " is a keyring");
      }
      return usable(file);
    }

    private KeyData usable(KeyFile file) throws CredentialException {
      String name = "key " + file.serial() + " '" + file.description() + "'";
      if (file.revoked()) {
        throw new CredentialException(Errno.EKEYREVOKED, name + " is revoked");
      }
      if (file.isExpired(clock.instant().getEpochSecond())) {
        file.destroy();
        throw new CredentialException(Errno.EKEYEXPIRED, name + " has expired");
      }
      return new KeyData(file.serial(), file.type(), file.description(), file.payload());
    }

    @Override
    public @Nullable KeyData searchPsk(String identity) throws CredentialException {
      directory.check();
      List<Integer> roots = roots();
      for (String type : PSK_TYPES) {
        KeyFile found = search(roots, type, identity);
        if (found != null) {
          return usable(found);
        }
      }
      return null;
    }

    private List<Integer> roots() throws CredentialException {
      if (keyring != 0) {
        return List.of(keyring);
      }
      List<Integer> out = new ArrayList<>();
      for (String name : configured) {
        Integer serial = directory.findKeyring(name);
        if (serial != null) {
          out.add(serial);
        }
      }
      if (out.isEmpty()) {
        out.add(KeyDirectory.ROOT);
      }
      return out;
    }

    /** The first live key, breadth first as in the kernel; else a dead one, to say so. */
    private @Nullable KeyFile search(List<Integer> roots, String type, String identity)
        throws CredentialException {
      ArrayDeque<Integer> rings = new ArrayDeque<>(roots);
      Set<Integer> seen = new HashSet<>();
      KeyFile dead = null;
      while (!rings.isEmpty()) {
        int ring = rings.remove();
        if (!seen.add(ring) || seen.size() > KeyDirectory.MAX_KEYS) {
          continue;
        }
        KeyFile file = directory.find(ring);
        if (file == null && ring == KeyDirectory.ROOT) {
          continue;
        }
        if (file == null || !file.isKeyring()) {
          throw new CredentialException("there is no keyring " + ring);
        }
        for (int member : file.members()) {
          KeyFile key = directory.find(member);
          if (key == null) {
            continue;
          }
          if (key.isKeyring()) {
            // Certificates only: there is no key to be found among them.
            if (member != KeyDirectory.PEERS) {
              rings.add(member);
            }
          } else if (key.type().equals(type) && key.description().equals(identity)) {
            if (!key.revoked() && !key.isExpired(clock.instant().getEpochSecond())) {
              return key;
            }
            dead = key;
          } else {
            key.destroy();
          }
        }
      }
      return dead;
    }

    @Override
    public int keepPeer(String description, byte[] certificate) throws CredentialException {
      return directory.keepPeer(
          description, certificate, KeyDirectory.MAX_PEERS, clock.instant().getEpochSecond());
    }

    @Override
    public void close() {
      // Nothing is held between calls.
    }
  }
}
