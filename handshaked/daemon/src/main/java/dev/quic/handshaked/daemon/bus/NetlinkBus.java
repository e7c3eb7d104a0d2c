package dev.quic.handshaked.daemon.bus;

import dev.quic.handshaked.daemon.service.Bus;
import dev.quic.handshaked.daemon.service.Grant;
import dev.quic.handshaked.daemon.service.HandshakeRequest;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.uapi.Errno;
import dev.quic.uapi.netlink.AcceptReply;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlRequests;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.UdsPoller;
import dev.quic.uds.door.NetlinkClient;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The bus over connections to {@code netlink.sock}: one that is a member of the group, one that
 * takes requests for idle workers, and a few for workers that were busy when a request came.
 */
public final class NetlinkBus implements Bus {
  private static final int FEATURES = Nl.FEATURE_AHEAD | Nl.FEATURE_DONE;

  /** How long the data plane may take for an answer: then it is stopped. */
  private static final long MAX_ANSWER_MS = 10_000;

  private static final long NANOS_PER_MS = 1_000_000;

  private final NetlinkClient events;

  /** For the ACCEPTs of who listens, apart from READYs that nobody reads for a while. */
  private final NetlinkClient asking;

  private final RequestLines requests;
  private final UdsPoller poller;

  /** There may be something to be read: a READY, which may have come before; an answer. */
  private boolean event = true;

  private boolean answer;

  // Guarded by this.

  /** ACCEPTs that are not answered. */
  private int underWay;

  private boolean leaving;

  /** How long answers are waited for then, nanoseconds. */
  private long patienceEnds;

  private NetlinkBus(
      NetlinkClient events, NetlinkClient asking, RequestLines requests, UdsPoller poller)
      throws IOException {
    this.events = events;
    this.asking = asking;
    this.requests = requests;
    this.poller = poller;
    int heard = poller.add(events.number(), true, false, (r, w, hangup) -> event = true);
    int answered = poller.add(asking.number(), true, false, (r, w, hangup) -> answer = true);
    if (heard != 0 || answered != 0) {
      throw new IOException("cannot watch the bus: " + Errno.name(Math.min(heard, answered)));
    }
  }

  /**
   * Connects, resolves the family and joins the group.
   *
   * @throws IOException one line that says what is missing
   */
  public static NetlinkBus connect(RunDir dir) throws IOException {
    NetlinkClient events = null;
    NetlinkClient asking = null;
    RequestLines requests = null;
    UdsPoller poller = null;
    boolean done = false;
    try {
      requests = new RequestLines(dir);
      events = NetlinkClient.connect(dir);
      int family = events.resolve(Nl.HANDSHAKE_FAMILY_NAME);
      if (family != Nl.GENL_ID_HANDSHAKE) {
        throw new IOException(
            "no handshake family" + (family < 0 ? ": " + Errno.name(family) : ", but " + family));
      }
      int joined = events.join(Nl.HANDSHAKE_GROUP_TLSHD);
      if (joined != 0) {
        throw new IOException("cannot join the group tlshd: " + Errno.name(joined));
      }
      asking = NetlinkClient.connect(dir);
      poller = new UdsPoller();
      NetlinkBus bus = new NetlinkBus(events, asking, requests, poller);
      done = true;
      return bus;
    } finally {
      if (!done) {
        closeAll(poller, events, asking, requests);
      }
    }
  }

  private static void closeAll(
      @Nullable UdsPoller poller,
      @Nullable NetlinkClient events,
      @Nullable NetlinkClient asking,
      @Nullable RequestLines requests) {
    if (poller != null) {
      poller.close();
    }
    if (events != null) {
      events.close();
    }
    if (asking != null) {
      asking.close();
    }
    if (requests != null) {
      requests.close();
    }
  }

  @Override
  public Taken awaitRequest(BooleanSupplier wanted) throws IOException {
    while (true) {
      if (answer) {
        NetlinkClient.Heard heard = asking.hear();
        answer = asking.hasMore();
        if (heard != null && answered(heard)) {
          NetlinkClient.Accepted accepted = heard.accepted();
          return new Taken(
              accepted == null ? null : request(accepted),
              heard.errno() == 0 ? null : Errno.name(heard.errno()));
        }
      } else if (event) {
        NetlinkClient.Heard heard = events.hear();
        event = events.hasMore();
        if (heard != null && heard.ready() && wanted.getAsBoolean() && !ask()) {
          return Taken.NOTHING;
        }
      } else {
        poller.poll(patience());
      }
    }
  }

