package dev.quic.handshaked.daemon.operation;

import static org.awaitility.Awaitility.await;

import dev.quic.handshaked.daemon.log.DaemonLog;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class FileWatchTest {
  @TempDir Path dir;
  private final AtomicInteger changes = new AtomicInteger();
  private final Set<Path> files = new CopyOnWriteArraySet<>();

  private FileWatch start(Path... watched) throws Exception {
    files.addAll(List.of(watched));
    return FileWatch.start(() -> files, changes::incrementAndGet, new DaemonLog(true));
  }

  /** At least so many: a slow writer may count twice. */
  private void noticed(int count) {
    await().atMost(Duration.ofSeconds(30)).until(() -> changes.get() >= count);
  }

  @Test
  void writtenInPlaceRenamedOverAndDeleted() throws Exception {
    Path file = Files.writeString(dir.resolve("config"), "one");
    try (FileWatch watch = start(file)) {
      Files.writeString(file, "two, which is longer");
      noticed(1);
      Path next = Files.writeString(dir.resolve("config.new"), "three");
      int before = changes.get();
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      noticed(before + 1);
      before = changes.get();
      Files.delete(file);
      noticed(before + 1);
    }
  }

  @Test
  void aLinkSetAnewAndAChangedTarget() throws Exception {
    Path first = Files.createDirectory(dir.resolve("v1"));
    Path second = Files.createDirectory(dir.resolve("v2"));
    Files.writeString(first.resolve("config"), "one");
    Files.writeString(second.resolve("config"), "second");
    Path home = Files.createDirectory(dir.resolve("home"));
    Path link = Files.createSymbolicLink(home.resolve("config"), first.resolve("config"));
    try (FileWatch watch = start(link)) {
      Files.writeString(first.resolve("config"), "changed behind the link");
      noticed(1);
      int before = changes.get();
      Path fresh = Files.createSymbolicLink(home.resolve("new"), second.resolve("config"));
      Files.move(fresh, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      noticed(before + 1);
    }
  }

  @Test
  void definitionsInADirectoryThatIsMadeLater() throws Exception {
    Path tags = dir.resolve("tags.d");
    try (FileWatch watch = start(tags)) {
      Files.createDirectory(tags);
      noticed(1);
      int before = changes.get();
      Files.writeString(tags.resolve("a.yml"), "tags: {}");
      noticed(before + 1);
    }
  }

  @Test
  void aLookThatFailsIsNotTheLast() throws Exception {
    Path file = Files.writeString(dir.resolve("config"), "one");
    files.add(file);
    AtomicBoolean fails = new AtomicBoolean();
    AtomicInteger failed = new AtomicInteger();
    Supplier<Set<Path>> supplier =
        () -> {
          if (fails.get()) {
            failed.incrementAndGet();
            throw new UncheckedIOException(new NoSuchFileException("gone while it was read"));
          }
          return files;
        };
    try (FileWatch watch =
        FileWatch.start(supplier, changes::incrementAndGet, new DaemonLog(true))) {
      fails.set(true);
      Files.writeString(file, "two, which is longer");
      await().atMost(Duration.ofSeconds(30)).until(() -> failed.get() > 0);
      fails.set(false);
      noticed(1);
    }
  }
}
