package dev.quic.dataplane.daemon.handshake;

import dev.quic.consumer.TlsResult;
import dev.quic.dataplane.daemon.door.Conductor;
import dev.quic.dataplane.daemon.door.DataDescriptor;
import dev.quic.dataplane.daemon.door.DoorServer;
import dev.quic.uapi.Errno;
import dev.quic.uapi.netlink.AcceptReply;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlParser;
import dev.quic.uapi.netlink.NlReplies;
import dev.quic.uapi.netlink.NlRequest;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * {@code netlink.sock}: multicast of READY, ACCEPT and DONE for the handshake family, grants. What
 * the interface {@link ReadySink} names may be called from any thread, the rest is the conductor's.
 */
public final class BusServer implements ReadySink {
  /** What grants have that a daemon may ask for. */
  private static final int FEATURES = Nl.FEATURE_AHEAD | Nl.FEATURE_DONE;

  private final Conductor conductor;
  private final DoorServer door;
  private final AcceptPolicy policy;
  private final Set<BusConnection> connections = new LinkedHashSet<>();

  /** The request behind each grant some daemon still holds. */
  private final Map<DataDescriptor, HandshakeRequest> grants = new HashMap<>();

  private final AtomicLong dropped = new AtomicLong();
  private volatile int subscribers;
  private @Nullable HandshakeFamily family;

  public BusServer(Conductor conductor, DoorServer door, AcceptPolicy policy) {
    this.conductor = conductor;
    this.door = door;
    this.policy = policy;
  }

  /** Before the conductor starts. */
  public void serve(HandshakeFamily f) {
    family = f;
  }

  private HandshakeFamily family() {
    HandshakeFamily f = family;
    if (f == null) {
      throw new IllegalStateException("no family");
    }
    return f;
  }

  /** Handler class of a multicast group, -1 for another group. */
  static int handlerClass(int group) {
    return switch (group) {
      case Nl.HANDSHAKE_GROUP_NONE -> HandshakeRequest.CLASS_NONE;
      case Nl.HANDSHAKE_GROUP_TLSHD -> HandshakeRequest.CLASS_TLSHD;
      default -> -1;
    };
  }

  private static int group(int handlerClass) {
    return Nl.HANDSHAKE_GROUP_NONE + handlerClass;
  }

  // Any thread.

  @Override
  public boolean hasSubscribers(int handlerClass) {
    return (subscribers & 1 << handlerClass) != 0;
  }

  @Override
  public void ready(int handlerClass) {
    conductor.execute(() -> multicast(handlerClass));
  }

  @Override
  public void deadlineChanged() {
    // READY has just woken the conductor, which asks for the deadline before it sleeps again.
  }

  /** Messages lost because a daemon did not read. */
  public long dropped() {
    return dropped.get();
  }

  // The conductor.

  /** A daemon has connected. */
  public void connected(SeqPacket line) {
    if (connections.size() >= BusLimits.CONNECTIONS) {
      line.close();
      return;
    }
    BusConnection c = new BusConnection(this, conductor, line);
    connections.add(c);
    conductor.watch(line, c);
  }

  void gone(BusConnection c) {
    connections.remove(c);
    membersChanged();
  }

  /** Ends every connection. */
  public void closeAll() {
    List.copyOf(connections).forEach(BusConnection::end);
  }

  void countDrop() {
    dropped.incrementAndGet();
  }

  void membersChanged() {
    int mask = 0;
    for (int c = HandshakeRequest.CLASS_NONE; c < HandshakeRequest.CLASS_MAX; c++) {
      int group = group(c);
      if (connections.stream().anyMatch(b -> b.isMember(group))) {
        mask |= 1 << c;
      }
    }
    subscribers = mask;
  }

  private void multicast(int handlerClass) {
    byte[] message = NlReplies.ready(handlerClass);
    int group = group(handlerClass);
    for (BusConnection c : List.copyOf(connections)) {
      if (c.isMember(group)) {
        c.send(message, null);
      }
    }
  }

