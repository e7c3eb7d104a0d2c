package dev.quic.handshaked.daemon.keys;

import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.uapi.Errno;
import dev.quic.uds.FileReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A directory that stands in for the kernel's keyrings: a file for each key, named by its serial,
 * for its owner only. Changes are atomic for readers and one at a time among processes. Any thread.
 */
public final class KeyDirectory {
  /** Serial of the keyring that keys go to when no other is named. */
  public static final int ROOT = 1;

  /** What commands call {@link #ROOT}. */
  public static final String ROOT_NAME = "@u";

  /** Serial of the keyring of peers' certificates. */
  static final int PEERS = 2;

  /** Its description. */
  static final String PEERS_NAME = ".peers";

  /** Certificates of peers that are kept; the one that came first gives way to another. */
  static final int MAX_PEERS = 256;

  /** Keys of one directory. */
  public static final int MAX_KEYS = 10_000;

  private static final int FIRST_SERIAL = 3;
  private static final ReentrantLock IN_PROCESS = new ReentrantLock();
  private static final String LOCK = ".lock";
  private static final String NEW = ".new";

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> OWNER_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path path;
  private final SecureRandom random = new SecureRandom();

  /** Where a peer's certificate was last: read first, so that not all of them have to be. */
  private final Map<String, Integer> peersSeen =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
              return size() > MAX_PEERS;
            }
          });

  public KeyDirectory(Path path) {
    this.path = path;
  }

  public Path path() {
    return path;
  }

  /**
   * A key as lists show it.
   *
   * @param expires seconds since 1970, 0 for never
   * @param members serials, for a keyring
   */
  public record Entry(
      int serial,
      String type,
      String description,
      long expires,
      boolean revoked,
      List<Integer> members) {
    public boolean isKeyring() {
      return type.equals(KeyFile.KEYRING);
    }
  }

  /** Throws when the directory is missing, or open to others (EACCES). */
  public void check() throws CredentialException {
    KeyPermissions.checkDirectory(path);
  }

  /** Makes the directory unless it is there, and checks it. */
  public void create() throws CredentialException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.createDirectories(path.toAbsolutePath().getParent());
        Files.createDirectory(path, OWNER_DIRECTORY);
      } catch (IOException e) {
        throw cannot("make key directory", path, e);
      }
    }
    check();
  }

  private Path file(int serial) {
    return path.resolve(Integer.toString(serial));
  }

  /** Reads a key; ENOKEY when there is none. */
  KeyFile read(int serial) throws CredentialException {
    KeyFile found = find(serial);
    if (found == null) {
      throw new CredentialException("there is no key " + serial + " in " + path);
    }
    return found;
  }

  @Nullable KeyFile find(int serial) throws CredentialException {
    Path file = file(serial);
    try {
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? find(serial, file) : null;
    } catch (CredentialException e) {
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        // Deleted between two looks at it, by another process perhaps.
        return null;
      }
      throw e;
    }
  }

  private static KeyFile find(int serial, Path file) throws CredentialException {
    KeyPermissions.checkFile(file);
    byte[] bytes = null;
    try {
      if (Files.size(file) > KeyFile.MAX_FILE) {
        throw new CredentialException("key " + file + " is too long");
      }
      bytes = Files.readAllBytes(file);
      KeyFile key = KeyFile.decode(bytes, file.toString());
      if (key.serial() != serial) {
        throw new CredentialException("key " + file + " says that it is key " + key.serial());
      }
      return key;
    } catch (CredentialException e) {
      throw e;
    } catch (IOException e) {
      throw cannot("read key", file, e);
    } finally {
      if (bytes != null) {
        Arrays.fill(bytes, (byte) 0);
      }
    }
  }

  /** One key without its payload; ENOKEY when there is none. */
  public Entry describe(int serial) throws CredentialException {
    return entry(read(serial));
  }

  private static Entry entry(KeyFile file) {
    file.destroy();
    return new Entry(
        file.serial(),
        file.type(),
        file.description(),
        file.expires(),
        file.revoked(),
        file.members());
  }

  /** All keys and keyrings, by serial. */
  public List<Entry> list() throws CredentialException {
    List<Integer> serials = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        long serial = name.matches("[1-9][0-9]{0,9}") ? Long.parseLong(name) : 0;
        if (serial > 0 && serial <= Integer.MAX_VALUE && serials.size() < MAX_KEYS) {
          serials.add((int) serial);
        }
      }
    } catch (IOException e) {
      throw cannot("list", path, e);
    }
    serials.sort(null);
    List<Entry> out = new ArrayList<>();
    for (int serial : serials) {
      KeyFile file = find(serial);
      if (file != null) {
        out.add(entry(file));
      }
    }
    return out;
  }

  /**
   * @param name {@code @u}, a keyring's serial or its description
   * @return null when there is none
   */
  public @Nullable Integer findKeyring(String name) throws CredentialException {
    if (name.equals(ROOT_NAME)) {
      return ROOT;
    }
    for (Entry e : list()) {
      boolean named = e.description().equals(name) || Integer.toString(e.serial()).equals(name);
      if (e.isKeyring() && named && !e.revoked()) {
        return e.serial();
      }
    }
    return null;
  }

  /**
   * Adds a key, or gives the key of the same type and description in that keyring a new payload, as
   * {@code add_key()} does.
   *
   * @param payload copied
   * @return its serial
   */
  public int add(String type, String description, byte[] payload, int keyring)
      throws CredentialException {
    if (type.equals(KeyFile.KEYRING)) {
      throw new CredentialException(Errno.EINVAL, "a keyring is made with newring");
    }
    checkText(type, description);
    if (payload.length < 1 || payload.length > KeyData.MAX_PAYLOAD) {
      throw new CredentialException(
          Errno.EINVAL, "a key has 1 to " + KeyData.MAX_PAYLOAD + " bytes");
    }
    return locked(() -> {
      KeyFile ring = keyring(keyring);
      for (int member : ring.members()) {
        KeyFile old = find(member);
        if (old != null && old.type().equals(type) && old.description().equals(description)) {
          write(KeyFile.key(member, type, description, payload));
          return member;
        }
      }
      int serial = freeSerial();
      write(KeyFile.key(serial, type, description, payload));
      join(ring, serial);
      return serial;
    });
  }

  /** Makes a keyring. @return its serial */
  public int newring(String description, int keyring) throws CredentialException {
    checkText(KeyFile.KEYRING, description);
    return locked(() -> {
      KeyFile ring = keyring(keyring);
      int serial = freeSerial();
      write(KeyFile.keyring(serial, description, List.of()));
      join(ring, serial);
      return serial;
    });
  }

  private static void checkText(String type, String description) throws CredentialException {
    if (!KeyFile.isPlain(type) || type.indexOf(' ') >= 0 || !KeyFile.isPlain(description)) {
      throw new CredentialException(
          Errno.EINVAL, "a key needs a type and a description of printable characters");
    }
    if (type.length() > 31 || description.length() > KeyData.MAX_DESCRIPTION) {
      throw new CredentialException(
          Errno.EINVAL,
          "a type has up to 31 characters, a description up to " + KeyData.MAX_DESCRIPTION);
    }
  }

  /**
   * Keeps a peer's certificate in a keyring of their own, unless it is there.
   *
   * @param most certificates that are kept
   * @param now seconds since 1970
   * @return its serial; 0 when the directory does not exist
   */
  int keepPeer(String description, byte[] certificate, int most, long now)
      throws CredentialException {
    checkText(KeySource.CERTIFICATE_TYPE, description);
    if (certificate.length > KeyData.MAX_PAYLOAD) {
      throw new CredentialException(Errno.EMSGSIZE, "the peer's certificate is too long for a key");
    }
    // Files.exists() makes an exception of a missing file; who has no keys is here each handshake.
    if (!path.toFile().exists()) {
      return 0;
    }
    check();
    Integer seen = peersSeen.get(description);
    if (seen != null && isPeer(seen, description, now)) {
      return seen;
    }
    int serial = keepPeerLocked(description, certificate, most, now);
    peersSeen.put(description, serial);
    return serial;
  }

  private int keepPeerLocked(String description, byte[] certificate, int most, long now)
      throws CredentialException {
    return locked(() -> {
      KeyFile ring = find(PEERS);
      int known = peer(ring, description, now);
      if (known != 0) {
        return known;
      }
      List<Integer> members = new ArrayList<>(ring == null ? List.of() : ring.members());
      while (members.size() >= most) {
        delete(file(members.removeFirst()));
      }
      int serial = freeSerial();
      members.add(serial);
      write(
          KeyFile.key(serial, KeySource.CERTIFICATE_TYPE, description, certificate)
              .withExpiry(now + KeySource.PEER_SECONDS));
      write(KeyFile.keyring(PEERS, PEERS_NAME, members));
      if (ring == null) {
        join(keyring(ROOT), PEERS);
      }
      return serial;
    });
  }

  /** Serial of a peer's live key, 0 for none. The last ones are the likeliest. */
  private int peer(@Nullable KeyFile ring, String description, long now)
      throws CredentialException {
    List<Integer> members = ring == null ? List.of() : ring.members().reversed();
    for (int member : members) {
      if (isPeer(member, description, now)) {
        return member;
      }
    }
    return 0;
  }

  private boolean isPeer(int serial, String description, long now) throws CredentialException {
    KeyFile key = find(serial);
    return key != null
        && key.description().equals(description)
        && !key.revoked()
        && !key.isExpired(now);
  }

  /** Revokes a key: its payload is gone, and using it is EKEYREVOKED. */
  public void revoke(int serial) throws CredentialException {
    change(serial, KeyFile::asRevoked);
  }

  /**
   * @param expires seconds since 1970, 0 for never
   */
  public void expireAt(int serial, long expires) throws CredentialException {
    change(serial, key -> key.withExpiry(expires));
  }

  private void change(int serial, UnaryOperator<KeyFile> change) throws CredentialException {
    locked(() -> {
      KeyFile key = read(serial);
      write(change.apply(key));
      key.destroy();
      return serial;
    });
  }

  /** Puts a key into one more keyring. */
  public void link(int serial, int keyring) throws CredentialException {
    locked(() -> {
      read(serial).destroy();
      join(keyring(keyring), serial);
      return serial;
    });
  }

  /** Takes a key out of a keyring; one that is in no keyring any more is deleted. */
  public void unlink(int serial, int keyring) throws CredentialException {
    locked(() -> {
      KeyFile ring = keyring(keyring);
      List<Integer> left = new ArrayList<>(ring.members());
      if (!left.remove((Integer) serial)) {
        throw new CredentialException(
            Errno.ENOENT, "key " + serial + " is not in keyring " + keyring);
      }
      write(ring.withMembers(left));
      if (list().stream().noneMatch(e -> e.members().contains(serial))) {
        delete(file(serial));
      }
      return serial;
    });
  }

  private void join(KeyFile ring, int serial) throws CredentialException {
    if (ring.members().contains(serial)) {
      return;
    }
    if (ring.members().size() >= KeyFile.MAX_MEMBERS) {
      throw new CredentialException(Errno.ENOSPC, "keyring " + ring.serial() + " is full");
    }
    List<Integer> more = new ArrayList<>(ring.members());
    more.add(serial);
    write(ring.withMembers(more));
  }

  private KeyFile keyring(int serial) throws CredentialException {
    KeyFile ring = find(serial);
    if (ring == null && serial == ROOT) {
      return KeyFile.keyring(ROOT, ROOT_NAME, List.of());
    }
    if (ring == null || !ring.isKeyring()) {
      throw new CredentialException("there is no keyring " + serial + " in " + path);
    }
    if (ring.revoked()) {
      throw new CredentialException(Errno.EKEYREVOKED, "keyring " + serial + " is revoked");
    }
    return ring;
  }

  /** As the kernel, which draws serials at random so that nobody counts on one. */
  private int freeSerial() throws CredentialException {
    if (list().size() >= MAX_KEYS) {
      throw new CredentialException(Errno.ENOSPC, path + " holds " + MAX_KEYS + " keys: no more");
    }
    int serial;
    do {
      serial = random.nextInt(FIRST_SERIAL, 1 << 30);
    } while (Files.exists(file(serial), LinkOption.NOFOLLOW_LINKS));
    return serial;
  }

  private void write(KeyFile key) throws CredentialException {
    Path next = path.resolve(NEW);
    byte[] bytes = key.encode();
    try {
      delete(next);
      try (FileChannel out =
          FileChannel.open(
              next, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
          out.write(left);
        }
        out.force(true);
      }
      Files.move(
          next,
          file(key.serial()),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw cannot("write key", file(key.serial()), e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static void delete(Path file) throws CredentialException {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw cannot("delete", file, e);
    }
  }

  /** A change, which gives a serial. */
  private interface Change {
    int run() throws CredentialException;
  }

  private int locked(Change change) throws CredentialException {
    check();
    // A file lock is the process's: threads need their own.
    IN_PROCESS.lock();
    try (FileChannel channel =
            FileChannel.open(
                path.resolve(LOCK),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                OWNER_ONLY);
        FileLock lock = channel.lock()) {
      return lock.isValid() ? change.run() : 0;
    } catch (CredentialException e) {
      throw e;
    } catch (IOException e) {
      throw cannot("lock", path, e);
    } finally {
      IN_PROCESS.unlock();
    }
  }

  private static CredentialException cannot(String what, Path path, Exception e) {
    int status = e instanceof AccessDeniedException ? Errno.EACCES : Errno.EIO;
    String why =
        e instanceof IOException failure
            ? FileReason.of(failure)
            : e.getClass().getSimpleName() + " " + e.getMessage();
    return new CredentialException(status, "cannot " + what + " " + path + ": " + why);
  }
}
