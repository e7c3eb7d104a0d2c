package dev.quic.fuzz.daemon;

import dev.quic.fuzz.ByteDamage;
import dev.quic.fuzz.Seeds;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.netlink.AcceptReply;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlMessage;
import dev.quic.uapi.netlink.NlReplies;
import dev.quic.uapi.option.SockaddrCodec;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.SeqPacketServer;
import dev.quic.uds.UdsPoller;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * netlink.sock and socket.sock of a data plane that damages some of its answers. A damaged answer
 * is followed by the right one, so that a daemon that waits for it goes on, or by a hang-up.
 */
final class LyingPlane implements AutoCloseable {
  private static final byte[] NOTHING = new byte[0];

  private final UdsPoller poller = new UdsPoller();
  private final SeqPacketServer netlink;
  private final SeqPacketServer door;
  private final Thread thread;
  private final Set<SeqPacket> connections = ConcurrentHashMap.newKeySet();
  private final List<SeqPacket> grants = new ArrayList<>();
  private final byte[] in = new byte[SeqPacket.MAX_PACKET];
  private volatile boolean stopping;
  private boolean hangingUp;
  private volatile Throwable failure = new Throwable("none");
  private RandomGenerator random = Seeds.random(0);
  private int damaged;

  LyingPlane(RunDir dir) throws IOException {
    netlink = SeqPacketServer.listen(dir.netlink(), 16, "rw-------");
    door = SeqPacketServer.listen(dir.socket(), 16, "rw-------");
    poller.add(netlink.number(), true, false, (r, w, h) -> take(netlink, this::bus));
    poller.add(door.number(), true, false, (r, w, h) -> take(door, this::calls));
    thread = Thread.ofPlatform().daemon().name("lying-plane").start(this::run);
  }

  /** Answers a packet. */
  private interface Handler {
    void packet(SeqPacket from, int len) throws IOException;
  }

  private void run() {
    while (!stopping) {
      try {
        poller.poll(-1);
      } catch (RuntimeException e) {
        failure = e;
      }
      hangUpWhereAsked();
    }
  }

  private synchronized void hangUpWhereAsked() {
    if (hangingUp) {
      List.copyOf(grants).forEach(this::drop);
      hangingUp = false;
      notifyAll();
    }
  }

  private synchronized void take(SeqPacketServer server, Handler handler) {
    SeqPacket c = server.tryAccept();
    if (c == null) {
      return;
    }
    connections.add(c);
    poller.add(c.number(), true, false, (readable, writable, hangup) -> serve(c, handler));
  }

  private synchronized void serve(SeqPacket c, Handler handler) {
    int n = c.tryReceive(in);
    if (n == -Errno.EAGAIN) {
      return;
    }
    try {
      if (n <= 0) {
        throw new IOException("gone");
      }
      handler.packet(c, n);
    } catch (IOException e) {
      drop(c);
    }
  }

  private void drop(SeqPacket c) {
    if (connections.remove(c)) {
      poller.remove(c.number());
      c.close();
      grants.remove(c);
    }
  }

  // What a test asks for.

  /** The lies from now on follow from the seed. */
  synchronized void seed(long seed) {
    random = Seeds.random(~seed);
    damaged = 0;
  }

  synchronized int damaged() {
    return damaged;
  }

  /** Connections that were not closed yet. */
  int connections() {
    return connections.size();
  }

  /** Handshake messages and others on every grant that is still open. */
  synchronized void push() {
    for (SeqPacket grant : grants) {
      DoorData h = new DoorData().reset(Door.DATA_RECV);
      h.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
      h.streamFlags = random.nextInt(4);
      byte[] packet = new byte[Door.DATA_HEADER + random.nextInt(64)];
      h.write(packet, 0);
      if (random.nextInt(3) != 0) {
        packet = lie(packet);
      }
      grant.trySend(packet, 0, packet.length, -1);
    }
  }

