package dev.quic.fuzz.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.fuzz.Allocation;
import dev.quic.fuzz.House;
import dev.quic.fuzz.Seeds;
import dev.quic.fuzz.Tally;
import dev.quic.uapi.Errno;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorCall;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.NetlinkClient;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged packets on a control connection that holds a fresh socket, a listener, both ends of an
 * established connection and a handshake grant. Each is answered once.
 */
class ControlFuzzTest {
  /** Damaged packets. */
  private static final int PACKETS = Integer.getInteger("fuzz.control", 25_000);

  /** Of them in the life of one connection. */
  private static final int PER_CONNECTION = 50;

  /** Only a hang takes so long. */
  private static final int PATIENCE_MS = 60_000;

  /** Bytes that reading one packet may allocate. */
  private static final long BOUND = 4 << 20;

  private static final String NAME = "ControlFuzzTest#damagedCalls";

  @TempDir Path temp;
  private final Tally tally = new Tally();
  private final Allocation parsing = new Allocation(BOUND);

  @Test
  void damagedCalls() throws Exception {
    try (House house = new House(temp)) {
      Seeds.run(
          NAME, PACKETS / PER_CONNECTION, 1, (seed, random) -> new Session(house, random).run());
      house.checkForgotten();
    }
    System.out.printf(
        "%d damaged control packets; at most %d KiB allocated to read one%n%s",
        tally.of("packet"), parsing.most() >> 10, tally.table());
    if (Long.getLong("fuzz.seed") == null) {
      assertThat(tally.of("packet")).isEqualTo(PACKETS);
      for (int op = Door.OP_SOCKET; op <= Door.OP_CLOSE; op++) {
        assertThat(tally.of("op " + op)).as("op %d", op).isGreaterThan(PACKETS / 250);
        // An op that never succeeds is only fuzzed at its border.
        assertThat(tally.of("op " + op, "ok")).as("op %d", op).isPositive();
      }
    }
  }

  /** One connection's life. */
  private final class Session {
    private final House house;
    private final RandomGenerator random;
    private final RunDir dir;
    private final Wired wired;
    private final SeqPacket line;
    private final byte[] in = new byte[SeqPacket.MAX_PACKET];
    private final List<SeqPacket> open = new ArrayList<>();

    Session(House house, RandomGenerator random) throws IOException {
      this.house = house;
      this.random = random;
      dir = new RunDir(house.dir());
      wired = new Wired(dir);
      line = SeqPacket.connect(dir.socket()).buffers(1 << 20);
    }

    void run() throws Exception {
      try {
        CallDamage damage = new CallDamage(random, handles());
        for (int i = 0; i < PER_CONNECTION; i++) {
          byte[] made = damage.packet();
          byte[] packet = made.length == 0 ? new byte[1] : made;
          parsing.measure(() -> DoorCall.parse(packet, packet.length));
          line.send(packet, 0, packet.length, descriptor());
          tally.count("packet", "sent");
          answer(packet);
          drain();
          house.checkQuiet();
        }
        bystander();
      } finally {
        close();
      }
    }

    /** The fuzzer's own handles of a socket of each kind. */
    private int[] handles() throws IOException {
      List<Integer> handles = new ArrayList<>();
      handles.add(ask(DoorCall.of(Door.OP_SOCKET, 1, 0, new byte[0], 2, 1, 261), -1));
      handles.add(adopt(wired.listener.data().number()));
      handles.add(adopt(wired.client.data().number()));
      handles.add(adopt(wired.server.data().number()));
      int grant = grant();
      handles.add(adopt(grant));
      open.add(SeqPacket.adopt(grant));
      return handles.stream().mapToInt(Integer::intValue).toArray();
    }

    private int grant() throws IOException {
      try (NetlinkClient bus = NetlinkClient.connect(dir)) {
        if (bus.join(Nl.HANDSHAKE_GROUP_TLSHD) != 0) {
          throw new IOException("cannot join");
        }
        House.Lonely lonely = house.lonely();
        NetlinkClient.Accepted a = bus.accept();
        if (a == null) {
          throw new IOException("no request");
        }
        // The socket goes with its request, which ends when the grant is closed.
        lonely.done().whenComplete((peer, failure) -> lonely.socket().close());
        return a.grant();
      }
    }

    private int adopt(int descriptor) throws IOException {
      return ask(DoorCall.of(Door.OP_ADOPT, 1, 0), descriptor);
    }

    private int ask(DoorCall call, int pass) throws IOException {
      byte[] packet = DoorCall.encode(List.of(call));
      line.send(packet, 0, packet.length, pass);
      return receive().get(0).value();
    }

    private List<DoorCall> receive() {
      int n = line.receive(in, PATIENCE_MS);
      int came = line.takeDescriptor();
      if (came >= 0) {
        open.add(SeqPacket.adopt(came));
        if (open.size() > 20) {
          open.removeFirst().close();
        }
      }
      List<DoorCall> replies = n <= 0 ? null : DoorCall.parse(in, n);
      if (replies == null) {
        throw new AssertionError("no answer, or a malformed one: " + n + " " + Errno.name(n));
      }
      return replies;
    }

    private int descriptor() {
      return switch (random.nextInt(10)) {
        case 0 -> wired.client.data().number();
        case 1 -> line.number();
        case 2 -> open.isEmpty() ? -1 : open.getLast().number();
        default -> -1;
      };
    }

    private void answer(byte[] packet) {
      List<DoorCall> asked = DoorCall.parse(packet, packet.length);
      List<DoorCall> replies = receive();
      if (replies.size() > 64 || asked != null && replies.size() > asked.size()) {
        throw new AssertionError(replies.size() + " replies to " + asked);
      }
      for (int i = 0; i < replies.size(); i++) {
        DoorCall r = replies.get(i);
        boolean last = i == replies.size() - 1;
        if (r.value() < 0 && !last) {
          throw new AssertionError("calls went on behind an error of op " + r.op());
        }
        tally.count(
            r.op() > Door.OP_CLOSE ? "op unknown" : "op " + r.op(), Tally.result(r.value()));
      }
    }

    /** Reads what came on the data descriptors, so that nothing backs up for ever. */
    private void drain() {
      for (SeqPacket s : List.of(wired.client.data(), wired.server.data(), wired.listener.data())) {
        for (int i = 0; i < 64 && s.tryReceive(in) > 0; i++) {
          int came = s.takeDescriptor();
          if (came >= 0) {
            SeqPacket.closeDescriptor(came);
          }
        }
      }
    }

    /** Another program is served as if nothing were. */
    private void bystander() throws IOException {
      try (DoorClient other = DoorClient.connect(dir)) {
        other.socket(2, 1, 261).close();
      }
    }

    private void close() {
      open.forEach(SeqPacket::close);
      line.close();
      wired.close();
    }
  }
}
