package dev.quic.fuzz.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.fuzz.Allocation;
import dev.quic.fuzz.SeededRandomness;
import dev.quic.fuzz.Seeds;
import dev.quic.handshaked.tls.HandshakeMessages;
import dev.quic.handshaked.tls.session.TlsSession;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * One message of a handshake is damaged. Nothing may escape an engine, hang, allocate without
 * bound, complete where it must not, or make an end complete with secrets that the other has not.
 */
class HandshakeFuzzTest {
  /** Damaged messages. */
  private static final int MESSAGES = Integer.getInteger("fuzz.handshakes", 100_000);

  /** Bytes an engine may allocate for one message, whatever it holds. */
  private static final long BOUND = 8 << 20;

  /** Recordings must not have the randomness of any seed: they would fit it. */
  private static final long RECORDING = 1L << 40;

  private static final String NAME = "HandshakeFuzzTest#damagedMessages";

  private final Allocation allocation = new Allocation(BOUND);
  private final Stages byMessage = new Stages();
  private final Stages byMode = new Stages();
  private final AtomicInteger resumed = new AtomicInteger();

  private final List<List<Wire.Message>> recorded = new ArrayList<>();
  private final List<Wire.Message> everything = new ArrayList<>();

  /** Also warms up what every engine shares, so that no message is blamed for it. */
  private void recordAll() {
    for (Mode mode : Modes.ALL) {
      SeededRandomness.seed(RECORDING + recorded.size());
      List<Wire.Message> flight = Wire.record(mode);
      recorded.add(flight);
      everything.addAll(flight);
    }
  }

  @Test
  void damagedMessages() throws Exception {
    recordAll();
    long begin = System.nanoTime();
    Seeds.run(NAME, MESSAGES, Seeds.threads(), this::one);
    System.out.printf(
        "%d damaged handshake messages in %d modes in %.0f s; at most %d KiB allocated for one;"
            + " %d sessions of damaged handshakes were tried%n%s%s",
        byMessage.all(),
        Modes.ALL.size(),
        (System.nanoTime() - begin) / 1e9,
        allocation.most() >> 10,
        resumed.get(),
        byMessage.table("damaged message"),
        byMode.table("mode"));
    if (Long.getLong("fuzz.seed") == null) {
      everyStageIsReached();
    }
  }

  /** A fuzzer that never gets past the first parser proves nothing. */
  private void everyStageIsReached() {
    assertThat(byMessage.all()).isEqualTo(MESSAGES);
    for (int type : new int[] {1, 2, 4, 8, 11, 13, 15, 20}) {
      assertThat(byMessage.of(HandshakeMessages.name(type)))
          .as(HandshakeMessages.name(type))
          .isGreaterThan(MESSAGES / 200);
    }
    for (Mode mode : Modes.ALL) {
      assertThat(byMode.of(mode.name())).as(mode.name()).isGreaterThan(MESSAGES / 400);
    }
    assertThat(byMessage.of(Stages.End.AT_ONCE)).isGreaterThan(MESSAGES / 4);
    assertThat(byMessage.of(Stages.End.LATER)).isGreaterThan(MESSAGES / 20);
    assertThat(byMessage.of(Stages.End.COMPLETE)).isGreaterThan(MESSAGES / 100);
    assertThat(resumed).hasValueGreaterThan(MESSAGES / 1000);
  }

  private void one(long seed, RandomGenerator random) {
    SeededRandomness.seed(seed);
    int mode = Modes.draw(random);
    List<Wire.Message> flight = recorded.get(mode);
    int target = target(random, flight);
    MessageDamage damage = new MessageDamage(random, everything);
    try {
      if (random.nextInt(4) != 0 && isReplayable(flight, target)) {
        replay(random, Modes.ALL.get(mode), flight, target, damage);
      } else {
        pair(random, Modes.ALL.get(mode), target, damage);
      }
    } catch (RuntimeException | Error e) {
      String message =
          Modes.ALL.get(mode)
              + ", message "
              + target
              + " (recorded "
              + HexFormat.of().formatHex(flight.get(target).bytes(), 0, 4)
              + "), damage: "
              + damage.what();
      throw new AssertionError(message + ": " + e, e);
    }
  }

