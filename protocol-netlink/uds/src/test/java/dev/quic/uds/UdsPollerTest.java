package dev.quic.uds;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uapi.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UdsPollerTest {
  @Test
  void manyConnectionsAreWaitedForAtOnce() throws Exception {
    List<SeqPacket[]> pairs = new ArrayList<>();
    int[] read = new int[200];
    try (UdsPoller poller = new UdsPoller()) {
      for (int i = 0; i < read.length; i++) {
        SeqPacket[] p = SeqPacket.pair();
        pairs.add(p);
        int me = i;
        byte[] buf = new byte[16];
        poller.add(p[0].number(), true, false, (r, w, h) -> read[me] += p[0].tryReceive(buf));
      }
      for (int i = 0; i < read.length; i++) {
        pairs.get(i)[1].send(new byte[] {1, 2}, 0, 1 + i % 2, -1);
      }
      for (int turns = 0; turns < 10; turns++) {
        poller.poll(0);
      }
      for (int i = 0; i < read.length; i++) {
        assertThat(read[i]).isEqualTo(1 + i % 2);
      }
      assertThat(poller.size()).isEqualTo(read.length);
    }
    for (SeqPacket[] p : pairs) {
      p[0].close();
      p[1].close();
    }
  }

  @Test
  void roomAndHangUpAreReported() throws Exception {
    SeqPacket[] p = SeqPacket.pair();
    boolean[] seen = new boolean[3];
    try (UdsPoller poller = new UdsPoller()) {
      poller.add(
          p[0].number(),
          true,
          false,
          (r, w, h) -> {
            seen[0] |= r;
            seen[1] |= w;
            seen[2] |= h;
          });
      byte[] buf = new byte[1_000];
      while (p[0].trySend(buf, 0, buf.length, -1) > 0) {
        seen[0] = false;
      }
      poller.interest(p[0].number(), true, true);
      poller.poll(0);
      assertThat(seen).containsExactly(false, false, false);
      while (p[1].tryReceive(buf) != -Errno.EAGAIN) {
        seen[0] = false;
      }
      poller.poll(-1);
      assertThat(seen).containsExactly(false, true, false);
      p[1].close();
      poller.poll(-1);
      assertThat(seen).containsExactly(true, true, true);
      poller.remove(p[0].number());
      p[0].close();
    }
  }

  @Test
  void anEntryRemovedInAHandlerIsNotCalledAgain() throws Exception {
    SeqPacket[] a = SeqPacket.pair();
    SeqPacket[] b = SeqPacket.pair();
    int[] calls = {0};
    try (UdsPoller poller = new UdsPoller()) {
      UdsPoller.Handler both =
          (r, w, h) -> {
            calls[0]++;
            poller.remove(a[0].number());
            poller.remove(b[0].number());
          };
      poller.add(a[0].number(), true, false, both);
      poller.add(b[0].number(), true, false, both);
      a[1].send(new byte[1], 0, 1, -1);
      b[1].send(new byte[1], 0, 1, -1);
      poller.poll(-1);
      assertThat(calls[0]).isEqualTo(1);
      assertThat(poller.add(-1, true, false, both)).isEqualTo(-Errno.EBADF);
      assertThat(poller.size()).isZero();
    }
    for (SeqPacket p : new SeqPacket[] {a[0], a[1], b[0], b[1]}) {
      p.close();
    }
  }

  @Test
  void aWakeUpEndsTheWaitAndIsHarmlessLater() throws Exception {
    UdsPoller poller = new UdsPoller();
    Thread t = Thread.ofPlatform().start(() -> poller.poll(-1));
    poller.wakeup();
    t.join();
    poller.close();
    SeqPacket[] p = SeqPacket.pair();
    poller.wakeup();
    assertThat(p[0].tryReceive(new byte[16])).isEqualTo(-Errno.EAGAIN);
    assertThat(p[1].tryReceive(new byte[16])).isEqualTo(-Errno.EAGAIN);
    p[0].close();
    p[1].close();
  }

  /** What is closed is watched no more, and its number is free for another. */
  @Test
  void droppedAndClosedIsForgotten() throws Exception {
    List<String> told = new ArrayList<>();
    UdsPoller poller = new UdsPoller();
    try {
      SeqPacket[] first = SeqPacket.pair();
      poller.add(first[0].number(), true, false, (r, w, h) -> told.add("first"));
      first[1].send(new byte[1], 0, 1, -1);
      poller.drop(first[0].number());
      first[0].close();
      first[1].close();
      assertThat(poller.size()).isZero();
      SeqPacket[] second = SeqPacket.pair();
      int added = poller.add(second[0].number(), true, false, (r, w, h) -> told.add("second"));
      assertThat(added).isZero();
      second[1].send(new byte[1], 0, 1, -1);
      poller.poll(0);
      assertThat(told).containsExactly("second");
      second[0].close();
      second[1].close();
    } finally {
      poller.close();
    }
  }
}
