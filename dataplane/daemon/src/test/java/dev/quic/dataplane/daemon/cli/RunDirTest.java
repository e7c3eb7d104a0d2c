package dev.quic.dataplane.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit
class RunDirTest {
  @TempDir Path temp;

  @Test
  void oneDataPlaneAtATime() throws Exception {
    Path dir = temp.resolve("a/b");
    RunDir first = RunDir.open(dir);
    assertThatThrownBy(() -> RunDir.open(dir))
        .isInstanceOf(StartException.class)
        .hasMessage("another data plane runs in " + dir);
    first.close();
    RunDir.open(dir).close();
  }

  @Test
  void whatOthersCanWriteIsRefused() throws Exception {
    Path dir = Files.createDirectory(temp.resolve("open"));
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> RunDir.open(dir))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("can be written by others");
    Path link = Files.createSymbolicLink(temp.resolve("link"), temp);
    assertThatThrownBy(() -> RunDir.open(link))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("is not a directory");
  }

  @Test
  void aDirectoryThatCannotBeMadeIsOneClearLine() throws Exception {
    Path dir = Files.createFile(temp.resolve("file")).resolve("below");
    assertThatThrownBy(() -> RunDir.open(dir))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("cannot use run directory " + dir + ": ")
        .hasMessageNotContaining("Exception")
        .hasMessageNotContaining("NoSuchFile")
        .hasMessageEndingWith("; name another with --run-dir");
  }

  @Test
  void thePlaceWithoutAnOption() {
    assertThat(RunDir.standard(Map.of("QUIC_RUN_DIR", "/x"), true)).isEqualTo(Path.of("/x"));
    assertThat(RunDir.standard(Map.of("XDG_RUNTIME_DIR", "/y"), true))
        .isEqualTo(Path.of("/run/quic"));
    assertThat(RunDir.standard(Map.of("XDG_RUNTIME_DIR", "/y"), false))
        .isEqualTo(Path.of("/y/quic"));
    assertThat(RunDir.standard(Map.of(), false)).isNull();
  }
}
