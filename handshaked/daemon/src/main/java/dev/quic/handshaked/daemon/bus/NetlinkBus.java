package dev.quic.handshaked.daemon.bus;

import dev.quic.handshaked.daemon.service.Bus;
import dev.quic.handshaked.daemon.service.Grant;
import dev.quic.handshaked.daemon.service.HandshakeRequest;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.uapi.Errno;
import dev.quic.uapi.netlink.AcceptReply;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlMessage;
import dev.quic.uapi.netlink.NlRequests;
import dev.quic.uds.door.NetlinkClient;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bus over connections to {@code netlink.sock}, one that is a member of the group and a few for
 * requests, as tlshd's parent and children have.
 */
public final class NetlinkBus implements Bus {
  private static final int FEATURES = Nl.FEATURE_AHEAD | Nl.FEATURE_DONE;

  private final NetlinkClient events;
  private final RequestLines requests;

  private NetlinkBus(NetlinkClient events, RequestLines requests) {
    this.events = events;
    this.requests = requests;
  }

  /**
   * Connects, resolves the family and joins the group.
   *
   * @throws IOException one line that says what is missing
   */
  public static NetlinkBus connect(RunDir dir) throws IOException {
    NetlinkClient events = null;
    RequestLines requests = null;
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
      done = true;
      return new NetlinkBus(events, requests);
    } finally {
      if (!done) {
        closeAll(events, requests);
      }
    }
  }

  private static void closeAll(@Nullable NetlinkClient events, @Nullable RequestLines requests) {
    if (events != null) {
      events.close();
    }
    if (requests != null) {
      requests.close();
    }
  }

  @Override
  public void awaitReady() throws IOException {
    while (true) {
      NlMessage message = events.awaitNotification();
      if (message == null) {
        throw new IOException("the bus hung up");
      }
      if (message.payloadLength() >= Nl.GENL_HDRLEN
          && message.command() == Nl.HANDSHAKE_CMD_READY) {
        return;
      }
    }
  }

  @Override
  public @Nullable HandshakeRequest accept() throws IOException {
    Optional<NetlinkClient.Accepted> taken =
        requests.call(line -> Optional.ofNullable(line.accept(FEATURES)));
    if (taken.isEmpty()) {
      return null;
    }
    NetlinkClient.Accepted accepted = taken.get();
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
    events.close();
  }

  @Override
  public void close() {
    closeAll(events, requests);
  }
}
