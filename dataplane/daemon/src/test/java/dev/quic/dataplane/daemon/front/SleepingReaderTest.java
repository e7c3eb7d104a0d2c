package dev.quic.dataplane.daemon.front;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a reader that sleeps is woken: at once for little, for much when it is more or all. */
class SleepingReaderTest {
  private static final int BATCH = 60_000;

  private final ThreadLink link = new ThreadLink();
  private final FakeSock here = new FakeSock(link);
  private final FakeSock there = new FakeSock(link);
  private final FakeUser user = new FakeUser();
  private final Channel channel = new Channel(Channel.Mode.ON_DEMAND, user, new ChunkPool());

  SleepingReaderTest() {
    FakeSock.join(here, there);
    user.sleeps = true;
    here.limit = 1 << 20;
    visit();
    user.wakes.clear();
  }

  @AfterEach
  void stop() {
    link.close();
  }

  /** True when another visit is due at once. */
  private boolean visit() {
    return channel.service(here, link, 0, false);
  }

  private boolean arrives(int bytes) {
    assertThat(there.sendmsg(0, new Msg().stream(0, 0), new byte[bytes], 0, bytes))
        .isEqualTo(bytes);
    return visit();
  }

  private boolean woken() {
    boolean was = user.wakes.stream().anyMatch(w -> (w & ChannelUser.READABLE) != 0);
    user.wakes.clear();
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
    user.sleeps = false;
    assertThat(arrives(BATCH)).isFalse();
    assertThat(woken()).isTrue();
  }

  @Test
  void roomInTheSocketIsNoRoomInTheQueue() {
    channel.grew();
    assertThat(user.wakes).containsExactly(ChannelUser.GREW);
  }
}