  /** How long to wait, ms: for ever, but at the end only for the answers that are due. */
  private synchronized long patience() throws IOException {
    if (!leaving) {
      return -1;
    }
    long left = (patienceEnds - System.nanoTime()) / NANOS_PER_MS;
    if (underWay == 0 || left <= 0) {
      throw new IOException("listening was ended");
    }
    return left;
  }

  /** Sends an ACCEPT unless this is the end. */
  private synchronized boolean ask() throws IOException {
    if (leaving) {
      return false;
    }
    asking.acceptLater(FEATURES);
    underWay++;
    return true;
  }

  /** Takes note of an answer. @return false when nobody asked */
  private synchronized boolean answered(NetlinkClient.Heard heard) {
    if (heard.ready() || underWay == 0) {
      NetlinkClient.Accepted unasked = heard.accepted();
      if (unasked != null) {
        SeqPacket.closeDescriptor(unasked.grant());
      }
      return false;
    }
    underWay--;
    return true;
  }

  @Override
  public @Nullable HandshakeRequest accept() throws IOException {
    Optional<NetlinkClient.Accepted> taken =
        requests.call(line -> Optional.ofNullable(line.accept(FEATURES)));
    if (taken.isEmpty()) {
      return null;
    }
    return request(taken.get());
  }

  private static HandshakeRequest request(NetlinkClient.Accepted accepted) {
    AcceptReply reply = accepted.request();
    boolean client = reply.messageType() == HandshakeRequest.CLIENT_HELLO;
    Grant grant = new DoorGrant(accepted.grant(), client, reply.features());
    return new HandshakeRequest(
        grant,
        reply.messageType(),
        reply.authMode(),
        left(reply),
        reply.peername(),
        reply.keyring(),
        reply.cert(),
        reply.privkey(),
        reply.peerIdentities());
  }

  /** What is left of the timeout: the time on the bus counts. 0 when there is none. */
  private static long left(AcceptReply reply) {
    long all = reply.timeoutMs() & 0xffff_ffffL;
    return all == 0 ? 0 : Math.max(1, all - reply.waitedMs());
  }

  @Override
  public void done(
      HandshakeRequest request,
      int status,
      List<Integer> peerIds,
      List<String> tags,
      byte[] channelBinding)
      throws IOException {
    DoorGrant grant = ours(request);
    int result;
    if (grant.endsHere()) {
      int fd = grant.descriptor();
      result = grant.done(NlRequests.done(status, fd, peerIds, tags, channelBinding, true, 0, 0));
    } else {
      flush(grant, status);
      result =
          requests.call(
              line -> line.done(status, grant.descriptor(), peerIds, tags, channelBinding));
    }
    check(result);
  }

  private static DoorGrant ours(HandshakeRequest request) {
    if (request.grant() instanceof DoorGrant grant) {
      return grant;
    }
    throw new IllegalArgumentException("a request of another bus");
  }

  private static void check(int result) throws IOException {
    if (result != 0) {
      throw new IOException(Errno.name(result));
    }
  }

  @Override
  public Ending tell(
      HandshakeRequest request,
      int status,
      List<Integer> peerIds,
      List<String> tags,
      byte[] channelBinding)
      throws IOException {
    DoorGrant grant = ours(request);
    if (!grant.endsHere()) {
      done(request, status, peerIds, tags, channelBinding);
      return Ending.ANSWERED;
    }
    int fd = grant.descriptor();
    grant.tell(NlRequests.done(status, fd, peerIds, tags, channelBinding, true, 0, 0));
    return () -> check(grant.told());
  }

  /** What was collected last, such as the reason to close with, comes before the end. */
  private static void flush(DoorGrant grant, int status) throws HandshakePortException {
    try {
      grant.flush();
    } catch (HandshakePortException e) {
      if (status == 0) {
        throw e;
      }
    }
  }

  @Override
  public void stopListening() {
    synchronized (this) {
      // What is under way may bring a request still, which is ours then.
      leaving = true;
      patienceEnds = System.nanoTime() + MAX_ANSWER_MS * NANOS_PER_MS;
    }
    poller.wakeup();
  }

  @Override
  public void close() {
    closeAll(poller, events, asking, requests);
  }
}
