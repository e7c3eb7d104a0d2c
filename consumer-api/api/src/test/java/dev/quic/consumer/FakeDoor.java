package dev.quic.consumer;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.option.SockaddrCodec;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.SeqPacketServer;
import dev.quic.uds.UdsPoller;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/** socket.sock of a data plane that answers as the test says. */
final class FakeDoor implements AutoCloseable {
  /** The data plane's ends of a socket's descriptor. */
  record Ends(SeqPacket ours, SeqPacket theirs) {
    void send(int type, int cmsg, long streamId, int streamFlags, int seq, byte[] payload)
        throws IOException {
      send(type, cmsg, streamId, streamFlags, seq, payload, -1);
    }

    void send(int type, int cmsg, long streamId, int streamFlags, int seq, byte[] payload, int pass)
        throws IOException {
      DoorData header = new DoorData().reset(type);
      header.cmsg = cmsg;
      header.streamId = streamId;
      header.streamFlags = streamFlags;
      header.seq = seq;
      byte[] packet = new byte[Door.DATA_HEADER + payload.length];
      header.write(packet, 0);
      System.arraycopy(payload, 0, packet, Door.DATA_HEADER, payload.length);
      ours.send(packet, 0, packet.length, pass);
    }

    /** The next SEND: its header, and its payload in {@code payload[0]}. */
    DoorData next(byte[][] payload) {
      byte[] buf = new byte[SeqPacket.MAX_PACKET];
      int n = ours.receive(buf, -1);
      DoorData header = new DoorData();
      if (!header.read(buf, 0, n)) {
        throw new IllegalStateException("no packet: " + n);
      }
      payload[0] = Arrays.copyOfRange(buf, Door.DATA_HEADER, n);
      return header;
    }
  }

  private final UdsPoller poller;
  private final SeqPacketServer server;
  private final Thread thread;
  private volatile boolean stopping;
  private final List<SeqPacket> connections = new ArrayList<>();
  private final Map<Long, Ends> byInode = new ConcurrentHashMap<>();
  private final Map<Integer, Ends> handles = new HashMap<>();
  private int nextHandle = 1;

  /** Sockets in the order in which they were made. */
  final BlockingQueue<Ends> made = new LinkedBlockingQueue<>();

  /** Every call but SOCKET and ADOPT. */
  final BlockingQueue<DoorCall> calls = new LinkedBlockingQueue<>();

  /** Errnos that calls end with, by operation. */
  final Map<Integer, Integer> errors = new ConcurrentHashMap<>();

  /** Values of options, by name; others are what the caller passed in. */
  final Map<Integer, byte[]> values = new ConcurrentHashMap<>();

  FakeDoor(RunDir dir) throws IOException {
    poller = new UdsPoller();
    server = SeqPacketServer.listen(dir.socket(), 16, "rw-------");
    poller.add(server.number(), true, false, (r, w, h) -> accept());
    thread = Thread.ofPlatform().daemon().name("fake-door").start(this::run);
  }

  private void run() {
    while (!stopping) {
      poller.poll(-1);
    }
  }

  private void accept() {
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
        (r, w, h) -> {
          int n = connection.tryReceive(buf);
          if (n > 0) {
            try {
              packet(connection, buf, n);
            } catch (IOException e) {
              n = 0;
            }
          }
          if (n == 0) {
            poller.remove(connection.number());
            connection.close();
          }
        });
  }

  private void packet(SeqPacket from, byte[] buf, int len) throws IOException {
    int passed = from.takeDescriptor();
    int pass = -1;
    List<DoorCall> replies = new ArrayList<>();
    List<DoorCall> requests = DoorCall.parse(buf, len);
    for (DoorCall call : requests == null ? List.<DoorCall>of() : requests) {
      DoorCall reply;
      Integer error = errors.get(call.op());
      if (error != null) {
        reply = DoorCall.of(call.op(), call.seq(), -error);
      } else if (call.op() == Door.OP_SOCKET) {
        Ends ends = pair();
        made.add(ends);
        pass = ends.theirs.number();
        reply = DoorCall.of(call.op(), call.seq(), handle(ends));
      } else if (call.op() == Door.OP_ADOPT) {
        Ends ends = passed < 0 ? null : byInode.get(SeqPacket.inode(passed));
        reply = DoorCall.of(call.op(), call.seq(), ends == null ? -Errno.EBADF : handle(ends));
      } else {
        calls.add(call);
        reply = carryOut(call);
      }
      replies.add(reply);
    }
    if (passed >= 0) {
      SeqPacket.closeDescriptor(passed);
    }
    byte[] out = DoorCall.encode(replies);
    from.send(out, 0, out.length, pass);
  }

  /** A new descriptor, not yet anybody's. */
  Ends pair() throws IOException {
    SeqPacket[] two = SeqPacket.pair();
    Ends ends = new Ends(two[0], two[1]);
    byInode.put(two[1].inode(), ends);
    return ends;
  }

  private int handle(Ends ends) {
    handles.put(nextHandle, ends);
    return nextHandle++;
  }

  private DoorCall carryOut(DoorCall call) {
    if (!handles.containsKey(call.value())) {
      return DoorCall.of(call.op(), call.seq(), -Errno.EBADF);
    }
    byte[] payload =
        switch (call.op()) {
          case Door.OP_GETSOCKNAME, Door.OP_GETPEERNAME ->
              SockaddrCodec.encode(new InetSocketAddress(InetAddress.ofLiteral("::1"), 4433));
          case Door.OP_GETSOCKOPT -> values.getOrDefault(call.number(1), call.tail(3));
          case Door.OP_OPEN -> call.tail(1);
          case Door.OP_IOCTL -> new byte[] {1, 0, 0, 0, 1, 0, 0, 0};
          default -> new byte[0];
        };
    int value =
        call.op() == Door.OP_SENDMSG ? call.payload().length - Door.DATA_HEADER : payload.length;
    if (call.op() == Door.OP_CLOSE) {
      handles.remove(call.value());
    }
    return new DoorCall(call.op(), call.seq(), value, payload);
  }

  /** The level of a SENDMSG call. */
  static int level(DoorCall call) {
    DoorData header = new DoorData();
    boolean whole = header.read(call.payload(), 0, call.payload().length);
    return whole && header.cmsg == QuicUapi.QUIC_HANDSHAKE_INFO ? header.streamFlags : -1;
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    poller.wakeup();
    thread.join();
    connections.forEach(SeqPacket::close);
    server.close();
    poller.close();
  }
}
