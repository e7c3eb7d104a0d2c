package dev.quic.fuzz.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.consumer.QuicException;
import dev.quic.fuzz.Allocation;
import dev.quic.fuzz.House;
import dev.quic.fuzz.Seeds;
import dev.quic.fuzz.Tally;
import dev.quic.uapi.Errno;
import dev.quic.uapi.netlink.Nl;
import dev.quic.uapi.netlink.NlMessage;
import dev.quic.uapi.netlink.NlParser;
import dev.quic.uapi.netlink.NlRequests;
import dev.quic.uapi.netlink.NlWriter;
import dev.quic.uds.SeqPacket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged requests of a daemon on {@code netlink.sock}, with requests of consumers to be taken. The
 * data plane answers each with an errno at worst, goes on, and keeps nothing.
 */
class BusFuzzTest {
  /** Damaged packets. */
  private static final int PACKETS = Integer.getInteger("fuzz.bus", 40_000);

  /** Of them in the life of one connection. */
  private static final int PER_CONNECTION = 40;

  /** Messages that may answer one packet and the barrier behind it: its own limit, and READY. */
  private static final int MAX_ANSWERS = 200;

  /** Only a hang takes so long. */
  private static final int PATIENCE_MS = 60_000;

  /** Bytes that reading one packet may allocate: some times what the packet itself has. */
  private static final long BOUND = 4 << 20;

  private static final String NAME = "BusFuzzTest#damagedRequests";

  @TempDir Path temp;
  private final Tally tally = new Tally();
  private final Allocation parsing = new Allocation(BOUND);

  @Test
  void damagedRequests() throws Exception {
    try (House house = new House(temp)) {
      Seeds.run(
          NAME, PACKETS / PER_CONNECTION, 1, (seed, random) -> new Session(house, random).run());
      house.checkForgotten();
    }
    System.out.printf(
        "%d damaged bus packets; at most %d KiB allocated to read one%n%s",
        tally.of("sent"), parsing.most() >> 10, tally.table());
    if (Long.getLong("fuzz.seed") == null) {
      assertThat(tally.of("sent")).isEqualTo(PACKETS);
      for (String row : List.of("GETFAMILY", "GETPOLICY", "MEMBERSHIP", "ACCEPT", "DONE")) {
        assertThat(tally.of("sent", row)).as(row).isGreaterThan(PACKETS / 20);
      }
      for (String errno : List.of("ok", "EINVAL", "ERANGE", "ENOENT", "EOPNOTSUPP", "EBUSY")) {
        assertThat(tally.of("answer", errno)).as(errno).isPositive();
      }
      assertThat(tally.of("answer", "grant")).isGreaterThan(PACKETS / 200);
      assertThat(tally.of("request", "failed")).isGreaterThan(PACKETS / 400);
      assertThat(tally.of("request", "done")).as("success without a connection").isZero();
    }
  }

  /** One connection's life. */
  private final class Session {
    private final House house;
    private final RandomGenerator random;
    private final SeqPacket bus;
    private final SeqPacket[] foreign = SeqPacket.pair();
    private final List<House.Lonely> waiting = new ArrayList<>();
    private final List<Integer> grants = new ArrayList<>();
    private final byte[] in = new byte[SeqPacket.MAX_PACKET];
    private int seq = 1 << 20;

    Session(House house, RandomGenerator random) throws IOException {
      this.house = house;
      this.random = random;
      bus = SeqPacket.connect(house.dir().resolve("netlink.sock")).buffers(1 << 20);
    }

    void run() throws Exception {
      try {
        send(NlRequests.membership(Nl.MEMBERSHIP_ADD, Nl.HANDSHAKE_GROUP_TLSHD, 1, 0), -1);
        barrier();
        for (int i = 0; i < PER_CONNECTION; i++) {
          ask();
          damaged();
          barrier();
          house.checkQuiet();
        }
      } finally {
        close();
      }
    }

    /** Somebody wants a handshake, as long as the connection is subscribed. */
    private void ask() throws QuicException {
      if (random.nextInt(4) == 0 && waiting.size() < 8) {
        waiting.add(house.lonely());
      }
    }

