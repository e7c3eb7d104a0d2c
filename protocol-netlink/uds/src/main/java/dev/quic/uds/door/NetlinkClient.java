package dev.quic.uds.door;

import dev.quic.uapi.Errno;
import dev.quic.uapi.netlink.AcceptReply;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlMessage;
import dev.quic.uapi.netlink.NlRequests;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the bus. As with a real netlink socket, use one for notifications and another for
 * requests. Confined to one thread but for {@link #close}.
 */
public final class NetlinkClient implements AutoCloseable {
  private final SeqPacket bus;
  private final int pid = (int) ProcessHandle.current().pid();
  private final byte[] in = new byte[SeqPacket.MAX_PACKET];

  /** Notifications that came while an answer was awaited; the data plane bounds how many. */
  private final ArrayDeque<NlMessage> notifications = new ArrayDeque<>();

  private int seq;

  private NetlinkClient(SeqPacket bus) {
    this.bus = bus;
  }

  public static NetlinkClient connect(RunDir dir) throws IOException {
    try {
      return new NetlinkClient(SeqPacket.connect(dir.netlink()));
    } catch (ConnectException e) {
      throw new ConnectException("no data plane at " + dir.netlink() + " (" + e.getMessage() + ")");
    }
  }

  /**
   * A request taken: what the consumer wants, and the grant's descriptor, which the caller now
   * owns.
   */
  public record Accepted(AcceptReply request, int grant) {}

  /** Resolves a family. @return its id, or a negated errno */
  public int resolve(String family) throws IOException {
    NlMessage m = ask(NlRequests.getFamily(family, ++seq, pid), -1);
    if (m.type() == Nl.NLMSG_ERROR) {
      return m.payloadInt(0);
    }
    var id = m.attributes().get(Nl.CTRL_ATTR_FAMILY_ID);
    receive();
    return id == null || id.len() < 2
        ? -Errno.EPROTO
        : id.bytes()[0] & 0xff | (id.bytes()[1] & 0xff) << 8;
  }

  /** Joins a multicast group. @return 0 or a negated errno */
  public int join(int group) throws IOException {
    return ask(NlRequests.membership(Nl.MEMBERSHIP_ADD, group, ++seq, pid), -1).payloadInt(0);
  }

  /** Waits for the next notification. @return its message, or null when the bus is closed */
  public @Nullable NlMessage awaitNotification() throws IOException {
    NlMessage m = notifications.poll();
    m = m != null ? m : receive();
    while (m != null && m.type() != Nl.GENL_ID_HANDSHAKE) {
      m = receive();
    }
    return m;
  }

  /** Takes a pending request of the tlshd class; null when there is none (EAGAIN). */
  public @Nullable Accepted accept() throws IOException {
    NlMessage m = ask(NlRequests.accept(Nl.HANDLER_CLASS_TLSHD, ++seq, pid), -1);
    int grant = bus.takeDescriptor();
    AcceptReply reply = AcceptReply.decode(m);
    if (reply != null && grant >= 0) {
      return new Accepted(reply.withSockfd(grant), grant);
    }
    int errno = m.type() == Nl.NLMSG_ERROR ? m.payloadInt(0) : -Errno.EPROTO;
    if (errno == -Errno.EAGAIN) {
      return null;
    }
    throw new DoorClient.DoorException(-errno, "ACCEPT");
  }

  /**
   * Ends a request.
   *
   * @param status 0 or a positive errno
   * @param grant the descriptor ACCEPT gave; stays open
   * @return 0 or a negated errno
   */
  public int done(int status, int grant, List<Integer> peers) throws IOException {
    return ask(NlRequests.done(status, grant, peers, true, ++seq, pid), grant).payloadInt(0);
  }

  private NlMessage ask(byte[] request, int pass) throws IOException {
    bus.send(request, 0, request.length, pass);
    NlMessage m = receive();
    while (m != null && m.seq() != seq) {
      if (m.type() == Nl.GENL_ID_HANDSHAKE && m.seq() == 0) {
        notifications.add(m);
      }
      m = receive();
    }
    if (m == null) {
      throw new IOException("the data plane closed the bus");
    }
    return m;
  }

  private @Nullable NlMessage receive() throws IOException {
    int n = bus.receive(in, -1);
    if (n < 0) {
      throw new IOException("bus: " + Errno.name(n));
    }
    List<NlMessage> all = NlMessage.split(in, n);
    return all.isEmpty() ? null : all.get(0);
  }

  @Override
  public void close() {
    bus.close();
  }
}