  /** One READY for each request nobody has taken: a dead daemon's successor starts with them. */
  void catchUp(BusConnection c, int handlerClass) {
    for (int n = family().pending(handlerClass); n > 0; n--) {
      c.send(NlReplies.ready(handlerClass), null);
    }
  }

  /** Whether a connection's peer may use ACCEPT. */
  boolean mayAccept(BusConnection c) {
    return policy.allows(c.peer());
  }

  /** ACCEPT. @return a positive errno, 0 when the answer has been sent */
  int accept(BusConnection c, NlRequest.Accept r) {
    if (!mayAccept(c)) {
      return Errno.EPERM;
    }
    HandshakeRequest request = family().accept(r.handlerClass());
    if (request == null) {
      return Errno.EAGAIN;
    }
    DataDescriptor grant = door.grant();
    SeqPacket far;
    try {
      far = grant.grantOf(request.target().front(), () -> released(grant));
    } catch (IOException e) {
      family().complete(request, Errno.EIO, 0);
      return Errno.EMFILE;
    }
    grants.put(grant, request);
    int features = r.features() & FEATURES;
    if ((features & Nl.FEATURE_DONE) != 0) {
      grant.endsBy((message, failed) -> done(message, failed, grant));
    }
    if ((features & Nl.FEATURE_AHEAD) != 0) {
      grant.answerAhead(request.question().messageType() == Nl.MSG_TYPE_CLIENTHELLO);
    }
    byte[] reply =
        reply(request, far.number(), features).encode(r.message().seq(), r.message().pid());
    if (!c.send(reply, far)) {
      family().complete(request, Errno.EIO, 0);
    }
    return 0;
  }

  private AcceptReply reply(HandshakeRequest request, int sockfd, int features) {
    HandshakeRequest.Question q = request.question();
    return new AcceptReply(
        sockfd,
        q.messageType(),
        q.peername(),
        q.timeoutMs(),
        q.keyring(),
        q.authMode(),
        q.peerIdentities(),
        q.certificate(),
        q.privateKey(),
        family().waitedMs(request),
        features);
  }

  /**
   * DONE.
   *
   * @param came the grant as it was sent along, -1 for none
   * @return a positive errno
   */
  int done(NlRequest.Done r, int came) {
    if (came < 0) {
      return Errno.EBADF;
    }
    long inode = SeqPacket.inode(came);
    if (inode < 0) {
      return Errno.ENOTSOCK;
    }
    return done(r, door.find(inode));
  }

  /** DONE as a call on its grant. */
  private int done(byte[] message, boolean failed, DataDescriptor grant) {
    List<NlRequest> requests = NlParser.parse(message, message.length);
    if (requests.size() != 1 || !(requests.get(0) instanceof NlRequest.Done r)) {
      return Errno.EINVAL;
    }
    // Success told by a holder that did not wait to hear of a failure is none.
    return failed && r.status() == 0 ? Errno.EIO : done(r, grant);
  }

  private int done(NlRequest.Done r, @Nullable DataDescriptor grant) {
    HandshakeRequest request = grant == null ? null : grants.get(grant);
    if (request == null) {
      return Errno.EBUSY;
    }
    // The consumer's callback knows one peer only, the first.
    int peer = r.remoteAuth().isEmpty() ? 0 : r.remoteAuth().get(0);
    int status = status(request, r.status());
    family()
        .complete(
            request,
            status == 0
                ? new TlsResult(0, peer, r.tags(), r.channelBinding())
                : TlsResult.of(-Math.abs(status), 0));
    return 0;
  }

  /** A daemon's word is not enough: a consumer that is told of success has a connection. */
  private static int status(HandshakeRequest request, int told) {
    return told == 0 && request.target().front().isHandshakeOpen() ? Errno.EIO : told;
  }

  /** A grant's last holder is gone: without DONE that ends the request. */
  private void released(DataDescriptor grant) {
    HandshakeRequest request = grants.remove(grant);
    if (request != null) {
      family().complete(request, Errno.EIO, 0);
    }
  }
}
