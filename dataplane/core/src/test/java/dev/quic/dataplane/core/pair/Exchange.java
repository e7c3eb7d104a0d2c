package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Requests and answers, one after the other, between programs that take no time: how long each
 * exchange takes is what the transport makes of it.
 */
final class Exchange {
  private static final long SECOND = 1_000_000_000L;
  private static final int NEW = QuicUapi.MSG_QUIC_STREAM_NEW;
  private static final int FIN = QuicUapi.MSG_QUIC_STREAM_FIN;

  /** What is still to be written of a message. */
  private record Rest(long stream, int flags, int bytes) {}

  private final World world;
  private final Sock client;
  private final Sock server;
  private final byte[] data = new byte[1 << 20];
  private final byte[] buf = new byte[65_536];
  private final Msg msg = new Msg();
  private final ArrayDeque<Rest> asking = new ArrayDeque<>();
  private final ArrayDeque<Rest> answering = new ArrayDeque<>();
  private final Map<Long, Integer> asked = new HashMap<>();

  /** Bytes of a request and of its answer. */
  int request = 1_024;

  int answer = 1_024;

  /** Streams opened in turn; each request goes on a new one, and ends it, when there are none. */
  int streams = 1;

  /** Whether the server's program sends what it read at once, before it has read all. */
  boolean echoes;

  /** Whether the server's plane has a turn between its program's reading and its writing. */
  boolean apart;

  /** Bytes a program writes at most before its plane has a turn. */
  int piece = 1 << 20;

  private long next;
  private int answered;
  private boolean ended;
  private long longest;

  Exchange(long roundTrip) {
    world = new World(11);
    world.delay = roundTrip / 2;
    PairTest.Ends e = PairTest.connect(world);
    assertThat(world.run(10 * SECOND, e::established)).isTrue();
    // Past the handshake, so that nothing of it is in the way.
    world.run(SECOND, () -> false);
    client = e.client.sock;
    server = e.needServer().sock;
    client.watch((s, mask) -> clientReady());
    server.watch((s, mask) -> serverReady());
  }

  /** Does so many; returns the virtual time the longest took, ns. */
  long run(int count) {
    for (int i = 0; i < count; i++) {
      long begin = world.now;
      one(i);
      longest = Math.max(longest, world.now - begin);
    }
    return longest;
  }

  private void one(int i) {
    boolean fresh = streams == 0;
    long id = fresh ? 4 * next++ : 4L * (i % streams);
    boolean first = fresh || next <= i % streams && next++ >= 0;
    int flags = (first ? NEW : 0) | fin();
    answered = 0;
    ended = false;
    asking.add(new Rest(id, flags, request));
    boolean done =
        world.run(
            10 * SECOND,
            () -> {
              writeAll(world.client, client, asking);
              writeAll(world.server, server, answering);
              return asking.isEmpty() && answered == answer && ended == fresh;
            });
    assertThat(done).as("exchange %s: %s of %s bytes", i, answered, answer).isTrue();
  }

  private int fin() {
    return streams == 0 ? FIN : 0;
  }

  private void writeAll(World.Node plane, Sock sock, ArrayDeque<Rest> rests) {
    while (write(sock, rests)) {
      plane.turn();
    }
  }

  /** Writes a piece; false when there is none, or the socket takes none. */
  private boolean write(Sock sock, ArrayDeque<Rest> rests) {
    Rest r = rests.peek();
    if (r == null) {
      return false;
    }
    int len = Math.min(piece, r.bytes);
    int flags = len < r.bytes ? r.flags & ~FIN : r.flags;
    int n = sock.sendmsg(world.now, msg.reset().stream(r.stream, flags), data, 0, len);
    if (n < 0) {
      assertThat(n).isIn(-Errno.EAGAIN, -Errno.ENOSPC);
      return false;
    }
    rests.poll();
    if (n < r.bytes) {
      rests.addFirst(new Rest(r.stream, r.flags & ~NEW, r.bytes - n));
    }
    return true;
  }

  private void clientReady() {
    int n;
    while ((n = client.recvmsg(world.now, msg.reset(), buf, 0, buf.length)) >= 0) {
      answered += n;
      ended |= (msg.streamFlags & FIN) != 0;
    }
  }

  private void serverReady() {
    int n;
    while ((n = server.recvmsg(world.now, msg.reset(), buf, 0, buf.length)) >= 0) {
      long id = msg.streamId;
      int all = asked.merge(id, n, Integer::sum);
      if (echoes && n > 0) {
        answering.add(new Rest(id, 0, n));
      } else if (!echoes && all == request) {
        answering.add(new Rest(id, fin(), answer));
      }
      if (all == request) {
        asked.remove(id);
      }
    }
    while (!apart && write(server, answering)) {
      // As much as the socket takes.
    }
  }
}