  /** Nothing more comes on any grant. */
  synchronized void hangUp() {
    hangingUp = true;
    poller.wakeup();
    try {
      while (hangingUp && thread.isAlive()) {
        wait(1_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // Answers.

  private byte[] lie(byte[] right) {
    damaged++;
    byte[] wrong = ByteDamage.damage(random, right, SeqPacket.MAX_PACKET - 1);
    return wrong.length == 0 ? new byte[1] : wrong;
  }

  private void answer(SeqPacket to, byte[] right, int pass) throws IOException {
    if (random.nextInt(3) == 0) {
      byte[] wrong = lie(right);
      // With its descriptor, without it, or with a foreign one, on which nobody listens.
      SeqPacket[] foreign = SeqPacket.pair();
      foreign[1].close();
      try (SeqPacket other = foreign[0]) {
        int along = random.nextInt(3) == 0 ? other.number() : random.nextBoolean() ? pass : -1;
        to.send(wrong, 0, wrong.length, along);
      }
      if (random.nextInt(6) == 0) {
        throw new IOException("hangs up");
      }
    }
    to.send(right, 0, right.length, pass);
    if (random.nextInt(20) == 0) {
      // Twice.
      damaged++;
      to.send(right, 0, right.length, -1);
    }
  }

  private void bus(SeqPacket from, int len) throws IOException {
    int passed = from.takeDescriptor();
    if (passed >= 0) {
      SeqPacket.closeDescriptor(passed);
    }
    for (NlMessage m : NlMessage.split(in, len)) {
      if (m.type() == Nl.GENL_ID_CTRL) {
        answer(from, NlReplies.family(m), -1);
        answer(from, NlReplies.ack(m), -1);
      } else if (m.type() == Nl.NLMSG_MEMBERSHIP) {
        answer(from, NlReplies.ack(m), -1);
        answer(from, NlReplies.ready(Nl.HANDLER_CLASS_TLSHD), -1);
      } else if (m.command() == Nl.HANDSHAKE_CMD_ACCEPT) {
        SeqPacket[] pair = SeqPacket.pair();
        SeqPacket grant = pair[0];
        grants.add(grant);
        connections.add(grant);
        poller.add(grant.number(), true, false, (r, w, h) -> serve(grant, this::grantCalls));
        try (SeqPacket far = pair[1]) {
          AcceptReply reply = reply();
          if ((reply.features() & Nl.FEATURE_AHEAD) != 0) {
            ahead(grant);
          }
          answer(from, reply.encode(m.seq(), m.pid()), far.number());
        }
      } else {
        answer(from, NlReplies.ack(m), -1);
      }
    }
  }

  /** What a handshake asks for first, unasked. */
  private void ahead(SeqPacket grant) throws IOException {
    byte[] name = SockaddrCodec.encode(new InetSocketAddress("192.0.2.1", 443));
    byte[] protocol = {(byte) QuicUapi.IPPROTO_QUIC, QuicUapi.IPPROTO_QUIC >> 8, 0, 0};
    List<DoorCall> replies = new ArrayList<>();
    replies.add(new DoorCall(Door.OP_GETPEERNAME, 0, name.length, name));
    replies.add(new DoorCall(Door.OP_GETSOCKOPT, 0, protocol.length, protocol));
    for (int i = random.nextInt(5); i > 0; i--) {
      replies.add(new DoorCall(Door.OP_GETSOCKOPT, 0, 28, new byte[28]));
    }
    byte[] packet = DoorCall.encode(replies, Door.DATA_HEADER);
    DoorData header = new DoorData().reset(Door.DATA_REPLIES);
    header.seq = Door.AHEAD_SEQ;
    header.write(packet, 0);
    answer(grant, packet, -1);
  }

  private AcceptReply reply() {
    return new AcceptReply(
        5,
        1 + random.nextInt(2),
        "server.test",
        30_000,
        0,
        Nl.AUTH_X509,
        List.of(1, 2, 3),
        random.nextInt(3),
        random.nextInt(3),
        0,
        random.nextInt(4));
  }

  private void calls(SeqPacket from, int len) throws IOException {
    int passed = from.takeDescriptor();
    if (passed >= 0) {
      SeqPacket.closeDescriptor(passed);
    }
    answer(from, DoorCall.encode(replies(DoorCall.parse(in, len))), -1);
  }

  private void grantCalls(SeqPacket from, int len) throws IOException {
    DoorData header = new DoorData();
    if (!header.read(in, 0, len) || header.type != Door.DATA_CALLS) {
      throw new IOException("not a packet of calls");
    }
    List<DoorCall> replies = replies(DoorCall.parse(in, Door.DATA_HEADER, len));
    byte[] packet = DoorCall.encode(replies, Door.DATA_HEADER);
    int seq = header.seq;
    header.reset(Door.DATA_REPLIES).seq = seq;
    header.write(packet, 0);
    answer(from, packet, -1);
  }

  private static List<DoorCall> replies(@Nullable List<DoorCall> asked) {
    List<DoorCall> replies = new ArrayList<>();
    for (DoorCall c : asked == null ? List.<DoorCall>of() : asked) {
      byte[] value = value(c);
      int result = c.op() == Door.OP_ADOPT ? 1 : value.length;
      replies.add(new DoorCall(c.op(), c.seq(), result, value));
    }
    return replies;
  }

  private static byte[] value(DoorCall c) {
    return switch (c.op()) {
      case Door.OP_GETPEERNAME -> SockaddrCodec.encode(new InetSocketAddress("192.0.2.1", 443));
      case Door.OP_GETSOCKOPT ->
          c.number(1) == QuicUapi.SO_PROTOCOL
              ? new byte[] {(byte) QuicUapi.IPPROTO_QUIC, QuicUapi.IPPROTO_QUIC >> 8, 0, 0}
              : new byte[28];
      default -> NOTHING;
    };
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    poller.wakeup();
    thread.join();
    connections.forEach(SeqPacket::close);
    netlink.close();
    door.close();
    poller.close();
    if (failure instanceof RuntimeException e) {
      throw new AssertionError("the lying plane broke", e);
    }
  }
}
