package dev.quic.uds.door;

import dev.quic.uapi.Errno;
import dev.quic.uapi.netlink.AcceptReply;
import dev.quic.uapi.netlink.Attributes;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlError;
import dev.quic.uapi.netlink.NlMessage;
import dev.quic.uapi.netlink.NlRequests;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the bus. As with a real netlink socket, use one for notifications and another for
 * requests. Confined to one thread but for {@link #close}.
 */
public final class NetlinkClient implements AutoCloseable {
  /** Notifications kept while an answer is awaited; one more would say nothing new. */
  private static final int MAX_NOTIFICATIONS = 256;

  private final SeqPacket bus;
  private final int pid = (int) ProcessHandle.current().pid();
  private final byte[] in = new byte[SeqPacket.MAX_PACKET];

  /** The rest of a packet with several messages. */
  private final ArrayDeque<NlMessage> batch = new ArrayDeque<>();

  private final ArrayDeque<NlMessage> notifications = new ArrayDeque<>();

  /** The descriptor that came with the last packet, -1 for none. */
  private final AtomicInteger came = new AtomicInteger(-1);

  private int seq;

  /** A request has just left. */
  private boolean asked;

  private NetlinkClient(SeqPacket bus) {
    this.bus = bus;
  }

  /**
   * @throws ConnectException with one clear line when no data plane is there
   */
  public static NetlinkClient connect(RunDir dir) throws IOException {
    try {
      return new NetlinkClient(SeqPacket.connect(dir.netlink()));
    } catch (ConnectException e) {
      throw new ConnectException("no data plane at " + e.getMessage());
    }
  }

  /**
   * A request taken: what the consumer wants, and the grant's descriptor, which the caller now
   * owns.
   */
  public record Accepted(AcceptReply request, int grant) {}

  /** Asks for words with errors: NETLINK_EXT_ACK. @return 0 or a negated errno */
  public int extendedAcks() throws IOException {
    return membership(Nl.MEMBERSHIP_EXT_ACK, 1);
  }

  /** Resolves a family. @return its id, or a negated errno */
  public int resolve(String family) throws IOException {
    NlMessage m = ask(NlRequests.getFamily(family, ++seq, pid), -1);
    if (m.type() == Nl.NLMSG_ERROR) {
      return m.payloadInt(0);
    }
    Attributes.Attr id = m.attributes().get(Nl.CTRL_ATTR_FAMILY_ID);
    int ack = answer().payloadInt(0);
    if (ack != 0) {
      return ack;
    }
    return id == null || id.len() < 2
        ? -Errno.EPROTO
        : (id.bytes()[0] & 0xff) | ((id.bytes()[1] & 0xff) << 8);
  }

  /** Joins a multicast group. @return 0 or a negated errno */
  public int join(int group) throws IOException {
    return membership(Nl.MEMBERSHIP_ADD, group);
  }

  /** Leaves a multicast group. @return 0 or a negated errno */
  public int leave(int group) throws IOException {
    return membership(Nl.MEMBERSHIP_DROP, group);
  }

  private int membership(int op, int value) throws IOException {
    return ask(NlRequests.membership(op, value, ++seq, pid), -1).payloadInt(0);
  }

  /** Waits for the next notification. @return its message, or null when the bus is closed */
  public @Nullable NlMessage awaitNotification() throws IOException {
    NlMessage m = notifications.poll();
    m = m != null ? m : next();
    while (m != null && !isNotification(m)) {
      m = next();
    }
    return m;
  }

  /** Takes a pending request of the tlshd class; null when there is none (EAGAIN). */
  public @Nullable Accepted accept() throws IOException {
    return accept(0);
  }

  /**
   * As {@link #accept()}.
   *
   * @param features {@code Nl.FEATURE_*} the caller knows; the answer tells which the grant has
   */
  public @Nullable Accepted accept(int features) throws IOException {
    byte[] request = NlRequests.accept(Nl.HANDLER_CLASS_TLSHD, features, ++seq, pid);
    NlMessage m = ask(request, -1);
    AcceptReply reply = AcceptReply.decode(m);
    int grant = reply == null ? -1 : came.getAndSet(-1);
    if (reply != null && grant >= 0) {
      return new Accepted(reply.withSockfd(grant), grant);
    }
    NlError error = NlError.decode(m);
    if (error == null || error.errno() == 0) {
      throw new DoorClient.DoorException(Errno.EPROTO, "ACCEPT");
    }
    if (error.errno() == Errno.EAGAIN) {
      return null;
    }
    throw new DoorClient.DoorException(error.errno(), "ACCEPT");
  }

  /**
   * Ends a request.
   *
   * @param status 0 or a positive errno
   * @param grant the descriptor ACCEPT gave; stays open
   * @return 0 or a negated errno
   */
  public int done(int status, int grant, List<Integer> peers) throws IOException {
    return done(status, grant, peers, List.of(), new byte[0]);
  }

  /**
   * As {@link #done(int, int, List)}, with session tags and the channel binding.
   *
   * @param channelBinding empty for none
   */
  public int done(
      int status, int grant, List<Integer> peers, List<String> tags, byte[] channelBinding)
      throws IOException {
    byte[] message = NlRequests.done(status, grant, peers, tags, channelBinding, true, ++seq, pid);
    return ask(message, grant).payloadInt(0);
  }

  /** Sends a request. @return the first message that answers it */
  private NlMessage ask(byte[] request, int pass) throws IOException {
    bus.send(request, 0, request.length, pass);
    asked = true;
    return answer();
  }

  private NlMessage answer() throws IOException {
    NlMessage m = next();
    while (m != null && (m.seq() != seq || isNotification(m))) {
      if (isNotification(m) && notifications.size() < MAX_NOTIFICATIONS) {
        notifications.add(m);
      }
      m = next();
    }
    if (m == null) {
      throw new IOException("the data plane closed the bus");
    }
    return m;
  }

  private static boolean isNotification(NlMessage m) {
    return m.type() == Nl.GENL_ID_HANDSHAKE && m.seq() == 0;
  }

  /** The next message; null at the end. */
  private @Nullable NlMessage next() throws IOException {
    while (batch.isEmpty()) {
      // Before waiting: it could be the data plane's own end, whose closing would go unseen.
      discard();
      // What answers a request is not there as soon as it is sent.
      int n = asked ? bus.receiveLater(in, -1) : bus.receive(in, -1);
      asked = false;
      came.set(bus.takeDescriptor());
      if (n == 0) {
        return null;
      }
      if (n < 0) {
        throw new IOException("bus: " + Errno.name(n));
      }
      batch.addAll(NlMessage.split(in, n));
    }
    return batch.poll();
  }

  private void discard() {
    int unwanted = came.getAndSet(-1);
    if (unwanted >= 0) {
      SeqPacket.closeDescriptor(unwanted);
    }
  }

  @Override
  public void close() {
    bus.close();
    discard();
  }
}
