package dev.quic.dataplane.daemon.front;

import dev.quic.dataplane.core.socket.Sock;
import java.util.ArrayList;
import java.util.List;

/** A user of a channel that accepts nothing and notes what it was woken for. */
final class FakeUser implements ChannelUser {
  final List<Integer> wakes = new ArrayList<>();
  boolean sleeps;

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
  public void accepted(Sock sock, ShardLink link, long now) {}
}
