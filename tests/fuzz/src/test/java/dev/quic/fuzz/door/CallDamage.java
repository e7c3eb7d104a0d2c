package dev.quic.fuzz.door;

import dev.quic.fuzz.ByteDamage;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.door.DoorData;
import dev.quic.uapi.option.SockaddrCodec;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Calls of every kind, some damaged in their meaning and some in their bytes. */
final class CallDamage {
  private static final int[] LEVELS = {
    QuicUapi.SOL_QUIC, QuicUapi.SOL_QUIC, QuicUapi.SOL_QUIC, QuicUapi.SOL_QUIC, 1, 0, -1
  };
  private static final int[] SIZES = {0, 1, 4, 8, 12, 16, 24, 28, 56, 64, 88, 144, 512, 4096, 4097};
  private static final int[] NUMBERS = {0, 1, 2, 3, 10, 64, 255, 1 << 16, Integer.MAX_VALUE, -1};
  private static final int NAMES = 17;

  /** Numbers of options of our own begin here. */
  private static final int OWN = 0x1000;

  private final RandomGenerator random;
  private final int[] handles;
  private int seq;

  /**
   * @param handles sockets to name, each of its own kind
   */
  CallDamage(RandomGenerator random, int... handles) {
    this.random = random;
    this.handles = handles;
  }

  /** A packet of one or more calls, and how it was damaged. */
  byte[] packet() {
    List<DoorCall> calls = new ArrayList<>();
    int count = random.nextInt(4) == 0 ? 1 + random.nextInt(8) : 1;
    count = random.nextInt(50) == 0 ? 60 + random.nextInt(10) : count;
    for (int i = 0; i < count; i++) {
      calls.add(call());
    }
    byte[] bytes = DoorCall.encode(calls);
    while (bytes.length >= Door.MAX_PACKET) {
      calls.removeLast();
      bytes = DoorCall.encode(calls);
    }
    return random.nextInt(3) == 0
        ? harmless(ByteDamage.damage(random, bytes, Door.MAX_PACKET - 1))
        : bytes;
  }

  private DoorCall call() {
    int op = 1 + random.nextInt(Door.OP_CLOSE);
    // What ends a socket would leave nothing to try the rest on.
    op = op == Door.OP_SHUTDOWN || op == Door.OP_CLOSE ? rarely(op) : op;
    op = random.nextInt(40) == 0 ? random.nextInt(1 << 16) : op;
    byte[] payload = payload(op);
    if (random.nextInt(3) == 0 && op != Door.OP_CONNECT) {
      payload = ByteDamage.damage(random, payload, Door.MAX_DATA - 64);
    }
    return new DoorCall(op, ++seq, handle(), payload);
  }

  private int rarely(int op) {
    return random.nextInt(8) == 0 ? op : Door.OP_GETSOCKOPT;
  }

  private int handle() {
    return random.nextInt(20) == 0 ? random.nextInt() : handles[random.nextInt(handles.length)];
  }

  private int pick(int[] of) {
    return of[random.nextInt(of.length)];
  }

  private byte[] payload(int op) {
    byte[] none = new byte[0];
    return switch (op) {
      case Door.OP_SOCKET ->
          numbers(none, random.nextBoolean() ? 2 : pick(NUMBERS), 1, QuicUapi.IPPROTO_QUIC);
      case Door.OP_BIND, Door.OP_CONNECT -> address();
      case Door.OP_LISTEN, Door.OP_SHUTDOWN -> numbers(none, pick(NUMBERS));
      case Door.OP_IOCTL -> numbers(none, random.nextBoolean() ? 0x541b : pick(NUMBERS));
      case Door.OP_GETSOCKOPT ->
          numbers(noise(), pick(LEVELS), name(), random.nextBoolean() ? 4096 : pick(NUMBERS));
      case Door.OP_SETSOCKOPT -> numbers(noise(), pick(LEVELS), name());
      case Door.OP_SENDMSG -> message();
      default -> none;
    };
  }

  private int name() {
    int name = random.nextInt(NAMES);
    return random.nextInt(8) == 0 ? OWN + random.nextInt(4) : name;
  }

  /** A value of a size some option has, its first numbers small. */
  private byte[] noise() {
    byte[] value = ByteDamage.noise(random, pick(SIZES));
    for (int i = 0; i < value.length && random.nextInt(8) != 0; i++) {
      value[i] = (byte) (i % 4 == 0 ? random.nextInt(8) : 0);
    }
    return value;
  }

  private byte[] address() {
    int port = random.nextInt(3) == 0 ? 9 : 0;
    return SockaddrCodec.encode(new InetSocketAddress("127.0.0.1", port));
  }

  private byte[] message() {
    DoorData h = new DoorData().reset(Door.DATA_SEND);
    int[] cmsgs = {Door.CMSG_NONE, 0, 0, 1, 2};
    h.cmsg = pick(cmsgs);
    h.flags = random.nextInt(2) == 0 ? 0 : 1 << random.nextInt(20);
    h.streamId = random.nextInt(6);
    h.streamFlags = random.nextInt(3) == 0 ? random.nextInt(6) : 1 << random.nextInt(20);
    byte[] body = ByteDamage.noise(random, random.nextInt(8) == 0 ? 65_000 : random.nextInt(300));
    byte[] packet = new byte[Door.DATA_HEADER + body.length];
    h.write(packet, 0);
    System.arraycopy(body, 0, packet, Door.DATA_HEADER, body.length);
    return packet;
  }

  private static byte[] numbers(byte[] tail, int... numbers) {
    return DoorCall.of(0, 0, 0, tail, numbers).payload();
  }

  /** Damage may not make a packet that sends anything off this host. */
  private static byte[] harmless(byte[] packet) {
    List<DoorCall> calls = DoorCall.parse(packet, packet.length);
    if (calls == null) {
      return packet;
    }
    boolean away =
        calls.stream().anyMatch(c -> c.op() == Door.OP_CONNECT && !isLoopback(c.payload()));
    return away ? DoorCall.encode(List.of(DoorCall.of(Door.OP_CONNECT, 1, 1))) : packet;
  }

  private static boolean isLoopback(byte[] address) {
    InetSocketAddress a = SockaddrCodec.decode(address, 0, address.length);
    return a == null || a.getAddress().isLoopbackAddress();
  }
}
