package dev.quic.consumer.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sessions in a directory of their own, for programs that end and start again. The directory has
 * mode 0700 and each session a file of mode 0600 and at most {@link QuicSession#MAX_BYTES}; file
 * names hold a hash of the key, when it was put and when it expires. Several processes may share
 * the directory. A file that holds no session is removed by the first who takes it. Any thread.
 */
public final class FileSessionStore implements SessionStore {
  private static final String SUFFIX = ".session";

  /** Half of SHA-256, in hexadecimal digits. */
  private static final int HASH_DIGITS = 32;

  private static final int TIME_DIGITS = 16;

  /** Of a temporary file that no living writer can still be at, in milliseconds. */
  private static final long ABANDONED_MILLIS = 60_000;

  private final Path directory;
  private final int limit;
  private final InstantSource clock;
  private final AtomicInteger sequence = new AtomicInteger();

  private FileSessionStore(Path directory, int limit, InstantSource clock) {
    this.directory = directory;
    this.limit = limit;
    this.clock = clock;
  }

  /** With room for {@link SessionStore#DEFAULT_SESSIONS}. */
  public static FileSessionStore open(Path directory) throws IOException {
    return open(directory, DEFAULT_SESSIONS, InstantSource.system());
  }

  /**
   * Opens a store.
   *
   * @param directory made with mode 0700 when there is none
   * @param limit sessions kept at once, at least 1
   * @param clock tells which have expired
   * @throws IOException when it cannot be made, or others than its owner may enter it
   */
  public static FileSessionStore open(Path directory, int limit, InstantSource clock)
      throws IOException {
    if (limit < 1) {
      throw new IllegalArgumentException("a store of at least one session");
    }
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectories(directory);
      }
    }
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    if (SessionFile.isOpenToOthers(directory.toRealPath())) {
      throw new IOException(
          directory + ": others may enter a directory of secrets: chmod 700 " + directory);
    }
    return new FileSessionStore(directory, limit, clock);
  }

  @Override
  public void put(String key, QuicSession session) throws IOException {
    String hash = hash(key);
    makeRoom(hash);
    Entry entry =
        new Entry(
            hash,
            clock.millis(),
            sequence.getAndIncrement() & 0xffff,
            session.expires().toEpochMilli());
    SessionFile.write(directory.resolve(entry.name()), session);
  }

  @Override
  public @Nullable QuicSession take(String key) throws IOException {
    String hash = hash(key);
    List<Entry> newest = entries();
    newest.sort(Comparator.reverseOrder());
    for (Entry entry : newest) {
      if (!entry.hash.equals(hash)) {
        continue;
      }
      QuicSession session = SessionFile.claim(directory.resolve(entry.name()), clock.millis());
      if (session != null && session.isLive(clock.instant())) {
        return session;
      }
      if (session != null) {
        session.destroy();
      }
    }
    return null;
  }

  /** Leaves room for one session of a key: expired ones go first, then the oldest. */
  private void makeRoom(String hash) throws IOException {
    List<Entry> kept = new ArrayList<>();
    long now = clock.millis();
    for (Entry entry : entries()) {
      if (entry.expires <= now) {
        remove(entry);
      } else {
        kept.add(entry);
      }
    }
    kept.sort(Comparator.naturalOrder());
    long same = kept.stream().filter(e -> e.hash.equals(hash)).count();
    for (Entry oldest : List.copyOf(kept)) {
      boolean crowded = same >= SESSIONS_OF_A_KEY && oldest.hash.equals(hash);
      if (crowded) {
        same--;
        kept.remove(oldest);
        remove(oldest);
      }
    }
    for (int i = 0; i <= kept.size() - limit; i++) {
      remove(kept.get(i));
    }
  }

  private void remove(Entry entry) throws IOException {
    Files.deleteIfExists(directory.resolve(entry.name()));
  }

  private List<Entry> entries() throws IOException {
    List<Entry> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        Entry entry = Entry.parse(name);
        if (entry != null) {
          found.add(entry);
        } else if (name.startsWith(".") && (name.endsWith(".new") || name.endsWith(".taken"))) {
          removeAbandoned(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  /** What a process that died in the middle left behind. */
  private void removeAbandoned(Path file) throws IOException {
    try {
      long modified = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toMillis();
      if (clock.millis() - modified > ABANDONED_MILLIS) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      // Its writer was alive after all, and finished.
    }
  }

  private static String hash(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_DIGITS / 2);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * A file's name: {@code HASH-PUT-SEQUENCE-EXPIRES.session}, times in milliseconds since 1970. The
   * older one is less.
   */
  private record Entry(String hash, long put, int sequence, long expires)
      implements Comparable<Entry> {
    private static final int PUT = HASH_DIGITS + 1;
    private static final int SEQUENCE = PUT + TIME_DIGITS + 1;
    private static final int EXPIRES = SEQUENCE + 4 + 1;
    private static final int LENGTH = EXPIRES + TIME_DIGITS;

    String name() {
      return String.format(
          Locale.ROOT, "%s-%016x-%04x-%016x%s", hash, put, sequence, expires, SUFFIX);
    }

    static @Nullable Entry parse(String name) {
      if (name.length() != LENGTH + SUFFIX.length() || !name.endsWith(SUFFIX)) {
        return null;
      }
      try {
        Entry entry =
            new Entry(
                name.substring(0, HASH_DIGITS),
                Long.parseUnsignedLong(name, PUT, PUT + TIME_DIGITS, 16),
                Integer.parseInt(name, SEQUENCE, SEQUENCE + 4, 16),
                Long.parseUnsignedLong(name, EXPIRES, LENGTH, 16));
        return entry.name().equals(name) ? entry : null;
      } catch (NumberFormatException e) {
        return null;
      }
    }

    @Override
    public int compareTo(Entry other) {
      int byTime = Long.compare(put, other.put);
      return byTime != 0 ? byTime : Integer.compare(sequence, other.sequence);
    }
  }
}
