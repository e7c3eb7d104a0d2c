package dev.quic.consumer.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.uapi.option.QuicTransportParam;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class QuicSessionTest {
  private static final byte[] TOKEN = {9, 8, 7};

  static QuicSession session(int fill, long expiresMillis) {
    byte[] tls = new byte[200];
    Arrays.fill(tls, (byte) fill);
    return QuicSession.of(
        tls, QuicTransportParam.windows(5000, 6000).encode(), TOKEN, expiresMillis, true);
  }

  @Test
  void whatIsEncodedIsParsed() {
    QuicSession before = session(5, 1_000_000);
    QuicSession after = Objects.requireNonNull(QuicSession.parse(before.encode()));
    assertThat(after.tls()).isEqualTo(before.tls()).containsOnly(5);
    assertThat(after.token()).isEqualTo(TOKEN);
    assertThat(after.transportParameters()).isEqualTo(before.transportParameters());
    assertThat(after.earlyData()).isTrue();
    assertThat(after.expires()).isEqualTo(Instant.ofEpochMilli(1_000_000));
    assertThat(after.isLive(Instant.ofEpochMilli(999_999))).isTrue();
    assertThat(after.isLive(Instant.ofEpochMilli(1_000_000))).isFalse();
    assertThat(after).asString().doesNotContain("5, 5");
  }

  @Test
  void theLongestSessionParses() {
    QuicSession longest =
        QuicSession.of(
            new byte[QuicSession.MAX_TLS],
            new byte[0],
            new byte[QuicSession.MAX_TOKEN],
            Long.MAX_VALUE,
            false);
    byte[] bytes = longest.encode();
    assertThat(bytes).hasSize(QuicSession.MAX_BYTES);
    assertThat(QuicSession.parse(bytes)).isNotNull();
    assertThat(QuicSession.parse(Arrays.copyOf(bytes, bytes.length + 1))).isNull();
  }

  @Test
  void sizesAreBounded() {
    byte[] none = new byte[0];
    assertThatThrownBy(() -> QuicSession.of(none, none, none, 1, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> QuicSession.of(new byte[4097], none, none, 1, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(QuicSession.of(new byte[1], none, new byte[121], 1, false).token()).isEmpty();
  }

  @Test
  void cutAndChangedBytesNeverThrow() {
    byte[] whole = session(1, Long.MAX_VALUE).encode();
    for (int n = 0; n < whole.length; n++) {
      assertThat(QuicSession.parse(Arrays.copyOf(whole, n))).isNull();
    }
    Random random = new Random(42);
    for (int i = 0; i < 20_000; i++) {
      byte[] changed = whole.clone();
      for (int j = random.nextInt(4); j >= 0; j--) {
        changed[random.nextInt(i % 2 == 0 ? 20 : whole.length)] = (byte) random.nextInt();
      }
      QuicSession parsed = QuicSession.parse(changed);
      if (parsed != null) {
        assertThat(parsed.encode().length).isLessThanOrEqualTo(QuicSession.MAX_BYTES);
      }
    }
  }

  @Test
  void onlyLimitsAreRemembered() {
    byte[] all = new byte[QuicTransportParam.SIZE];
    Arrays.fill(all, (byte) 0x7f);
    QuicTransportParam p =
        QuicTransportParam.decode(
            QuicSession.of(new byte[1], all, new byte[0], 1, true).transportParameters());
    assertThat(p.remote()).isTrue();
    assertThat(p.disableActiveMigration()).isTrue();
    assertThat(p.statelessReset()).isFalse();
    assertThat(p.ackDelayExponent()).isZero();
    assertThat(p.maxAckDelay()).isZero();
    assertThat(p.maxData()).isEqualTo(Long.MAX_VALUE >> 2);
    assertThat(p.maxStreamsBidi()).isEqualTo(4096);
  }

  @Test
  void whatTheOptionWouldRefuseIsLeftAlone() {
    byte[] low = QuicTransportParam.windows(1199, 10).encode();
    low[6] = 1;
    low[8] = 1;
    low[10] = 1;
    low[12] = 1;
    byte[] kept = QuicSession.of(new byte[1], low, new byte[0], 1, true).transportParameters();
    byte[] nothing = new byte[QuicTransportParam.SIZE];
    nothing[0] = 1;
    assertThat(kept).isEqualTo(nothing);
  }

  @Test
  void aWipedSessionIsOfNoUse() {
    QuicSession session = session(3, Long.MAX_VALUE);
    session.destroy();
    assertThat(session.isDestroyed()).isTrue();
    assertThat(session.isLive(Instant.EPOCH)).isFalse();
    assertThatThrownBy(session::encode).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(session::tls).isInstanceOf(IllegalStateException.class);
  }
}
