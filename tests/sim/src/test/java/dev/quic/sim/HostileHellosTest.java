package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.common.Writer;
import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.InitialSecrets;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.frame.FrameType;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.packet.PacketHeader;
import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.Peer;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Strangers with the keys of Initial packets, which everybody has, before anybody knows which of
 * several listeners they want: pieces of ClientHellos and anything else in any order, numbers with
 * gaps, ids of ours, several packets in a datagram, damage.
 */
class HostileHellosTest {
  private static final SockAddr AT = Pair.SERVER.withPort(Pair.PORT);
  private static final int SEEDS = 100;
  private static final int DATAGRAMS = 400;
  private static final int STRANGERS = 6;
  private static final int SIZE = 1_200;

  private SplittableRandom random = new SplittableRandom(0);
  private final Listeners in = new Listeners(new Scenario(Network.clean(10 * Sim.MILLIS)));
  private final long[] number = new long[STRANGERS];
  private final ConnId[] given = new ConnId[STRANGERS];

  HostileHellosTest() {
    Arrays.fill(given, ConnId.EMPTY);
    in.scenario().toClient =
        d -> {
          PacketHeader h = new PacketHeader();
          int who = d.to.port() - 1;
          if (who < STRANGERS && h.parse(d.bytes, 0, d.length()) == Kind.INITIAL) {
            given[who] = h.scid(d.bytes);
          }
          // The strangers' ports are nobody's.
          return who >= STRANGERS;
        };
  }

  @Test
  void doNoHarm() throws Exception {
    Seeds.run(HostileHellosTest.class, SEEDS, seed -> new HostileHellosTest().run(seed));
  }

  private String run(long seed) {
    random = new SplittableRandom(seed);
    Sock one = in.listen(AT, "a");
    if (random.nextBoolean()) {
      in.validate();
    }
    Sock two = in.listen(AT, "b", random.nextBoolean() ? "www.test" : "");
    for (int i = 0; i < DATAGRAMS; i++) {
      int who = random.nextInt(STRANGERS);
      byte[] bytes = datagram(who);
      if (random.nextInt(20) == 0) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      SockAddr from = Pair.CLIENT.withPort(1 + who);
      in.scenario().pair.server().accept(in.now(), new Datagram(bytes, from, AT, (byte) 0));
      if (random.nextInt(4) == 0) {
        in.sim().runFor(random.nextLong(200 * Sim.MILLIS));
      }
    }
    assertThat(in.scenario().pair.server().net().held())
        .isLessThan(DATAGRAMS * (long) Limits.CRYPTO_BUFFER_BYTES);
    Peer honest = in.connect("a", "", 2_000);
    in.run(() -> honest.done() || honest.over());
    if (!honest.done()) {
      return "an honest client: " + honest;
    }
    honest.close(in.now());
    in.close(one);
    in.close(two);
    in.sim().runFor(5 * Sim.MINUTES);
    long held = in.scenario().pair.server().net().held();
    return held == 0 ? "" : held + " bytes are held for nobody";
  }

  private byte[] datagram(int who) {
    byte[] out = new byte[SIZE + 300];
    int at = 0;
    do {
      at = packet(who, out, at, random.nextInt(4) == 0 ? 150 : SIZE - at);
    } while (at < SIZE && random.nextInt(8) > 0);
    return Arrays.copyOf(out, random.nextInt(30) == 0 ? Math.max(1, at) : Math.max(SIZE, at));
  }

  /** One packet of about so many bytes; where it ends. */
  private int packet(int who, byte[] out, int start, int bytes) {
    QuicVersion version = random.nextInt(10) == 0 ? QuicVersion.V2 : QuicVersion.V1;
    int wire = random.nextInt(25) == 0 ? random.nextInt() : version.wire();
    int level = random.nextInt(8) == 0 ? QuicUapi.QUIC_CRYPTO_EARLY : QuicUapi.QUIC_CRYPTO_INITIAL;
    ConnId chosen = ConnId.ofKey(0x0101_0101_0101_0101L * (1 + who));
    ConnId to = random.nextInt(3) == 0 ? given[who] : chosen;
    ConnId scid = ConnId.of(new byte[random.nextInt(8) == 0 ? random.nextInt(21) : 4]);
    // Gaps as wide as four bytes can say, too.
    number[who] += random.nextInt(10) == 0 ? 1L << random.nextInt(31) : random.nextInt(3);
    int pnOff = HeaderWriter.writeLong(out, start, wire, level, to, scid, new byte[0], 4);
    int end = Math.max(pnOff + 8, Math.min(start + bytes, SIZE + 100) - PacketProtection.TAG);
    Writer w = new Writer(out, pnOff + 4, end - pnOff - 4);
    while (w.ok() && w.remaining() > 0 && random.nextInt(3) > 0) {
      frame(w);
    }
    HeaderWriter.finishLong(out, pnOff, 4, number[who], end + PacketProtection.TAG);
    PacketProtection key = InitialSecrets.protection(version, chosen.toBytes(), true);
    key.seal(out, start, pnOff, end, number[who]);
    key.destroy();
    return end + PacketProtection.TAG;
  }

  private void frame(Writer w) {
    byte[] hello = hello(random.nextInt(6) == 0 ? 15_000 : 2_000);
    switch (random.nextInt(6)) {
      case 0 -> w.u8(FrameType.PING);
      case 1 -> w.zeros(Math.min(w.remaining(), random.nextInt(100)));
      case 2 -> {
        byte[] junk = new byte[Math.min(w.remaining(), random.nextInt(60))];
        random.nextBytes(junk);
        w.bytes(junk);
      }
      default -> {
        int from = random.nextInt(5) == 0 ? random.nextInt(hello.length) : 0;
        int len = Math.min(w.remaining() - 12, random.nextInt(1, 1_100));
        len = Math.min(len, hello.length - from);
        if (len > 0) {
          w.u8(FrameType.CRYPTO).varint(random.nextInt(40) == 0 ? Long.MAX_VALUE >> 2 : from);
          w.varint(len).bytes(hello, from, len);
        }
      }
    }
  }

  /** So many bytes of something in front of ALPN "b". */
  private static byte[] hello(int padding) {
    byte[] alpn = {0, 16, 0, 4, 0, 2, 1, 'b'};
    int extensions = 4 + padding + alpn.length;
    Writer w = new Writer(new byte[100 + extensions], 0, 100 + extensions);
    int body = 2 + 32 + 1 + 4 + 2 + 2 + extensions;
    w.u8(1).u8(0).u16(body).zeros(35).u16(2).u16(0x1301).u8(1).u8(0).u16(extensions);
    w.u16(21).u16(padding).zeros(padding).bytes(alpn);
    return Arrays.copyOf(w.array(), w.position());
  }
}
