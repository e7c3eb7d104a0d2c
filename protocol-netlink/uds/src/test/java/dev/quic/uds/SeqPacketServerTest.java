package dev.quic.uds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeqPacketServerTest {
  @TempDir Path dir;

  @Test
  void theFileHasTheModeAskedFor() throws Exception {
    Path path = dir.resolve("s");
    for (String mode : new String[] {"rw-------", "rw-rw-rw-"}) {
      SeqPacketServer server = SeqPacketServer.listen(path, 8, mode);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo(mode);
      server.close();
      assertThat(path).doesNotExist();
    }
  }

  @Test
  void onlyADeadSocketIsReplaced() throws Exception {
    Path path = dir.resolve("s");
    Files.writeString(path, "mine");
    assertThatThrownBy(() -> SeqPacketServer.listen(path, 8, "rw-------"))
        .hasMessageContaining("no socket");
    Files.delete(path);
    Files.createSymbolicLink(path, dir.resolve("elsewhere"));
    assertThatThrownBy(() -> SeqPacketServer.listen(path, 8, "rw-------"))
        .hasMessageContaining("no socket");
    Files.delete(path);
    Files.move(deadSocket(), path);
    SeqPacketServer.listen(path, 8, "rw-------").close();
    assertThat(path).doesNotExist();
  }

  /** A socket file whose process is gone. */
  private Path deadSocket() throws Exception {
    Path from = dir.resolve("first");
    SeqPacketServer dies = SeqPacketServer.listen(from, 8, "rw-------");
    Path kept = dir.resolve("kept");
    Files.move(from, kept);
    dies.close();
    return kept;
  }

  @Test
  void aServerRemovesNobodyElsesFile() throws Exception {
    Path path = dir.resolve("s");
    SeqPacketServer first = SeqPacketServer.listen(path, 8, "rw-------");
    Files.delete(path);
    try (SeqPacketServer second = SeqPacketServer.listen(path, 8, "rw-------")) {
      first.close();
      assertThat(path).exists();
      SeqPacket.connect(path).close();
      assertThat(second.tryAccept()).isNotNull();
    }
  }

  @Test
  void whyThereIsNoConnectionIsSaidInOneLine() throws Exception {
    assertThatThrownBy(() -> SeqPacket.connect(dir.resolve("nothing")))
        .isInstanceOf(ConnectException.class)
        .hasMessage(dir.resolve("nothing") + ": no such socket");
    Path dead = deadSocket();
    assertThatThrownBy(() -> SeqPacket.connect(dead))
        .isInstanceOf(ConnectException.class)
        .hasMessage(dead + ": nobody listens there");
    assertThatThrownBy(() -> SeqPacket.connect(dir.resolve("x".repeat(200))))
        .hasMessageContaining("at most 107 bytes");
  }

  @Test
  void moreClientsThanTheBacklogWaitTheirTurn() throws Exception {
    Path path = dir.resolve("s");
    try (SeqPacketServer server = SeqPacketServer.listen(path, 1, "rw-------")) {
      List<CompletableFuture<SeqPacket>> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        clients.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return SeqPacket.connect(path);
                  } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                },
                r -> Thread.ofPlatform().start(r)));
      }
      UdsPoller poller = new UdsPoller();
      List<SeqPacket> accepted = new ArrayList<>();
      poller.add(
          server.number(),
          true,
          false,
          (r, w, h) -> accepted.add(Objects.requireNonNull(server.tryAccept())));
      while (accepted.size() < 20) {
        poller.poll(-1);
      }
      for (CompletableFuture<SeqPacket> c : clients) {
        c.get(10, TimeUnit.SECONDS).close();
      }
      accepted.forEach(SeqPacket::close);
      poller.close();
      assertThat(server.tryAccept()).isNull();
    }
  }

  /** The point of it all: a data descriptor works in another process. */
  @Test
  void aDescriptorWorksInAnotherProcess() throws Exception {
    Path path = dir.resolve("s");
    try (SeqPacketServer server = SeqPacketServer.listen(path, 8, "rw-------")) {
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-Xshare:auto",
                  "-cp",
                  System.getProperty("java.class.path"),
                  EchoChild.class.getName(),
                  path.toString())
              .inheritIO()
              .start();
      UdsPoller poller = new UdsPoller();
      List<SeqPacket> accepted = new ArrayList<>();
      poller.add(
          server.number(),
          true,
          false,
          (r, w, h) -> accepted.add(Objects.requireNonNull(server.tryAccept())));
      while (accepted.isEmpty()) {
        poller.poll(-1);
      }
      poller.close();
      SeqPacket control = accepted.get(0);
      assertThat(Objects.requireNonNull(control.credentials()).pid()).isEqualTo((int) child.pid());
      SeqPacket[] data = SeqPacket.pair();
      data[0].buffers(1 << 20);
      control.send(new byte[] {1}, 0, 1, data[1].number());
      data[1].close();
      byte[] big = new byte[SeqPacket.MAX_PACKET];
      big[SeqPacket.MAX_PACKET - 1] = 42;
      data[0].send(big, 0, big.length, -1);
      byte[] back = new byte[SeqPacket.MAX_PACKET];
      assertThat(data[0].receive(back, 30_000)).isEqualTo(big.length);
      assertThat(back).isEqualTo(big);
      control.close();
      assertThat(data[0].receive(back, 30_000)).isZero();
      assertThat(child.waitFor()).isZero();
      data[0].close();
    }
  }
}
