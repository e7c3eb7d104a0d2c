package dev.quic.dataplane.daemon.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.protocol.Entropy;
import dev.quic.dataplane.core.protocol.Host;
import dev.quic.dataplane.core.protocol.NetConfig;
import dev.quic.dataplane.core.protocol.QuicNet;
import dev.quic.dataplane.core.protocol.TxBatch;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.dataplane.core.socket.Twin;
import dev.quic.dataplane.io.ShardTask;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A listener's twins on shards that all run on the test's thread. */
class TwinsTest {
  private static final SockAddr ADDRESS = SockAddr.v4(0x7f000001, 4433);

  private final List<String> notices = new ArrayList<>();

  /** By shard: the shard whose port was the first. */
  private final Map<Integer, Integer> steered = new LinkedHashMap<>();

  private final OneShard home = new OneShard(0, 0);

  private Twins open(OneShard... others) {
    home.others = List.of(others);
    Sock listener = home.net.socket(QuicUapi.AF_INET);
    assertThat(listener.bind(0, ADDRESS)).isZero();
    assertThat(listener.listen(0, 1)).isZero();
    return Twins.open(Objects.requireNonNull(Twin.of(listener)), home, new FakeUser());
  }

  @Test
  void theLastOneOpensWithAllThereAndHasThemSteered() {
    OneShard one = new OneShard(1, 0);
    OneShard two = new OneShard(2, 0);
    Twins twins = open(one, two);
    assertThat(one.bound).isEqualTo(ADDRESS);
    assertThat(two.bound).isEqualTo(ADDRESS);
    assertThat(steered).containsExactly(entry(2, 0));
    assertThat(notices).isEmpty();
    twins.close();
    assertThat(one.bound).isNull();
    assertThat(two.bound).isNull();
  }

  @Test
  void oneThatFailsIsToldAndTheOthersServe() {
    OneShard one = new OneShard(1, Errno.EMFILE);
    OneShard two = new OneShard(2, 0);
    open(one, two);
    assertThat(one.bound).isNull();
    assertThat(two.bound).isEqualTo(ADDRESS);
    assertThat(steered).isEmpty();
    assertThat(notices)
        .containsExactly(
            "shard 1 does not listen at 127.0.0.1:4433 (EMFILE): the others take its clients");
  }

  /** Runs what is posted at once, with one UDP port or an errno instead. */
  private final class OneShard implements ShardLink, Host, Entropy {
    private final int index;
    private final int errno;
    private final QuicNet net = new QuicNet(NetConfig.single(), this);
    private List<ShardLink> others = List.of();
    private @Nullable SockAddr bound;

    OneShard(int index, int errno) {
      this.index = index;
      this.errno = errno;
    }

    @Override
    public int bindUdp(SockAddr local, boolean reusePort) {
      if (errno != 0) {
        return -errno;
      }
      bound = local;
      return 0;
    }

    @Override
    public void unbindUdp(int port) {
      bound = null;
    }

    @Override
    public SockAddr udpAddress(int port) {
      return ADDRESS;
    }

    @Override
    public SockAddr routeSource(SockAddr remote) {
      return ADDRESS;
    }

    @Override
    public void transmit(TxBatch batch) {
      throw new AssertionError("nobody is there to send to");
    }

    @Override
    public void wake(Sock sock, int mask) {}

    @Override
    public EventSink events() {
      return EventSink.NONE;
    }

    @Override
    public Entropy entropy() {
      return this;
    }

    @Override
    public void publicBytes(byte[] buf, int off, int len) {}

    @Override
    public void privateBytes(byte[] buf, int off, int len) {}

    @Override
    public int index() {
      return index;
    }

    @Override
    public List<ShardLink> others() {
      return others;
    }

    @Override
    public boolean post(ShardTask task) {
      task.run(net, 0);
      return true;
    }

    @Override
    public void steer(int handle, int homeIndex) {
      steered.put(index, homeIndex);
    }

    @Override
    public void notice(String line) {
      notices.add(line);
    }

    @Override
    public boolean isStopped() {
      return false;
    }

    @Override
    public void whenStopped(Runnable waiter) {}

    @Override
    public void forget(Runnable waiter) {}

    @Override
    public boolean onThread() {
      return true;
    }

    @Override
    public void runNow(ShardTask task) {
      task.run(net, 0);
    }

    @Override
    public void settled(Runnable work) {
      work.run();
    }

    @Override
    public long now() {
      return 0;
    }
  }
}
