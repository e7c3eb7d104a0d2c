package dev.quic.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MarkedSectionTest {
  @TempDir Path dir;

  @Test
  void isAddedThenReplaced() throws Exception {
    Path file = dir.resolve("a.md");
    Files.writeString(file, "# Title\n");
    MarkedSection.write(file, "x", "first");
    String once = Files.readString(file);
    assertThat(once).isEqualTo("# Title\n\n<!-- begin x -->\n\nfirst\n\n<!-- end x -->\n");
    Files.writeString(file, once + "tail\n");
    MarkedSection.write(file, "x", "second\n\n");
    assertThat(Files.readString(file)).isEqualTo(once.replace("first", "second") + "tail\n");
  }

  @Test
  void otherPartsStay() {
    String two = MarkedSection.replaced(MarkedSection.replaced("", "a", "1"), "b", "2");
    assertThat(MarkedSection.replaced(two, "a", "3")).isEqualTo(two.replace("1", "3"));
  }

  @Test
  void halfAPartIsAnError() {
    assertThatThrownBy(() -> MarkedSection.replaced("<!-- begin a -->\n", "a", "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("<!-- end a -->");
    assertThatThrownBy(() -> MarkedSection.replaced("<!-- end a -->\n<!-- begin a -->\n", "a", "1"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
