package dev.quic.handshaked.daemon.bus;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.option.SockaddrCodec;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The data plane's end of a grant; what the daemon sends comes out of {@link #peer}. */
final class FakeGrant {
  /** How the request ended. */
  record Done(int status, List<Integer> peerIds) {}

  private final SeqPacket ours;
  private final SeqPacket theirs;
  private final long inode;
  private final LinkedBlockingQueue<HandshakePort.Message> toPeer = new LinkedBlockingQueue<>();
  final CompletableFuture<Done> done = new CompletableFuture<>();
  final Map<String, String> secrets = new ConcurrentSkipListMap<>();
  volatile int closeCode = -1;
  volatile int messages;
  private final byte[] packet = new byte[SeqPacket.MAX_PACKET];

  /** Bytes of each packet of calls. */
  final List<Integer> batches = new CopyOnWriteArrayList<>();

  /** Called after each message the daemon sent, with their number. */
  volatile java.util.function.IntConsumer onMessage = n -> {};

  FakeGrant() throws IOException {
    SeqPacket[] pair = SeqPacket.pair();
    ours = pair[0];
    theirs = pair[1];
    inode = theirs.inode();
  }

  long inode() {
    return inode;
  }

  int give() {
    return theirs.number();
  }

  int near() {
    return ours.number();
  }

  /** The daemon has a copy: ours would keep the descriptor open. */
  void given() {
    theirs.close();
  }

  /** Carries out what came. @return false when nobody holds the grant any more */
  boolean serve() {
    int n = ours.tryReceive(packet);
    if (n == -Errno.EAGAIN) {
      return true;
    }
    DoorData header = new DoorData();
    if (n <= 0 || !header.read(packet, 0, n) || header.type != Door.DATA_CALLS) {
      return false;
    }
    batches.add(n);
    List<DoorCall> replies = new ArrayList<>();
    List<DoorCall> calls = DoorCall.parse(packet, Door.DATA_HEADER, n);
    for (DoorCall call : calls == null ? List.<DoorCall>of() : calls) {
      DoorCall reply = call(call);
      replies.add(reply);
      if (reply.value() < 0) {
        break;
      }
    }
    byte[] out = DoorCall.encode(replies, Door.DATA_HEADER);
    int number = header.seq;
    header.reset(Door.DATA_REPLIES).seq = number;
    header.write(out, 0);
    // A test may have closed it in between.
    return ours.trySend(out, 0, out.length, -1) > 0;
  }

  void done(int status, List<Integer> peerIds) {
    done.complete(new Done(status, peerIds));
  }

  void revoke() {
    ours.close();
    theirs.close();
  }

  private DoorCall call(DoorCall call) {
    byte[] none = new byte[0];
    return switch (call.op()) {
      case Door.OP_GETPEERNAME -> {
        byte[] address =
            SockaddrCodec.encode(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 443));
        yield new DoorCall(call.op(), call.seq(), address.length, address);
      }
      case Door.OP_GETSOCKOPT -> {
        byte[] value = option(call.number(0), call.number(1));
        yield new DoorCall(call.op(), call.seq(), value.length, value);
      }
      case Door.OP_SETSOCKOPT -> {
        set(call.number(1), call.tail(2));
        yield new DoorCall(call.op(), call.seq(), 0, none);
      }
      case Door.OP_SENDMSG -> {
        int n = message(call.payload());
        yield new DoorCall(call.op(), call.seq(), n, none);
      }
      default -> new DoorCall(call.op(), call.seq(), -Errno.EPERM, none);
    };
  }

  private int message(byte[] payload) {
    DoorData header = new DoorData();
    if (!header.read(payload, 0, payload.length) || header.cmsg != QuicUapi.QUIC_HANDSHAKE_INFO) {
      return -Errno.EINVAL;
    }
    byte[] bytes = Arrays.copyOfRange(payload, Door.DATA_HEADER, payload.length);
    toPeer.add(new HandshakePort.Message(CryptoLevel.of(header.streamFlags), bytes));
    messages++;
    onMessage.accept(messages);
    return bytes.length;
  }

  private void set(int name, byte[] value) {
    if (name == QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET) {
      String key = (value[0] == 1 ? "send" : "recv") + value[1];
      secrets.put(key, Arrays.toString(Arrays.copyOfRange(value, 4, value.length)));
    } else if (name == QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE) {
      closeCode = (value[0] & 0xff) | (value[1] & 0xff) << 8;
    }
  }

  private static byte[] option(int level, int name) {
    if (level == QuicUapi.SOL_SOCKET && name == QuicUapi.SO_PROTOCOL) {
      return new byte[] {(byte) QuicUapi.IPPROTO_QUIC, QuicUapi.IPPROTO_QUIC >> 8, 0, 0};
    }
    return switch (name) {
      case QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT ->
          "parameters".getBytes(StandardCharsets.US_ASCII);
      case QuicUapi.QUIC_SOCKOPT_ALPN -> "sample".getBytes(StandardCharsets.US_ASCII);
      case QuicUapi.QUIC_SOCKOPT_CONFIG -> new byte[28];
      default -> new byte[0];
    };
  }

  /** The other end of the connection. */
  HandshakePort peer(Map<String, String> peerSecrets) {
    return new HandshakePort() {
      @Override
      public void send(CryptoLevel level, byte[] bytes, boolean more) throws IOException {
        DoorData header = new DoorData().reset(Door.DATA_RECV);
        header.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
        header.flags = QuicUapi.MSG_EOR;
        header.streamFlags = level.number();
        byte[] packet = new byte[Door.DATA_HEADER + bytes.length];
        header.write(packet, 0);
        System.arraycopy(bytes, 0, packet, Door.DATA_HEADER, bytes.length);
        ours.send(packet, 0, packet.length, -1);
      }

      @Override
      public @Nullable Message receive(long deadlineNanos) throws IOException {
        try {
          return toPeer.poll(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }

      @Override
      public void setOption(int name, byte[] value) {
        if (name == QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET) {
          String key = (value[0] == 1 ? "send" : "recv") + value[1];
          peerSecrets.put(key, Arrays.toString(Arrays.copyOfRange(value, 4, value.length)));
        }
      }

      @Override
      public byte[] getOption(int name, int max) {
        return option(QuicUapi.SOL_QUIC, name);
      }
    };
  }

  /** Closes the connection under the daemon. */
  void closed(int errno) throws IOException {
    DoorData header = new DoorData().reset(Door.DATA_CLOSED);
    header.streamId = errno;
    byte[] packet = new byte[Door.DATA_HEADER];
    header.write(packet, 0);
    ours.send(packet, 0, packet.length, -1);
    ours.close();
  }
}
