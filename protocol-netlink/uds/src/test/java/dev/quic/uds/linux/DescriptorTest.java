package dev.quic.uds.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uapi.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What hostile and careless peers and callers may do to a descriptor. */
class DescriptorTest {
  private static final byte[] ONE = {1};

  private static long openDescriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(p -> Descriptor.inode(Integer.parseInt(p.getFileName().toString())) >= 0)
          .count();
    }
  }

  /** sendmsg as only a foreign program would call it. */
  private static int rawSend(Descriptor d, int len, int... pass) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Libc.stateLayout());
      MemorySegment bytes = arena.allocate(Math.max(len, 1));
      MemorySegment iov = arena.allocate(16, 8);
      iov.set(ValueLayout.ADDRESS, 0, bytes);
      iov.set(JAVA_LONG, 8, len);
      MemorySegment msg = arena.allocate(56, 8);
      msg.set(ValueLayout.ADDRESS, 16, iov);
      msg.set(JAVA_LONG, 24, 1);
      if (pass.length > 0) {
        MemorySegment control = arena.allocate(16 + 4L * pass.length + 8, 8);
        control.set(JAVA_LONG, 0, 16 + 4L * pass.length);
        control.set(JAVA_INT, 8, Libc.SOL_SOCKET);
        control.set(JAVA_INT, 12, Libc.SCM_RIGHTS);
        for (int i = 0; i < pass.length; i++) {
          control.set(JAVA_INT, 16 + 4L * i, pass[i]);
        }
        msg.set(ValueLayout.ADDRESS, 32, control);
        msg.set(JAVA_LONG, 40, 16 + (4L * pass.length + 7 & ~7));
      }
      return Libc.sendmsg(state, d.number(), msg, Libc.MSG_DONTWAIT);
    }
  }

  @Test
  void aClosedDescriptorNeverTouchesItsNumberAgain() throws Exception {
    Descriptor[] old = Descriptor.pair();
    old[0].close();
    old[1].close();
    Descriptor[] young = Descriptor.pair();
    for (int i = 0; i < 2; i++) {
      assertThat(old[i].receive(new byte[8])).isZero();
      assertThat(old[i].send(ONE, 0, 1, -1)).isEqualTo(-Errno.EPIPE);
      assertThat(old[i].await(true, 0)).isFalse();
      assertThat(old[i].credentials()).isNull();
      assertThat(old[i].inode()).isEqualTo(-1);
      old[i].buffers(1_000);
      old[i].close();
    }
    assertThat(young[0].send(ONE, 0, 1, -1)).isEqualTo(1);
    assertThat(young[1].receive(new byte[8])).isEqualTo(1);
    young[0].close();
    young[1].close();
  }

  @Test
  void closingWakesTheReaderButLeavesCopiesAlone() throws Exception {
    for (boolean virtual : new boolean[] {false, true}) {
      Descriptor[] p = Descriptor.pair();
      Descriptor copy = new Descriptor(Dup.of(p[0].number()));
      CompletableFuture<Boolean> woken = new CompletableFuture<>();
      Runnable wait = () -> woken.complete(p[0].await(true, -1));
      Thread t = virtual ? Thread.ofVirtual().start(wait) : Thread.ofPlatform().start(wait);
      p[0].close();
      assertThat(woken.get(10, TimeUnit.SECONDS)).isFalse();
      t.join();
      assertThat(p[1].send(ONE, 0, 1, -1)).isEqualTo(1);
      assertThat(copy.receive(new byte[8])).isEqualTo(1);
      copy.close();
      assertThat(p[1].receive(new byte[8])).isZero();
      p[1].close();
    }
  }

  @Test
  void anInterruptEndsAVirtualThreadsWait() throws Exception {
    Descriptor[] p = Descriptor.pair();
    CompletableFuture<Boolean> woken = new CompletableFuture<>();
    Thread t = Thread.ofVirtual().start(() -> woken.complete(p[0].await(true, -1)));
    t.interrupt();
    assertThat(woken.get(10, TimeUnit.SECONDS)).isFalse();
    p[0].close();
    p[1].close();
  }

  @Test
  void anInterruptEndsAPlatformThreadsWait() throws Exception {
    for (int i = 0; i < 100; i++) {
      Descriptor[] p = Descriptor.pair();
      CompletableFuture<Boolean> woken = new CompletableFuture<>();
      Thread t = Thread.ofPlatform().start(() -> woken.complete(p[0].await(true, -1)));
      if (i % 2 == 0) {
        while (t.getState() == Thread.State.NEW) {
          Thread.onSpinWait();
        }
      }
      t.interrupt();
      assertThat(woken.get(10, TimeUnit.SECONDS)).isFalse();
      t.join();
      // The next wait is not disturbed by the last.
      assertThat(p[0].await(true, 1)).isFalse();
      assertThat(p[1].send(ONE, 0, 1, -1)).isEqualTo(1);
      assertThat(p[0].await(true, 10_000)).isTrue();
      p[0].close();
      p[1].close();
    }
  }

  @Test
  void emptyPacketsAreSkipped() throws Exception {
    Descriptor[] p = Descriptor.pair();
    byte[] buf = new byte[8];
    assertThat(p[0].send(ONE, 0, 0, -1)).isEqualTo(-Errno.EINVAL);
    assertThat(rawSend(p[0], 0)).isZero();
    assertThat(p[1].receive(buf)).isEqualTo(-Errno.EAGAIN);
    rawSend(p[0], 0);
    rawSend(p[0], 0);
    rawSend(p[0], 3);
    assertThat(p[1].receive(buf)).isEqualTo(3);
    p[0].close();
    assertThat(p[1].receive(buf)).isZero();
    p[1].close();
  }

  @Test
  void descriptorsNobodyAskedForAreClosed() throws Exception {
    Descriptor[] p = Descriptor.pair();
    byte[] buf = new byte[8];
    long before = openDescriptors();
    int fd = p[0].number();
    rawSend(p[0], 0, fd, fd);
    assertThat(p[1].receive(buf)).isEqualTo(-Errno.EAGAIN);
    rawSend(p[0], 1, fd);
    rawSend(p[0], 1, fd, fd, fd);
    assertThat(rawSend(p[0], 1, new int[] {fd, fd, fd, fd, fd, fd, fd, fd, fd, fd, fd, fd, fd}))
        .isEqualTo(1);
    for (int i = 0; i < 3; i++) {
      assertThat(p[1].receive(buf)).isEqualTo(1);
    }
    assertThat(openDescriptors()).isEqualTo(before + 1);
    Descriptor.close(p[1].takePassed());
    assertThat(openDescriptors()).isEqualTo(before);
    p[0].close();
    p[1].close();
  }

  @Test
  void whatIsTooLongIsRefusedAndGone() throws Exception {
    Descriptor[] p = Descriptor.pair();
    p[0].buffers(1 << 20);
    byte[] max = new byte[Scratch.BYTES + 1];
    assertThat(p[0].send(max, 0, max.length, -1)).isEqualTo(-Errno.EMSGSIZE);
    assertThat(p[0].send(max, 0, Scratch.BYTES, -1)).isEqualTo(Scratch.BYTES);
    assertThat(p[1].receive(max)).isEqualTo(Scratch.BYTES);
    assertThat(rawSend(p[0], Scratch.BYTES + 1)).isEqualTo(Scratch.BYTES + 1);
    assertThat(p[1].receive(max)).isEqualTo(-Errno.EMSGSIZE);
    assertThat(p[0].send(max, 0, 9, -1)).isEqualTo(9);
    assertThat(p[1].receive(new byte[8])).isEqualTo(-Errno.EMSGSIZE);
    assertThat(p[1].receive(max)).isEqualTo(-Errno.EAGAIN);
    p[0].close();
    p[1].close();
  }

  @Test
  void nothingOfAConfidentialPacketIsLeftBehind() throws Exception {
    Descriptor[] p = Descriptor.pair();
    p[0].confidential();
    p[1].confidential();
    byte[] secret = new byte[64];
    java.util.Arrays.fill(secret, (byte) 0x5a);
    p[0].send(secret, 0, 64, -1);
    assertThat(scratchIsClean()).isTrue();
    p[1].receive(new byte[64]);
    assertThat(scratchIsClean()).isTrue();
    p[0].close();
    p[1].close();
  }

  /** Looks at the pooled memory, which only tests of this class use now. */
  private static boolean scratchIsClean() {
    Scratch[] all = Stream.generate(Scratch::take).limit(32).toArray(Scratch[]::new);
    boolean clean = true;
    for (Scratch s : all) {
      clean &= s.bytes.get(ValueLayout.JAVA_BYTE, 5) != 0x5a;
    }
    for (Scratch s : all) {
      s.give();
    }
    return clean;
  }

  @Test
  void aBellThatRangIsSilentForTheNextWait() throws Exception {
    for (int i = 0; i < 3; i++) {
      Descriptor[] p = Descriptor.pair();
      CompletableFuture<Boolean> ready = new CompletableFuture<>();
      Thread waiting = Thread.ofPlatform().start(() -> ready.complete(p[0].await(true, -1)));
      while (waiting.getState() == Thread.State.NEW) {
        Thread.onSpinWait();
      }
      p[0].close();
      assertThat(ready.get(10, TimeUnit.SECONDS)).isFalse();
      waiting.join();
      // With the bell of the one before: no ring of its own, so only the packet may end it.
      assertThat(p[1].await(true, 10_000)).isTrue();
      p[1].close();
      Descriptor[] next = Descriptor.pair();
      assertThat(next[0].await(true, 1)).isFalse();
      assertThat(next[1].send(ONE, 0, 1, -1)).isEqualTo(1);
      assertThat(next[0].await(true, -1)).isTrue();
      next[0].close();
      next[1].close();
    }
  }

  @Test
  void bellsAreKeptForTheNextWaitUpToALimit() throws Exception {
    Descriptor bell = Bells.take();
    Bells.give(bell);
    for (int i = 0; i < 2 * Bells.SPARE; i++) {
      Bells.give(Descriptor.counter());
    }
    for (int i = 0; i < Bells.SPARE; i++) {
      assertThat(Bells.take().isClosed()).isFalse();
    }
  }
}
