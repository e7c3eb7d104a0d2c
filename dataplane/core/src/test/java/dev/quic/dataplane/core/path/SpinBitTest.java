package dev.quic.dataplane.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** RFC 9000 section 17.4. */
class SpinBitTest {
  @Test
  void whoDoesNotSpinIgnoresWhatComes() {
    Random random = new Random(1);
    for (int i = 0; i < 1_000; i++) {
      SpinBit bit = new SpinBit(i % 2 == 0, false, random.nextLong());
      assertThat(bit.enabled()).isFalse();
      boolean before = bit.value();
      for (int n = 0; n < 20; n++) {
        bit.onReceived(random.nextBoolean());
        assertThat(bit.value()).isEqualTo(before);
      }
    }
  }

  @Test
  void aClientInvertsAndAServerRepeats() {
    SpinBit client = new SpinBit(true, true, 1);
    SpinBit server = new SpinBit(false, true, 1);
    for (int i = 0; i < 10; i++) {
      server.onReceived(client.value());
      assertThat(server.value()).isEqualTo(client.value());
      boolean was = client.value();
      client.onReceived(server.value());
      assertThat(client.value()).isNotEqualTo(was);
    }
  }
}
