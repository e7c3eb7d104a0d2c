package dev.quic.dataplane.daemon.handshake;

import dev.quic.dataplane.daemon.door.Conductor;
import dev.quic.dataplane.daemon.door.Endpoint;
import dev.quic.uapi.Errno;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlAcks;
import dev.quic.uapi.netlink.NlParser;
import dev.quic.uapi.netlink.NlReplies;
import dev.quic.uapi.netlink.NlRequest;
import dev.quic.uapi.netlink.NlWriter;
import dev.quic.uds.PeerCredentials;
import dev.quic.uds.SeqPacket;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One connection to {@code netlink.sock}. Whatever it sends, it gets an answer with an errno at
 * worst. What it does not read waits in a bounded queue; what does not fit is dropped, and the
 * reader gets ENOBUFS and one READY for every request that still waits. The conductor's thread.
 */
final class BusConnection implements Endpoint {
  private static final byte[] OVERRUN =
      new NlWriter().begin(Nl.NLMSG_ERROR, 0, 0, 0).u32(-Errno.ENOBUFS).end().toBytes();

  /** A message on its way out. */
  private static final class Outgoing {
    final byte[] bytes;
    final @Nullable SeqPacket along;

    Outgoing(byte[] bytes, @Nullable SeqPacket along) {
      this.bytes = bytes;
      this.along = along;
    }

    void dispose() {
      if (along != null) {
        along.close();
      }
    }
  }

  private final BusServer bus;
  private final Conductor conductor;
  private final SeqPacket line;
  private final @Nullable PeerCredentials peer;
  private final Set<Integer> groups = new HashSet<>();
  private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>();
  private NlAcks acks = NlAcks.PLAIN;
  private boolean overrun;
  private boolean writing;
  private final Runnable retry = this::writable;
  private boolean over;

  BusConnection(BusServer bus, Conductor conductor, SeqPacket line) {
    this.bus = bus;
    this.conductor = conductor;
    this.line = line;
    peer = line.credentials();
  }

  @Nullable PeerCredentials peer() {
    return peer;
  }

  boolean isMember(int group) {
    return groups.contains(group);
  }

  // Requests.

  @Override
  public void readable() {
    if (over) {
      return;
    }
    // One packet: a daemon waits for its answer, and what else there is the poller tells again.
    int n = line.tryReceive(conductor.in());
    if (n == -Errno.EAGAIN) {
      return;
    }
    int came = line.takeDescriptor();
    if (n <= 0 && n != -Errno.EMSGSIZE) {
      end();
      return;
    }
    if (n > 0) {
      packet(NlParser.parse(conductor.in(), n, bus.mayAccept(this)), came);
    }
    if (came >= 0) {
      SeqPacket.closeDescriptor(came);
    }
  }

  private void packet(List<NlRequest> requests, int came) {
    int left = BusLimits.REQUESTS_PER_PACKET;
    for (NlRequest r : requests) {
      if (left-- == 0 || over) {
        return;
      }
      byte[] answer = NlReplies.result(r, request(r, came), acks);
      if (answer != null) {
        send(answer, null);
      }
    }
  }

  /**
   * @return a positive errno, 0 for success
   */
  private int request(NlRequest request, int came) {
    return switch (request) {
      case NlRequest.GetFamily r -> {
        send(NlReplies.family(r.message()), null);
        yield 0;
      }
      case NlRequest.Membership r -> membership(r);
      case NlRequest.Accept r -> bus.accept(this, r);
      case NlRequest.Done r -> bus.done(r, came);
      case NlRequest.Noop r -> 0;
      case NlRequest.Bad r -> r.errno();
    };
  }

  private int membership(NlRequest.Membership r) {
    if (r.op() == Nl.MEMBERSHIP_EXT_ACK || r.op() == Nl.MEMBERSHIP_CAP_ACK) {
      acks = acks.after(r);
      return 0;
    }
    int handlerClass = BusServer.handlerClass(r.group());
    boolean known = r.op() == Nl.MEMBERSHIP_ADD || r.op() == Nl.MEMBERSHIP_DROP;
    if (handlerClass < 0 || !known) {
      return Errno.EINVAL;
    }
    if (r.op() == Nl.MEMBERSHIP_DROP) {
      groups.remove(r.group());
      bus.membersChanged();
    } else if (groups.add(r.group())) {
      bus.membersChanged();
      // After the acknowledgement, as everything that follows the subscription.
      conductor.execute(() -> bus.catchUp(this, handlerClass));
    }
    return 0;
  }

  // Answers and notifications.

  /**
   * Sends a message, or queues it.
   *
   * @param along a descriptor to pass, closed here afterwards
   * @return false when the reader is too slow: the message is lost
   */
  boolean send(byte[] message, @Nullable SeqPacket along) {
    if (over || waiting.size() >= BusLimits.QUEUED_MESSAGES) {
      overrun = true;
      bus.countDrop();
      if (along != null) {
        along.close();
      }
      return false;
    }
    waiting.add(new Outgoing(message, along));
    writable();
    return true;
  }

  @Override
  public void writable() {
    boolean blocked = false;
    for (Outgoing o = waiting.peek(); o != null && !over; o = waiting.peek()) {
      int pass = o.along == null ? -1 : o.along.number();
      int n = line.trySend(o.bytes, 0, o.bytes.length, pass);
      if (n == -Errno.EAGAIN) {
        blocked = true;
        break;
      }
      if (n == -Errno.ETOOMANYREFS) {
        // No descriptor can be passed now, since others have not taken theirs.
        conductor.later(retry);
        break;
      }
      waiting.poll();
      o.dispose();
      if (n < 0 && n != -Errno.EMSGSIZE) {
        end();
      }
    }
    if (over) {
      return;
    }
    if (blocked != writing) {
      writing = blocked;
      conductor.interest(line, true, blocked);
    }
    if (overrun && waiting.isEmpty()) {
      overrun = false;
      send(OVERRUN, null);
      // A copy: sending may find that the daemon is gone.
      List.copyOf(groups).forEach(g -> bus.catchUp(this, BusServer.handlerClass(g)));
    }
  }

  // The end.

  @Override
  public void hangup() {
    end();
  }

  void end() {
    if (over) {
      return;
    }
    over = true;
    conductor.forget(line);
    line.close();
    waiting.forEach(Outgoing::dispose);
    waiting.clear();
    groups.clear();
    bus.gone(this);
  }
}
