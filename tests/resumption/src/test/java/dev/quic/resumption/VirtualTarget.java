package dev.quic.resumption;

import dev.quic.resumption.wire.Target;
import dev.quic.resumption.wire.Wire;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reaches a {@link VirtualServer} without delay and loss. */
final class VirtualTarget implements Target {
  /** The port of the first wire; each has the next one. */
  static final int FIRST_PORT = 50_000;

  private final VirtualTime time;
  private final Supplier<VirtualServer> server;
  private final Map<Integer, Queue<byte[]>> inboxes = new HashMap<>();
  private int nextPort = FIRST_PORT;

  /**
   * @param server asked for each datagram, so that a test may replace it
   */
  VirtualTarget(VirtualTime time, Supplier<VirtualServer> server) {
    this.time = time;
    this.server = server;
  }

  @Override
  public Wire open() {
    return new Port(nextPort++);
  }

  @Override
  public void pause(long nanos) {
    runTo(time.now() + nanos);
  }

  private void runTo(long deadline) {
    VirtualServer s = server.get();
    while (s.deadline() <= deadline) {
      time.to(s.deadline());
      s.onTimer(time.now());
      deliver();
    }
    time.to(deadline);
  }

  private void deliver() {
    for (VirtualServer.Answer a : server.get().take(time.now())) {
      Queue<byte[]> inbox = inboxes.get(a.port());
      if (inbox != null) {
        inbox.add(a.datagram());
      }
    }
  }

  private final class Port implements Wire {
    private final int number;
    private final Queue<byte[]> inbox = new ArrayDeque<>();

    Port(int number) {
      this.number = number;
      inboxes.put(number, inbox);
    }

    @Override
    public void send(byte[] datagram) {
      server.get().receive(number, datagram.clone(), time.now());
      deliver();
    }

    @Override
    public byte @Nullable [] receive(long deadline) {
      while (inbox.isEmpty() && time.now() < deadline) {
        long next = Math.max(time.now(), server.get().deadline());
        runTo(Math.min(next, deadline));
      }
      return inbox.poll();
    }

    @Override
    public long now() {
      return time.now();
    }

    @Override
    public void close() {
      inboxes.remove(number);
    }
  }
}
