package dev.quic.fuzz.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.fuzz.ByteDamage;
import dev.quic.fuzz.House;
import dev.quic.fuzz.Seeds;
import dev.quic.fuzz.Tally;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorData;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged packets on the data descriptors of an established connection and of its listener. What
 * comes back is well formed, and the other end sees a connection at worst closed.
 */
class DataFuzzTest {
  /** Damaged packets. */
  private static final int PACKETS = Integer.getInteger("fuzz.data", 25_000);

  /** Of them in the life of one connection. */
  private static final int PER_CONNECTION = 50;

  private static final String NAME = "DataFuzzTest#damagedSends";

  private static final int NEW = QuicUapi.MSG_QUIC_STREAM_NEW;

  private static final int[] FLAGS = {
    QuicUapi.MSG_DONTWAIT,
    QuicUapi.MSG_QUIC_STREAM_FIN,
    QuicUapi.MSG_QUIC_STREAM_NEW,
    QuicUapi.MSG_QUIC_STREAM_UNI,
    QuicUapi.MSG_QUIC_DATAGRAM,
    QuicUapi.MSG_MORE,
    QuicUapi.MSG_PEEK,
    1,
    -1
  };

  private static final long[] STREAMS = {
    0, 0, 0, 1, 1, 2, 3, 4, 5, 8, 9, -1, 1L << 61, 1L << 62, -2
  };

  @TempDir Path temp;
  private final Tally tally = new Tally();

  @Test
  void damagedSends() throws Exception {
    try (House house = new House(temp)) {
      Seeds.run(
          NAME, PACKETS / PER_CONNECTION, 1, (seed, random) -> new Session(house, random).run());
      house.checkForgotten();
    }
    System.out.printf("%d damaged data packets%n%s", tally.of("packet"), tally.table());
    if (Long.getLong("fuzz.seed") == null) {
      assertThat(tally.of("packet")).isEqualTo(PACKETS);
      assertThat(tally.of("result", "ok")).isGreaterThan(PACKETS / 100);
      assertThat(tally.of("result", "EINVAL")).isGreaterThan(PACKETS / 100);
      // They got through to the other end.
      assertThat(tally.of("server got", "RECV")).isGreaterThan(PACKETS / 100);
    }
  }

  /** One connection's life. */
  private final class Session {
    private final House house;
    private final RandomGenerator random;
    private final Wired wired;
    private final DoorData header = new DoorData();
    private final byte[] in = new byte[SeqPacket.MAX_PACKET];

    Session(House house, RandomGenerator random) throws IOException {
      this.house = house;
      this.random = random;
      wired = new Wired(new RunDir(house.dir()));
    }

    void run() throws Exception {
      try (wired) {
        for (int i = 0; i < PER_CONNECTION; i++) {
          byte[] packet = packet();
          // Not waiting: the data plane stops reading when a send of ours waits for credit.
          int n = target().trySend(packet, 0, packet.length, descriptor());
          tally.count("packet", n >= 0 ? "sent" : Errno.name(-n));
          // The conductor has read them when it answers this.
          wired.listener.getsockname();
          drain(wired.client.data(), "client got");
          drain(wired.server.data(), "server got");
          drain(wired.listener.data(), "listener got");
          house.checkQuiet();
        }
      }
    }

    private SeqPacket target() {
      return switch (random.nextInt(10)) {
        case 0 -> wired.listener.data();
        case 1, 2 -> wired.server.data();
        default -> wired.client.data();
      };
    }

    private int descriptor() {
      return random.nextInt(30) == 0 ? wired.server.data().number() : -1;
    }

    private byte[] packet() {
      header.reset(random.nextInt(15) == 0 ? random.nextInt(10) : Door.DATA_SEND);
      header.cmsg = cmsg();
      header.flags = random.nextInt(3) == 0 ? flags() : 0;
      header.flags |= random.nextInt(3) == 0 ? Door.WANT_RESULT : 0;
      header.streamId = STREAMS[random.nextInt(STREAMS.length)];
      header.streamFlags = header.cmsg == 1 ? random.nextInt(6) - 1 : flags();
      header.seq = random.nextInt(1 << 16);
      byte[] body = ByteDamage.noise(random, length());
      byte[] packet = new byte[Door.DATA_HEADER + body.length];
      header.write(packet, 0);
      System.arraycopy(body, 0, packet, Door.DATA_HEADER, body.length);
      if (random.nextInt(3) == 0) {
        packet = ByteDamage.damage(random, packet, SeqPacket.MAX_PACKET - 1);
      }
      return packet.length == 0 ? new byte[1] : packet;
    }

    /** Mostly a stream's, since handshake messages end an established connection. */
    private int cmsg() {
      return switch (random.nextInt(40)) {
        case 0 -> 1;
        case 1 -> 2;
        case 2, 3, 4, 5 -> Door.CMSG_NONE;
        default -> 0;
      };
    }

    private int flags() {
      if (random.nextInt(3) != 0) {
        return random.nextInt(3) == 0 ? QuicUapi.MSG_QUIC_STREAM_FIN : NEW;
      }
      int flags = NEW;
      for (int i = random.nextInt(4); i > 0; i--) {
        flags |= FLAGS[random.nextInt(FLAGS.length)];
      }
      return random.nextInt(4) == 0 ? flags & ~NEW : flags;
    }

    private int length() {
      return switch (random.nextInt(12)) {
        case 0 -> Door.MAX_DATA;
        case 1 -> Door.MAX_DATA + 1 + random.nextInt(100);
        case 2 -> 0;
        default -> random.nextInt(600);
      };
    }

    private void drain(SeqPacket from, String who) {
      int n = from.tryReceive(in);
      for (int i = 0; i < 200 && n > 0; i++) {
        int came = from.takeDescriptor();
        if (came >= 0) {
          SeqPacket.closeDescriptor(came);
        }
        check(n, who);
        n = from.tryReceive(in);
      }
      if (n > 0) {
        throw new AssertionError("packets without end");
      }
    }

    private void check(int n, String who) {
      if (!header.read(in, 0, n)) {
        throw new AssertionError("a malformed packet: " + Arrays.toString(Arrays.copyOf(in, n)));
      }
      switch (header.type) {
        case Door.DATA_RECV -> tally.count(who, "RECV");
        case Door.DATA_ACCEPT -> tally.count(who, "ACCEPT");
        case Door.DATA_RESULT -> tally.count("result", Tally.result(header.streamId));
        case Door.DATA_CLOSED -> tally.count(who, "CLOSED " + Tally.result(-header.streamId));
        default -> throw new AssertionError("a packet of type " + header.type);
      }
    }
  }
}
