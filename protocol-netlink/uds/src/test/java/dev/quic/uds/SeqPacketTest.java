package dev.quic.uds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uapi.Errno;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeqPacketTest {
  @TempDir Path dir;

  @Test
  void packetsKeepTheirBorders() throws Exception {
    SeqPacket[] p = SeqPacket.pair();
    byte[] big = new byte[65_000];
    big[64_999] = 7;
    p[0].buffers(1 << 20);
    assertThat(p[0].trySend(new byte[] {1, 2, 3}, 0, 3, -1)).isEqualTo(3);
    assertThat(p[0].trySend(big, 0, big.length, -1)).isEqualTo(big.length);
    byte[] buf = new byte[SeqPacket.MAX_PACKET];
    assertThat(p[1].tryReceive(buf)).isEqualTo(3);
    assertThat(p[1].tryReceive(buf)).isEqualTo(big.length);
    assertThat(buf[64_999]).isEqualTo((byte) 7);
    assertThat(p[1].tryReceive(buf)).isEqualTo(-Errno.EAGAIN);
    p[0].close();
    assertThat(p[1].tryReceive(buf)).isZero();
    p[1].close();
  }

  @Test
  void aPacketInTwoPiecesArrivesAsOne() throws Exception {
    SeqPacket[] p = SeqPacket.pair();
    byte[] body = {0, 4, 5, 6, 0};
    assertThat(p[0].trySend(new byte[] {1, 2, 3, 0}, 3, body, 1, 3)).isEqualTo(6);
    assertThat(p[0].trySend(new byte[] {7}, 1, body, 0, 0)).isEqualTo(1);
    int tooLong = SeqPacket.MAX_PACKET;
    assertThat(p[0].trySend(new byte[] {7}, 1, new byte[tooLong], 0, tooLong))
        .isEqualTo(-Errno.EMSGSIZE);
    byte[] buf = new byte[16];
    assertThat(p[1].tryReceive(buf)).isEqualTo(6);
    assertThat(buf).startsWith(1, 2, 3, 4, 5, 6, 0);
    assertThat(p[1].tryReceive(buf)).isEqualTo(1);
    assertThat(buf[0]).isEqualTo((byte) 7);
    p[0].close();
    p[1].close();
  }

  /** What fits goes where it was asked for, all of it to who takes it apart. */
  @Test
  void aPacketIsTakenApart() throws Exception {
    SeqPacket[] p = SeqPacket.pair();
    byte[] head = {0, 0, 0, 99};
    byte[] body = new byte[8];
    int[] length = {-1};
    PacketTaker taker =
        (n, packet) -> {
          length[0] = n;
          packet.copy(2, body, 1, n - 2);
        };
    assertThat(p[1].tryReceive(head, taker)).isEqualTo(-Errno.EAGAIN);
    assertThat(length[0]).isEqualTo(-1);
    p[0].trySend(new byte[] {1, 2, 3, 4, 5, 6}, 0, 6, -1);
    assertThat(p[1].tryReceive(head, taker)).isEqualTo(6);
    assertThat(length[0]).isEqualTo(6);
    assertThat(head).containsExactly(1, 2, 3, 4);
    assertThat(body).containsExactly(0, 3, 4, 5, 6, 0, 0, 0);
    p[0].trySend(new byte[] {7, 8, 9}, 0, 3, -1);
    assertThat(p[1].receive(head, taker, 1_000)).isEqualTo(3);
    assertThat(head).containsExactly(7, 8, 9, 4);
    assertThat(body).startsWith(0, 9, 4);
    p[0].close();
    assertThat(p[1].receive(head, taker, 1_000)).isZero();
    assertThat(length[0]).isEqualTo(3);
    p[1].close();
  }

  @Test
  void descriptorsTravelAndKeepTheirInode() throws Exception {
    try (SeqPacketServer server = SeqPacketServer.listen(dir.resolve("s"), 8, "rw-rw-rw-");
        SeqPacket client = SeqPacket.connect(dir.resolve("s"))) {
      SeqPacket in = server.tryAccept();
      if (in == null) {
        throw new AssertionError("no connection waits");
      }
      PeerCredentials who = in.credentials();
      assertThat(who == null ? -1 : who.pid()).isEqualTo((int) ProcessHandle.current().pid());
      SeqPacket[] p = SeqPacket.pair();
      in.send(new byte[] {9}, 0, 1, p[1].number());
      byte[] buf = new byte[16];
      assertThat(client.receive(buf, 1_000)).isEqualTo(1);
      int got = client.takeDescriptor();
      assertThat(SeqPacket.inode(got)).isEqualTo(p[1].inode());
      p[1].close();
      SeqPacket adopted = SeqPacket.adopt(got);
      p[0].send(new byte[] {5, 6}, 0, 2, -1);
      assertThat(adopted.receive(buf, 1_000)).isEqualTo(2);
      adopted.close();
      assertThat(p[0].receive(buf, 1_000)).isZero();
      in.close();
    }
  }

  @Test
  void closingWakesAReaderOnAnyKindOfThread() throws Exception {
    for (boolean virtual : new boolean[] {false, true}) {
      SeqPacket[] p = SeqPacket.pair();
      CompletableFuture<Integer> read = new CompletableFuture<>();
      Runnable reader = () -> read.complete(p[0].receive(new byte[16], -1));
      Thread t = virtual ? Thread.ofVirtual().start(reader) : Thread.ofPlatform().start(reader);
      p[0].close();
      assertThat(read.get(10, TimeUnit.SECONDS)).isZero();
      t.join();
      p[1].close();
    }
  }

  @Test
  void aBlockedReaderGetsWhatComesLater() throws Exception {
    for (boolean virtual : new boolean[] {false, true}) {
      SeqPacket[] p = SeqPacket.pair();
      CompletableFuture<Integer> read = new CompletableFuture<>();
      Runnable reader = () -> read.complete(p[0].receive(new byte[16], 10_000));
      Thread t = virtual ? Thread.ofVirtual().start(reader) : Thread.ofPlatform().start(reader);
      p[1].send(new byte[4], 0, 4, -1);
      assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(4);
      t.join();
      p[0].close();
      p[1].close();
    }
  }

  @Test
  void aSecondListenerIsRefusedAndAStaleFileReplaced() throws Exception {
    Path path = dir.resolve("s");
    try (SeqPacketServer first = SeqPacketServer.listen(path, 8, "rw-------")) {
      assertThat(first.number()).isPositive();
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> SeqPacketServer.listen(path, 8, "rw-------"))
          .hasMessageContaining("in use");
    }
    SeqPacketServer.listen(path, 8, "rw-------").close();
  }
}
