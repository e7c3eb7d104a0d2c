package dev.quic.handshaked.daemon.bus;

import dev.quic.uapi.Errno;
import dev.quic.uapi.netlink.AcceptReply;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlMessage;
import dev.quic.uapi.netlink.NlReplies;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.SeqPacketServer;
import dev.quic.uds.UdsPoller;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** netlink.sock of a data plane that has nothing but handshake requests. */
final class FakeDataPlane implements AutoCloseable {
  /** A request, in this order: asked for, accepted, done. */
  record Request(AcceptReply reply, FakeGrant grant) {}

  private final RunDir dir;
  private final UdsPoller poller;
  private final SeqPacketServer netlink;
  private final Thread thread;
  private volatile boolean stopping;

  // All of the polling thread, or guarded by this.
  private final List<SeqPacket> connections = new ArrayList<>();
  private final List<SeqPacket> members = new ArrayList<>();
  private final ArrayDeque<Request> pending = new ArrayDeque<>();
  private final Map<Long, Request> accepted = new HashMap<>();
  private final Set<FakeGrant> held = new HashSet<>();

  /** How many ACCEPT calls found nothing. */
  volatile int emptyAccepts;

  /** Sends every READY twice. */
  volatile boolean doubleReady;

  FakeDataPlane(RunDir dir) throws IOException {
    this.dir = dir;
    poller = new UdsPoller();
    netlink = SeqPacketServer.listen(dir.netlink(), 16, "rw-------");
    poller.add(netlink.number(), true, false, (r, w, h) -> accept(netlink, this::netlinkPacket));
    thread = Thread.ofPlatform().daemon().name("fake-data-plane").start(this::run);
  }

  RunDir dir() {
    return dir;
  }

  private void run() {
    while (!stopping) {
      poller.poll(-1);
    }
  }

  /** Takes a packet of a connection. */
  private interface PacketHandler {
    void packet(SeqPacket from, byte[] packet, int len) throws IOException;
  }

  private synchronized void accept(SeqPacketServer server, PacketHandler handler) {
    SeqPacket connection = server.tryAccept();
    if (connection == null) {
      return;
    }
    connections.add(connection);
    byte[] buf = new byte[SeqPacket.MAX_PACKET];
    poller.add(
        connection.number(),
        true,
        false,
        (readable, writable, hangup) -> {
          int n = connection.tryReceive(buf);
          if (n > 0) {
            try {
              handler.packet(connection, buf, n);
            } catch (IOException e) {
              drop(connection);
            }
          } else if (n != -Errno.EAGAIN) {
            drop(connection);
          }
        });
  }

  private synchronized void drop(SeqPacket connection) {
    poller.remove(connection.number());
    connections.remove(connection);
    members.remove(connection);
    connection.close();
  }

  /** Asks for a handshake. */
  synchronized void submit(AcceptReply reply, FakeGrant grant) throws IOException {
    pending.add(new Request(reply, grant));
    for (SeqPacket member : members) {
      ready(member);
      if (doubleReady) {
        ready(member);
      }
    }
  }

  private static void ready(SeqPacket member) throws IOException {
    reply(member, NlReplies.ready(Nl.HANDLER_CLASS_TLSHD), -1);
  }

  synchronized int members() {
    return members.size();
  }

  private synchronized void netlinkPacket(SeqPacket from, byte[] packet, int len)
      throws IOException {
    int passed = from.takeDescriptor();
    for (NlMessage m : NlMessage.split(packet, len)) {
      if (m.type() == Nl.NLMSG_MEMBERSHIP) {
        members.add(from);
        // Before the acknowledgement, to be nasty.
        for (int i = 0; i < pending.size(); i++) {
          ready(from);
        }
        reply(from, NlReplies.ack(m), -1);
      } else if (m.type() == Nl.GENL_ID_CTRL) {
        reply(from, NlReplies.family(m), -1);
        reply(from, NlReplies.ack(m), -1);
      } else if (m.command() == Nl.HANDSHAKE_CMD_ACCEPT) {
        acceptRequest(from, m);
      } else if (m.command() == Nl.HANDSHAKE_CMD_DONE) {
        done(from, m, passed);
      }
    }
    if (passed >= 0) {
      SeqPacket.closeDescriptor(passed);
    }
  }

  private void acceptRequest(SeqPacket from, NlMessage m) throws IOException {
    Request request = pending.poll();
    if (request == null) {
      emptyAccepts++;
      reply(from, NlReplies.error(m, Errno.EAGAIN, "", -1, false), -1);
      return;
    }
    accepted.put(request.grant.inode(), request);
    FakeGrant grant = request.grant;
    held.add(grant);
    poller.add(grant.near(), true, false, (r, w, h) -> grantPacket(grant));
    reply(from, request.reply.encode(m.seq(), m.pid()), grant.give());
    grant.given();
  }

  private void done(SeqPacket from, NlMessage m, int passed) throws IOException {
    Request request = passed < 0 ? null : accepted.get(SeqPacket.inode(passed));
    if (request == null) {
      reply(from, NlReplies.error(m, Errno.EBUSY, "", -1, false), -1);
      return;
    }
    List<Integer> peers =
        m.attributes().getAll(Nl.A_DONE_REMOTE_AUTH).stream().map(a -> a.u32()).toList();
    request.grant.done(m.attributes().u32(Nl.A_DONE_STATUS, Errno.EIO), peers);
    reply(from, NlReplies.ack(m), -1);
  }

  private static void reply(SeqPacket to, byte[] bytes, int pass) throws IOException {
    to.send(bytes, 0, bytes.length, pass);
  }

  /** Calls on a grant, or its end. */
  private synchronized void grantPacket(FakeGrant grant) {
    if (!grant.serve()) {
      poller.remove(grant.near());
      grant.revoke();
      held.remove(grant);
    }
  }

  /** A grant whose descriptor is still held by a daemon, if any. */
  synchronized @Nullable FakeGrant held() {
    return held.isEmpty() ? null : held.iterator().next();
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    poller.wakeup();
    thread.join();
    for (SeqPacket connection : connections) {
      connection.close();
    }
    netlink.close();
    poller.close();
  }
}