    private void damaged() throws IOException {
      int kind = random.nextInt(12);
      String name =
          switch (kind) {
            case 0 -> "GETFAMILY";
            case 1 -> "GETPOLICY";
            case 2, 3 -> "MEMBERSHIP";
            case 4, 5, 6, 7 -> "ACCEPT";
            default -> "DONE";
          };
      byte[] packet = template(name);
      // Some stay whole: otherwise no grant is ever got, and none given back.
      boolean whole = random.nextInt(8) == 0;
      byte[] bytes =
          whole ? packet : NetlinkDamage.damage(random, packet, SeqPacket.MAX_PACKET - 1);
      if (bytes.length == 0) {
        bytes = new byte[] {0};
      }
      byte[] read = bytes;
      parsing.measure(() -> NlParser.parse(read, read.length, true));
      send(bytes, name.equals("DONE") ? descriptor() : random.nextInt(20) == 0 ? descriptor() : -1);
      tally.count("sent", name);
    }

    private byte[] template(String name) {
      int number = ++seq;
      return switch (name) {
        case "GETFAMILY" -> NlRequests.getFamily("handshake", number, 0);
        case "GETPOLICY" ->
            new NlWriter()
                .begin(Nl.GENL_ID_CTRL, Nl.NLM_F_REQUEST | Nl.NLM_F_DUMP, number, 0)
                .genl(Nl.CTRL_CMD_GETPOLICY, 1)
                .attrString(Nl.CTRL_ATTR_FAMILY_NAME, "handshake")
                .end()
                .toBytes();
        case "MEMBERSHIP" -> {
          int[] ops = {Nl.MEMBERSHIP_ADD, Nl.MEMBERSHIP_EXT_ACK, Nl.MEMBERSHIP_CAP_ACK};
          int op = ops[random.nextInt(ops.length)];
          int value = op == Nl.MEMBERSHIP_ADD ? Nl.HANDSHAKE_GROUP_TLSHD : random.nextInt(2);
          yield NlRequests.membership(op, value, number, 0);
        }
        case "ACCEPT" -> NlRequests.accept(Nl.HANDLER_CLASS_TLSHD, number, 0);
        default ->
            NlRequests.done(
                random.nextInt(3) * 13, 5, List.of(7, 8), random.nextBoolean(), number, 0);
      };
    }

    /** A grant, somebody else's socket, or nothing. */
    private int descriptor() {
      int kind = random.nextInt(8);
      if (kind == 0) {
        return -1;
      }
      if (kind == 1 || grants.isEmpty()) {
        return foreign[0].number();
      }
      return grants.get(random.nextInt(grants.size()));
    }

    private void send(byte[] bytes, int pass) throws IOException {
      bus.send(bytes, 0, bytes.length, pass);
    }

    /** Asks something harmless and reads up to its answer: the data plane is alive. */
    private void barrier() throws IOException {
      int number = ++seq;
      send(NlRequests.getFamily("no such family", number, 0), -1);
      for (int i = 0; i < MAX_ANSWERS; i++) {
        int n = bus.receive(in, PATIENCE_MS);
        int came = bus.takeDescriptor();
        if (came >= 0) {
          grants.add(came);
          tally.count("answer", "grant");
        }
        if (n <= 0) {
          throw new AssertionError("the data plane does not answer: " + Errno.name(n));
        }
        if (answers(n, number)) {
          forget();
          return;
        }
      }
      throw new AssertionError("answers without end");
    }

    /** Checks one packet. @return whether it answers the barrier */
    private boolean answers(int n, int number) {
      int bytes = 0;
      boolean last = false;
      for (NlMessage m : NlMessage.split(in, n)) {
        bytes = Math.min(n, bytes + Nl.align(m.bytes().length));
        if (m.type() == Nl.NLMSG_ERROR) {
          tally.count("answer", Tally.result(m.payloadInt(0)));
          last |= m.seq() == number;
        } else {
          tally.count("answer", "type " + m.type());
        }
      }
      if (bytes != n) {
        throw new AssertionError(
            "an answer of " + n + " bytes is malformed: " + Arrays.toString(in));
      }
      return last;
    }

    /** Consumers whose request is over leave; grants are not collected without end. */
    private void forget() {
      waiting.removeIf(l -> {
        if (l.done().isDone()) {
          tally.count("request", l.done().isCompletedExceptionally() ? "failed" : "done");
          l.socket().close();
          return true;
        }
        return false;
      });
      while (grants.size() > 6) {
        SeqPacket.closeDescriptor(grants.removeFirst());
      }
    }

    private void close() {
      bus.close();
      foreign[0].close();
      foreign[1].close();
      grants.forEach(SeqPacket::closeDescriptor);
      waiting.forEach(l -> l.socket().close());
    }
  }
}
