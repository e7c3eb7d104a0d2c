package dev.quic.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AtExitTest {
  @Test
  void closesTheLatestFirstAndOnce() {
    List<String> closed = new ArrayList<>();
    AtExit exit = new AtExit();
    exit.add(() -> closed.add("first"));
    exit.add(() -> closed.add("second"));
    exit.close();
    exit.close();
    assertThat(closed).containsExactly("second", "first");
  }

  @Test
  void goesOnAfterAFailure() {
    List<String> closed = new ArrayList<>();
    try (AtExit exit = new AtExit()) {
      exit.add(() -> closed.add("first"));
      exit.add(() -> {
        throw new IOException("expected by this test");
      });
    }
    assertThat(closed).containsExactly("first");
  }

  @Test
  void nothingIsMadeOnceItIsOver() throws IOException {
    List<String> made = new ArrayList<>();
    List<String> closed = new ArrayList<>();
    AtExit exit = new AtExit();
    AtExit.Maker<AutoCloseable> maker =
        () -> {
          made.add("it");
          return () -> closed.add("it");
        };
    exit.make(maker);
    exit.close();
    assertThatThrownBy(() -> exit.make(maker)).isInstanceOf(InterruptedIOException.class);
    assertThat(made).containsExactly("it");
    assertThat(closed).containsExactly("it");
  }

  @Test
  void temporaryDirectoriesGoWithEverythingInThem() throws IOException {
    Path path;
    try (TemporaryDirectory dir = TemporaryDirectory.create("quic-test")) {
      path = dir.path();
      Files.writeString(Files.createDirectories(path.resolve("a/b")).resolve("c"), "x");
    }
    assertThat(path).doesNotExist();
  }
}