  /** The ClientHello twice as often as others: it is what anybody can send. */
  private static int target(RandomGenerator random, List<Wire.Message> flight) {
    return random.nextInt(5) == 0 ? 0 : random.nextInt(flight.size());
  }

  /**
   * Whether one engine is enough: what comes before CertificateVerify fits any other handshake of
   * the mode, and so does every ClientHello.
   */
  private static boolean isReplayable(List<Wire.Message> flight, int target) {
    Wire.Message m = flight.get(target);
    int type = m.type();
    return m.fromClient() ? type == 1 : type != 15 && type != 20 && type != 4;
  }

  private void count(Mode mode, int type, Stages.End end) {
    byMessage.count(HandshakeMessages.name(type), end);
    byMode.count(mode.name(), end);
  }

  /** The other end is a recording, which cannot bring any engine to an end. */
  private void replay(
      RandomGenerator random,
      Mode mode,
      List<Wire.Message> flight,
      int target,
      MessageDamage damage) {
    boolean client = !flight.get(target).fromClient();
    Stages.End end = Stages.End.WAITING;
    try (End one = new End(client ? mode.client() : mode.server(), allocation)) {
      for (int i = 0; i < flight.size() && !one.refused(); i++) {
        Wire.Message m = flight.get(i);
        if (m.fromClient() == client) {
          continue;
        }
        for (Wire.Message sent : i == target ? damage.apply(m) : List.of(m)) {
          inPieces(random, one, sent);
        }
        if (one.refused()) {
          if (i < target) {
            throw new AssertionError("an undamaged message was refused");
          }
          end = i == target ? Stages.End.AT_ONCE : Stages.End.LATER;
        }
      }
      if (one.engine.isComplete()) {
        throw new AssertionError("complete with a recording");
      }
    }
    count(mode, flight.get(target).type(), end);
  }

  private static void inPieces(RandomGenerator random, End end, Wire.Message m) {
    int piece = random.nextInt(4) == 0 ? 1 + random.nextInt(200) : Math.max(1, m.bytes().length);
    for (int off = 0; off < m.bytes().length; off += piece) {
      end.receive(m.level(), m.bytes(), off, Math.min(piece, m.bytes().length - off));
    }
  }

  /** Both ends are engines. */
  private void pair(RandomGenerator random, Mode mode, int target, MessageDamage damage) {
    try (End client = new End(mode.client(), allocation);
        End server = new End(mode.server(), allocation)) {
      int[] seen = {0, -1};
      boolean[] atOnce = {false};
      Wire.run(
          client,
          server,
          m -> {
            if (seen[0]++ == target) {
              seen[1] = m.type();
              return damage.apply(m);
            }
            // Whether the damaged message was refused is known when the next one is due.
            atOnce[0] |= seen[0] == target + 2 && (client.refused() || server.refused());
            return List.of(m);
          });
      Wire.checkAgree(client, server);
      boolean refused = client.refused() || server.refused();
      if (client.engine.isComplete() && server.engine.isComplete()) {
        count(mode, seen[1], Stages.End.COMPLETE);
        resume(random, mode, client);
      } else if (refused) {
        boolean last = seen[0] == target + 1;
        count(mode, seen[1], atOnce[0] || last ? Stages.End.AT_ONCE : Stages.End.LATER);
      } else {
        count(mode, seen[1], Stages.End.WAITING);
      }
    }
  }

  /** A session of a handshake in which something was damaged, perhaps the ticket. */
  private void resume(RandomGenerator random, Mode mode, End client) {
    TlsSession session = client.session();
    if (session == null || random.nextInt(2) == 0) {
      return;
    }
    resumed.incrementAndGet();
    Mode next = mode.resuming(session);
    try (End again = new End(next.client(), allocation);
        End server = new End(next.server(), allocation)) {
      Wire.run(again, server, List::of);
      Wire.checkAgree(again, server);
    }
  }
}
