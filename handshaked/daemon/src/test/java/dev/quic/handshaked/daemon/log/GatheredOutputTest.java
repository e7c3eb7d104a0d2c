package dev.quic.handshaked.daemon.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class GatheredOutputTest {
  private static final Duration FOR_EVER = Duration.ofDays(1);

  /** Each write of its own, and only with a permit. */
  private static final class Gate extends OutputStream {
    final Semaphore permits;
    final List<String> writes = new CopyOnWriteArrayList<>();

    Gate(int permits) {
      this.permits = new Semaphore(permits);
    }

    @Override
    public void write(int b) throws IOException {
      throw new IOException("byte by byte");
    }

    @Override
    public void write(byte[] bytes, int off, int len) {
      permits.acquireUninterruptibly();
      writes.add(new String(bytes, off, len, StandardCharsets.US_ASCII));
    }

    String all() {
      return String.join("", writes);
    }
  }

  private static void say(GatheredOutput out, String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.US_ASCII);
    out.write(bytes, 0, bytes.length);
  }

  @Test
  void whatComesDuringAWriteLeavesWithTheNext() {
    Gate gate = new Gate(0);
    GatheredOutput out = new GatheredOutput(gate, Duration.ZERO);
    say(out, "first");
    await().until(gate.permits::hasQueuedThreads);
    StringBuilder rest = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      say(out, "line " + i);
      rest.append("line ").append(i).append('\n');
    }
    gate.permits.release(2);
    await().until(() -> gate.writes.size() == 2);
    assertThat(gate.writes).containsExactly("first\n", rest.toString());
  }

  @Test
  void waitsForMoreUntilSomebodyIsInAHurry() {
    Gate gate = new Gate(1);
    GatheredOutput out = new GatheredOutput(gate, FOR_EVER);
    say(out, "one");
    say(out, "two");
    assertThat(gate.writes).isEmpty();
    out.hurry();
    await().until(() -> !gate.writes.isEmpty());
    assertThat(gate.writes).containsExactly("one\ntwo\n");
  }

  @Test
  void blocksAtItsLimitAndDropsNothing() throws Exception {
    Gate gate = new Gate(0);
    GatheredOutput out = new GatheredOutput(gate, Duration.ZERO);
    String half = "x".repeat(GatheredOutput.LIMIT / 2);
    AtomicInteger said = new AtomicInteger();
    Thread author =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 1; i <= 3; i++) {
                say(out, i + half);
                said.incrementAndGet();
              }
            });
    // One is being written, one waits, the third has no room.
    await().until(() -> said.get() == 2 && author.getState() == Thread.State.WAITING);
    gate.permits.release(3);
    author.join();
    out.end();
    assertThat(gate.all()).isEqualTo("1" + half + "\n2" + half + "\n3" + half + "\n");
  }

  @Test
  void aPieceLongerThanTheLimitIsWrittenWhole() {
    Gate gate = new Gate(10);
    GatheredOutput out = new GatheredOutput(gate, FOR_EVER);
    String endless = "y".repeat(3 * GatheredOutput.LIMIT);
    say(out, "before");
    say(out, endless);
    say(out, "after");
    out.end();
    assertThat(gate.all()).isEqualTo("before\n" + endless + "\nafter\n");
  }

  @Test
  void theEndLosesNothingAndOthersMayGoOn() throws Exception {
    Gate gate = new Gate(Integer.MAX_VALUE);
    GatheredOutput out = new GatheredOutput(gate, FOR_EVER);
    int lines = 20_000;
    List<Thread> authors = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      authors.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < lines; i++) {
                  say(out, name + i);
                }
              }));
    }
    out.end();
    for (Thread author : authors) {
      author.join();
    }
    say(out, "last");
    List<String> all = gate.all().lines().toList();
    assertThat(all).hasSize(3 * lines + 1).endsWith("last");
    for (String name : List.of("a", "b", "c")) {
      List<String> own = all.stream().filter(line -> line.startsWith(name)).toList();
      for (int i = 0; i < lines; i++) {
        assertThat(own.get(i)).isEqualTo(name + i);
      }
    }
  }
}
