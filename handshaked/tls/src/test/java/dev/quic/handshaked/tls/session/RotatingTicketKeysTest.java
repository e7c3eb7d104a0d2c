package dev.quic.handshaked.tls.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.tls.MovingClock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RotatingTicketKeysTest {
  private static final Duration PERIOD = Duration.ofHours(1);
  private static final byte[] STATE = {1, 2, 3, 4, 5};

  private final MovingClock clock = new MovingClock();
  private final RotatingTicketKeys keys = RotatingTicketKeys.random(clock, PERIOD);

  private static byte[] master(int fill) {
    byte[] master = new byte[RotatingTicketKeys.MIN_MASTER];
    Arrays.fill(master, (byte) fill);
    return master;
  }

  @Test
  void previousAndCurrentAreRead() {
    byte[] ticket = keys.seal(STATE);
    assertThat(keys.open(ticket)).isEqualTo(STATE);
    clock.advance(PERIOD);
    assertThat(keys.open(ticket)).isEqualTo(STATE);
    clock.advance(PERIOD);
    assertThat(keys.open(ticket)).isNull();
  }

  @Test
  void nextIsReadFromAnotherDaemonWhoseClockIsAhead() {
    MovingClock ahead = new MovingClock();
    ahead.advance(PERIOD);
    RotatingTicketKeys one = RotatingTicketKeys.ofMaster(master(1), clock, PERIOD);
    RotatingTicketKeys other = RotatingTicketKeys.ofMaster(master(1), ahead, PERIOD);
    assertThat(one.open(other.seal(STATE))).isEqualTo(STATE);
    assertThat(other.open(one.seal(STATE))).isEqualTo(STATE);
    ahead.advance(PERIOD);
    assertThat(one.open(other.seal(STATE))).isNull();
    assertThat(other.open(one.seal(STATE))).isNull();
  }

  @Test
  void othersKeysDoNotOpen() {
    byte[] ticket = keys.seal(STATE);
    assertThat(RotatingTicketKeys.random(clock, PERIOD).open(ticket)).isNull();
    assertThat(RotatingTicketKeys.ofMaster(master(2), clock, PERIOD).open(ticket)).isNull();
  }

  @Test
  void ticketsDifferAndHideTheState() {
    byte[] one = keys.seal(new byte[64]);
    assertThat(one).isNotEqualTo(keys.seal(new byte[64])).hasSize(1 + 8 + 12 + 64 + 16);
  }

  @Test
  void alteredTicketsDoNotOpen() {
    byte[] ticket = keys.seal(STATE);
    for (int bit = 0; bit < ticket.length * Byte.SIZE; bit++) {
      byte[] altered = ticket.clone();
      altered[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertThat(keys.open(altered)).as("bit %d", bit).isNull();
    }
    for (int length = 0; length < ticket.length; length++) {
      assertThat(keys.open(Arrays.copyOf(ticket, length))).as("%d bytes", length).isNull();
    }
  }

  @Test
  void noiseDoesNotOpen() {
    Random random = new Random(1);
    for (int i = 0; i < 2000; i++) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      if (noise.length > 0) {
        noise[0] = 1;
      }
      assertThat(keys.open(noise)).isNull();
    }
  }

  /** The difference of two periods may overflow. */
  @Test
  void periodsAtTheEdgeDoNotOpen() {
    byte[] ticket = keys.seal(STATE);
    for (int i = 1; i <= 8; i++) {
      ticket[i] = 0;
    }
    ticket[1] = (byte) 0x80;
    assertThat(keys.open(ticket)).isNull();
  }

  @Test
  void wipedKeysSealAndOpenNothing() {
    byte[] ticket = keys.seal(STATE);
    keys.destroy();
    assertThat(keys.isDestroyed()).isTrue();
    assertThat(keys.open(ticket)).isNull();
    assertThatThrownBy(() -> keys.seal(STATE)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> RotatingTicketKeys.ofMaster(new byte[31], clock, PERIOD))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RotatingTicketKeys.random(clock, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
