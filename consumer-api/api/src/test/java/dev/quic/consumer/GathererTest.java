package dev.quic.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GathererTest {
  private final Gatherer gatherer = new Gatherer();
  private final QuicMsg stream = QuicMsg.stream(4, 0);
  private final byte[] kilobyte = new byte[1024];
  private long now = 1_000_000_000L;

  private boolean wants(QuicMsg m, int len) {
    now += 1_000;
    return gatherer.wants(m, len, now);
  }

  private void row() {
    while (!wants(stream, 1)) {
      assertThat(gatherer.isEmpty()).isTrue();
    }
  }

  @Test
  void onlyARowIsGathered() {
    for (int i = 0; i < Gatherer.STREAK; i++) {
      assertThat(wants(stream, 1)).isFalse();
    }
    assertThat(wants(stream, 1)).isTrue();
    now += Gatherer.GAP_NANOS;
    assertThat(gatherer.isOld(now)).isTrue();
    assertThat(wants(stream, 1)).isFalse();
  }

  @Test
  void onlyPlainSmallSendsAre() {
    row();
    assertThat(wants(stream, 0)).isFalse();
    assertThat(wants(stream, Gatherer.LARGEST + 1)).isFalse();
    assertThat(wants(QuicMsg.stream(4, QuicUapi.MSG_QUIC_STREAM_FIN), 1)).isFalse();
    assertThat(wants(QuicMsg.stream(-1, 0), 1)).isFalse();
    QuicMsg datagram = QuicMsg.plain();
    datagram.flags = QuicUapi.MSG_QUIC_DATAGRAM;
    assertThat(wants(datagram, 1)).isFalse();
    assertThat(wants(QuicMsg.plain(), 1)).isTrue();
  }

  @Test
  void ofOneStreamUntilThereIsEnough() {
    int sends = 0;
    do {
      sends++;
      assertThat(gatherer.fits(stream, kilobyte.length)).isTrue();
    } while (!gatherer.add(stream, kilobyte, 0, kilobyte.length));
    assertThat(sends).isEqualTo(Gatherer.ENOUGH / kilobyte.length);
    assertThat(gatherer.fits(QuicMsg.stream(8, 0), 1)).isFalse();
    assertThat(gatherer.fits(QuicMsg.plain(), 1)).isFalse();
    DataPacket p = gatherer.packet();
    assertThat(p.length()).isEqualTo(Gatherer.ENOUGH);
    assertThat(p.streamId).isEqualTo(4);
    gatherer.clear();
    assertThat(gatherer.fits(QuicMsg.stream(8, 0), 1)).isTrue();
  }

  @Test
  void aLineKeepsTheOrderAndLeavesNothingBehind() throws Exception {
    FakeDescriptor fd = new FakeDescriptor();
    DataLine line = new DataLine(fd);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      byte[] word = (i + " ").getBytes(StandardCharsets.US_ASCII);
      all.append(i).append(' ');
      QuicMsg m = i % 100 == 99 ? QuicMsg.plain() : stream;
      assertThat(line.send(m, word, 0, word.length, true)).isEqualTo(word.length);
    }
    // Nobody calls anything any more: what is left goes by itself.
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (sent(fd).length() < all.length() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(sent(fd)).isEqualTo(all.toString());
  }

  private static String sent(FakeDescriptor fd) {
    StringBuilder s = new StringBuilder();
    fd.sent.forEach(
        p -> s.append(new String(p.bytes(), p.offset(), p.length(), StandardCharsets.US_ASCII)));
    return s.toString();
  }
}
