package dev.quic.consumer.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionStoreTest {
  private static final String A = SessionStore.key("A.example", 443, "h3");
  private static final String B = SessionStore.key("b.example", 443, "h3");
  private static final int LIMIT = 6;

  @TempDir private Path dir;
  private Instant now = Instant.now();
  private final InstantSource clock = () -> now;

  private SessionStore store(String kind) throws IOException {
    return "memory".equals(kind)
        ? new MemorySessionStore(LIMIT, clock)
        : FileSessionStore.open(dir.resolve("sessions"), LIMIT, clock);
  }

  private QuicSession session(int fill, long secondsToLive) {
    return QuicSessionTest.session(fill, now.plusSeconds(secondsToLive).toEpochMilli());
  }

  private static int fill(@Nullable QuicSession session) {
    return session == null ? -1 : session.tls()[0];
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "file"})
  void eachSessionIsTakenOnceAndTheNewestFirst(String kind) throws IOException {
    SessionStore store = store(kind);
    assertThat(store.take(A)).isNull();
    store.put(A, session(1, 60));
    store.put(B, session(2, 60));
    store.put(A, session(3, 60));
    assertThat(fill(store.take(SessionStore.key("a.example", 443, "h3")))).isEqualTo(3);
    assertThat(fill(store.take(A))).isEqualTo(1);
    assertThat(store.take(A)).isNull();
    assertThat(store.take(SessionStore.key("b.example", 444, "h3"))).isNull();
    assertThat(fill(store.take(B))).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "file"})
  void whatIsKeptOutlivesWhatWasGiven(String kind) throws IOException {
    SessionStore store = store(kind);
    QuicSession mine = session(4, 60);
    store.put(A, mine);
    mine.destroy();
    assertThat(fill(store.take(A))).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "file"})
  void expiredSessionsAreNotGivenOut(String kind) throws IOException {
    SessionStore store = store(kind);
    store.put(A, session(1, 100));
    store.put(A, session(2, 10));
    now = now.plusSeconds(20);
    assertThat(fill(store.take(A))).isEqualTo(1);
    store.put(A, session(3, 10));
    now = now.plusSeconds(20);
    assertThat(store.take(A)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"memory", "file"})
  void aKeyHasAFewSessionsAndTheStoreALimit(String kind) throws IOException {
    SessionStore store = store(kind);
    for (int i = 1; i <= SessionStore.SESSIONS_OF_A_KEY + 2; i++) {
      now = now.plusMillis(1);
      store.put(A, session(i, 60));
    }
    for (int i = 11; i <= 14; i++) {
      now = now.plusMillis(1);
      store.put(B, session(i, 60));
    }
    // Six in all: of A the two newest, of B all four.
    assertThat(List.of(fill(store.take(A)), fill(store.take(A)), fill(store.take(A))))
        .containsExactly(6, 5, -1);
    assertThat(fill(store.take(B))).isEqualTo(14);
    for (int i = 0; i < 50; i++) {
      store.put(SessionStore.key("host" + i, 1, "x"), session(i, 60));
    }
    if (store instanceof MemorySessionStore memory) {
      assertThat(memory.size()).isEqualTo(LIMIT);
      memory.destroy();
      assertThat(memory.size()).isZero();
    } else {
      assertThat(names(dir.resolve("sessions"))).hasSize(LIMIT);
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(f -> String.valueOf(f.getFileName())).toList();
    }
  }

  @Test
  void filesAreTheOwnersAndSayNothing() throws IOException {
    SessionStore store = store("file");
    store.put(A, session(1, 60));
    Path sessions = dir.resolve("sessions");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sessions)))
        .isEqualTo("rwx------");
    assertThat(names(sessions)).singleElement().asString().doesNotContain("example");
    Path file = sessions.resolve(names(sessions).getFirst());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void anotherProcessFindsThem() throws IOException {
    store("file").put(A, session(7, 60));
    assertThat(fill(store("file").take(A))).isEqualTo(7);
  }

  @Test
  void corruptFilesAreIgnoredAndRemoved() throws IOException {
    SessionStore store = store("file");
    Path sessions = dir.resolve("sessions");
    for (int i = 1; i <= 4; i++) {
      now = now.plusMillis(1);
      store.put(A, session(i, 60));
    }
    List<String> oldestFirst = names(sessions).stream().sorted().toList();
    Files.write(sessions.resolve(oldestFirst.get(3)), new byte[0]);
    Files.write(sessions.resolve(oldestFirst.get(2)), new byte[1 << 20]);
    Files.delete(sessions.resolve(oldestFirst.get(1)));
    Files.createSymbolicLink(sessions.resolve(oldestFirst.get(1)), Path.of("/dev/zero"));
    Files.writeString(sessions.resolve("README"), "not ours");
    assertThat(fill(store.take(A))).isEqualTo(1);
    assertThat(names(sessions)).containsExactly("README");
  }

  @Test
  void aDirectoryOthersMayEnterIsRefused() throws IOException {
    Path open = Files.createDirectory(dir.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-x---"));
    assertThatThrownBy(() -> FileSessionStore.open(open))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod 700");
    Path file = Files.createFile(dir.resolve("file"));
    assertThatThrownBy(() -> FileSessionStore.open(file)).isInstanceOf(IOException.class);
  }

  @Test
  void leftoversOfADeadProcessGo() throws IOException {
    SessionStore store = store("file");
    Path left = Files.createFile(dir.resolve("sessions").resolve(".00.new"));
    Files.setLastModifiedTime(left, FileTime.from(now.minusSeconds(120)));
    Path fresh = Files.createFile(dir.resolve("sessions").resolve(".01.new"));
    store.take(A);
    assertThat(left).doesNotExist();
    assertThat(fresh).exists();
  }

  /** Two processes: one takes what was put long ago while the other looks for leftovers. */
  @Test
  void whatIsBeingTakenIsNoLeftover() throws Exception {
    SessionStore store = store("file");
    SessionStore other = store("file");
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService pool = Executors.newFixedThreadPool(1)) {
      Future<Boolean> beside =
          pool.submit(() -> {
            while (!over.get()) {
              assertThat(other.take(B)).isNull();
            }
            return true;
          });
      try {
        for (int i = 0; i < 1_000; i++) {
          store.put(A, session(1, 600));
          Path put = dir.resolve("sessions").resolve(names(dir.resolve("sessions")).getFirst());
          Files.setLastModifiedTime(put, FileTime.from(now.minusSeconds(120)));
          assertThat(fill(store.take(A))).isEqualTo(1);
        }
      } finally {
        over.set(true);
      }
      assertThat(beside.get()).isTrue();
    }
  }

  @Test
  void ofManyTakersEachSessionGoesToOne() throws Exception {
    SessionStore store = store("file");
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 4; i++) {
        store.put(A, session(i, 60));
      }
      Set<Integer> seen = ConcurrentHashMap.newKeySet();
      try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
        for (int i = 0; i < 8; i++) {
          pool.submit(() -> {
            QuicSession session = store.take(A);
            assertThat(session == null || seen.add(fill(session))).isTrue();
            return null;
          });
        }
      }
      assertThat(seen).hasSize(4);
    }
  }

  @Test
  void oneFile() throws IOException {
    Path file = dir.resolve("one");
    assertThat(SessionFile.take(file)).isNull();
    SessionFile.write(file, session(1, 60));
    SessionFile.write(file, session(2, 60));
    assertThat(fill(SessionFile.take(file))).isEqualTo(2);
    assertThat(names(dir)).isEmpty();
    Files.createFile(file);
    assertThat(SessionFile.take(file)).isNull();
    Files.writeString(file, "precious");
    assertThatThrownBy(() -> SessionFile.take(file)).hasMessageContaining("left as it is");
    assertThat(file).hasContent("precious");
  }
}
