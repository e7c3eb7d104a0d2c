package dev.quic.dataplane.daemon.front;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a reader that sleeps is woken: at once for little, for much when it is more or all. */
class SleepingReaderTest {
  private static final int BATCH = 60_000;

  private final ThreadLink link = new ThreadLink();
  private final FakeSock here = new FakeSock(link);
  private final FakeSock there = new FakeSock(link);
  private final List<Integer> wakes = new ArrayList<>();
  private boolean sleeps = true;
  private final Channel channel =
      new Channel(
          Channel.Mode.ON_DEMAND,
          new ChannelUser() {
            @Override
            public void wake(int what) {
              wakes.add(what);
            }

            @Override
            public boolean readerSleeps() {
              return sleeps;
            }

            @Override
            public boolean acceptRoom() {
              return false;
            }

            @Override
            public void accepted(Sock sock, long now) {}
          },
          new ChunkPool());

  SleepingReaderTest() {
    FakeSock.join(here, there);
    here.limit = 1 << 20;
    visit();
    wakes.clear();
  }

  @AfterEach
  void stop() {
    link.close();
  }

  /** True when another visit is due at once. */
  private boolean visit() {
    return channel.service(here, 0, false);
  }

  private boolean arrives(int bytes) {
    assertThat(there.sendmsg(0, new Msg().stream(0, 0), new byte[bytes], 0, bytes))
        .isEqualTo(bytes);
    return visit();
  }

  private boolean woken() {
    boolean was = wakes.stream().anyMatch(w -> (w & ChannelUser.READABLE) != 0);
    wakes.clear();
    return was;
  }

  @Test
  void littleIsToldAtOnce() {
    assertThat(arrives(1_000)).isFalse();
    assertThat(woken()).isTrue();
  }

  @Test
  void aBatchWaitsATurnForTheNext() {
    assertThat(arrives(BATCH)).isTrue();
    assertThat(woken()).isFalse();
    assertThat(visit()).isTrue();
    assertThat(woken()).isFalse();
    assertThat(visit()).isFalse();
    assertThat(woken()).isTrue();
    assertThat(visit()).isFalse();
    assertThat(woken()).isFalse();
  }

  @Test
  void batchesInARowAreToldTogether() {
    assertThat(arrives(BATCH)).isTrue();
    assertThat(visit()).isTrue();
    assertThat(arrives(BATCH)).isTrue();
    assertThat(woken()).isFalse();
    assertThat(arrives(BATCH)).isFalse();
    assertThat(woken()).isTrue();
  }

  @Test
  void theEndOfABatchIsTold() {
    assertThat(arrives(BATCH)).isTrue();
    assertThat(arrives(1_000)).isFalse();
    assertThat(woken()).isTrue();
  }

  @Test
  void theEndOfTheConnectionIsTold() {
    assertThat(arrives(BATCH)).isTrue();
    here.die(0);
    assertThat(visit()).isFalse();
    assertThat(woken()).isTrue();
  }

  @Test
  void aReaderThatIsAwakeIsNotWaitedFor() {
    sleeps = false;
    assertThat(arrives(BATCH)).isFalse();
    assertThat(woken()).isTrue();
  }

  @Test
  void roomInTheSocketIsNoRoomInTheQueue() {
    channel.grew();
    assertThat(wakes).containsExactly(ChannelUser.GREW);
  }
}
