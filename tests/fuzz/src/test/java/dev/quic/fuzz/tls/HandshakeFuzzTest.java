package dev.quic.fuzz.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.fuzz.Allocation;
import dev.quic.fuzz.SeededRandomness;
import dev.quic.fuzz.Seeds;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * One message of a handshake is damaged. Nothing may escape an engine, hang, allocate without
 * bound, complete where it must not, or make both ends complete with differing secrets.
 */
class HandshakeFuzzTest {
  /** Damaged messages. */
  private static final int MESSAGES = Integer.getInteger("fuzz.handshakes", 100_000);

  /** Bytes an engine may allocate for one message, whatever it holds. */
  private static final long BOUND = 8 << 20;

  private static final String NAME = "HandshakeFuzzTest#damagedMessages";

  private final Allocation allocation = new Allocation(BOUND);
  private final AtomicInteger delivered = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger complete = new AtomicInteger();

  private final List<List<Wire.Message>> recorded = new ArrayList<>();
  private final List<Wire.Message> everything = new ArrayList<>();

  /** Also warms up what every engine shares, so that no message is blamed for it. */
  private void recordAll() {
    for (Mode mode : Mode.ALL) {
      SeededRandomness.seed(recorded.size());
      List<Wire.Message> flight = Wire.record(mode);
      recorded.add(flight);
      everything.addAll(flight);
    }
  }

  @Test
  void damagedMessages() throws Exception {
    recordAll();
    Seeds.run(NAME, MESSAGES, Seeds.threads(), this::one);
    System.out.printf(
        "%d damaged messages: %d refused, %d handshakes complete all the same; at most %d KiB"
            + " allocated for one message%n",
        delivered.get(), refused.get(), complete.get(), allocation.most() >> 10);
    if (Long.getLong("fuzz.seed") == null) {
      assertThat(delivered).hasValueGreaterThanOrEqualTo(MESSAGES);
      assertThat(refused).hasValueGreaterThan(MESSAGES / 2);
      assertThat(complete).hasPositiveValue();
    }
  }

  private void one(long seed, RandomGenerator random) {
    SeededRandomness.seed(seed);
    int mode = random.nextInt(Mode.ALL.size());
    List<Wire.Message> flight = recorded.get(mode);
    int target = target(random, flight);
    MessageDamage damage = new MessageDamage(random, everything);
    try {
      if (random.nextInt(4) != 0 && isReplayable(flight, target)) {
        replay(random, Mode.ALL.get(mode), flight, target, damage);
      } else {
        pair(Mode.ALL.get(mode), target, damage);
      }
    } catch (RuntimeException | Error e) {
      String message =
          Mode.ALL.get(mode)
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
    return m.fromClient() ? m.bytes()[0] == 1 : m.bytes()[0] != 15 && m.bytes()[0] != 20;
  }

  /** The other end is a recording, which cannot bring any engine to an end. */
  private void replay(
      RandomGenerator random,
      Mode mode,
      List<Wire.Message> flight,
      int target,
      MessageDamage damage) {
    boolean client = !flight.get(target).fromClient();
    try (End end = new End((client ? mode.client() : mode.server()).get(), allocation)) {
      for (int i = 0; i < flight.size() && !end.refused(); i++) {
        Wire.Message m = flight.get(i);
        if (m.fromClient() == client) {
          continue;
        }
        List<Wire.Message> messages = i == target ? damage.apply(m) : List.of(m);
        delivered.addAndGet(i == target ? 1 : 0);
        for (Wire.Message sent : messages) {
          inPieces(random, end, sent);
        }
      }
      if (end.engine.isComplete()) {
        throw new AssertionError("complete with a recording");
      }
      refused.addAndGet(end.refused() ? 1 : 0);
    }
  }

  private static void inPieces(RandomGenerator random, End end, Wire.Message m) {
    int piece = random.nextInt(4) == 0 ? 1 + random.nextInt(200) : Math.max(1, m.bytes().length);
    for (int off = 0; off < m.bytes().length; off += piece) {
      end.receive(m.level(), m.bytes(), off, Math.min(piece, m.bytes().length - off));
    }
  }

  /** Both ends are engines. */
  private void pair(Mode mode, int target, MessageDamage damage) {
    try (End client = new End(mode.client().get(), allocation);
        End server = new End(mode.server().get(), allocation)) {
      int[] count = {0};
      Wire.run(
          client,
          server,
          m -> {
            if (count[0]++ != target) {
              return List.of(m);
            }
            delivered.incrementAndGet();
            return damage.apply(m);
          });
      if (client.engine.isComplete() && server.engine.isComplete()) {
        complete.incrementAndGet();
        if (!Wire.agree(client, server)) {
          throw new AssertionError("both complete, with differing secrets");
        }
      }
      refused.addAndGet(client.refused() || server.refused() ? 1 : 0);
    }
  }
}
