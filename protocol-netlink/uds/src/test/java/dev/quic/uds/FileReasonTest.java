package dev.quic.uds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileReasonTest {
  @TempDir Path dir;

  private static String reason(ThrowingCallable use) {
    return FileReason.of(catchThrowableOfType(IOException.class, use));
  }

  @Test
  void whatTheSystemSaysIsSaidInWords() throws IOException {
    Path file = Files.write(dir.resolve("file"), new byte[] {(byte) 0xff});
    assertThat(reason(() -> Files.readString(dir.resolve("none"))))
        .isEqualTo("no such file or directory");
    assertThat(reason(() -> Files.createDirectory(file)))
        .isEqualTo("there is something else of that name");
    assertThat(reason(() -> Files.newDirectoryStream(file).close())).isEqualTo("not a directory");
    assertThat(reason(() -> Files.readAllBytes(file.resolve("below"))))
        .isEqualTo("Not a directory");
    assertThat(reason(() -> Files.readString(file, StandardCharsets.UTF_8)))
        .isEqualTo("not UTF-8 text");
    assertThat(FileReason.of(new IOException("two\nlines"))).isEqualTo("two");
    assertThat(FileReason.of(new IOException())).isEqualTo("input or output failed");
  }
}
