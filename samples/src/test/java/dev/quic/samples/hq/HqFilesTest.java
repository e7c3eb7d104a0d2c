package dev.quic.samples.hq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HqFilesTest {
  @TempDir Path dir;

  @BeforeEach
  void tree() throws IOException {
    Files.createDirectories(dir.resolve("www/sub"));
    Files.writeString(dir.resolve("secret"), "s");
    Files.writeString(dir.resolve("www/index.html"), "i");
    Files.writeString(dir.resolve("www/sub/page"), "p");
    Files.createSymbolicLink(dir.resolve("www/out"), dir.resolve("secret"));
    Files.createSymbolicLink(dir.resolve("www/in"), dir.resolve("www/index.html"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /index.html",
        "GET /index.html\r",
        "GET //index.html",
        "GET /sub/../index.html HTTP/0.9",
        "GET /in"
      })
  void findsWhatIsBelow(String line) throws IOException {
    assertThat(files().find(line)).isEqualTo(dir.toRealPath().resolve("www/index.html"));
  }

  @Test
  void findsInSubdirectories() throws IOException {
    assertThat(files().find("GET /sub/page")).hasContent("p");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET",
        "GET ",
        "GET /",
        "GET /sub",
        "GET secret",
        "GET /missing",
        "GET /../secret",
        "GET /sub/../../secret",
        "GET /..//secret",
        "GET /./../secret",
        "GET /out",
        "GET /a\0b",
        "PUT /index.html",
        "get /index.html"
      })
  void refusesEverythingElse(String line) {
    assertThatThrownBy(() -> files().find(line)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void saysNothingUnprintable() {
    assertThatThrownBy(() -> files().find("GET /\u001b[31mred")).hasMessageContaining("/?[31mred");
  }

  private HqFiles files() throws IOException {
    return new HqFiles(dir.resolve("www"));
  }
}
