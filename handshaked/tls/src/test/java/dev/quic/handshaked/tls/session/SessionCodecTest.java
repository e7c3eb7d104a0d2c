package dev.quic.handshaked.tls.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a session and a ticket's state become as bytes, and what damaged bytes become. */
class SessionCodecTest {
  private static final int MUTATIONS = 20_000;

  private static TlsSession session(byte[] ticket, List<byte[]> chain) {
    byte[] psk = new byte[32];
    Arrays.fill(psk, (byte) 0x5a);
    return new TlsSession(
        0x1301,
        0x1d,
        1_000_000,
        7200,
        0xffff_fff0L,
        true,
        false,
        0x6b3343cf,
        "server.test",
        null,
        ticket,
        psk,
        Long.MAX_VALUE,
        new byte[] {1, 2, 3},
        chain);
  }

  private static TicketState state() {
    return new TicketState(
        0x1302,
        5,
        -6,
        0x8000_0000L,
        1,
        new byte[48],
        null,
        "sample",
        -7,
        new byte[] {4, 1, 32},
        List.of(new byte[600], new byte[700]));
  }

  @Test
  void sessionSurvives() {
    TlsSession session = session(new byte[200], List.of(new byte[500], new byte[400]));
    TlsSession again =
        Objects.requireNonNull(TlsSession.parse(Objects.requireNonNull(session.encode())));
    assertThat(again).usingRecursiveComparison().isEqualTo(session);
    assertThat(again.toString()).doesNotContain("90").contains("server.test");
  }

  @Test
  void stateSurvives() {
    TicketState again = Objects.requireNonNull(TicketState.parse(state().encode()));
    assertThat(again).usingRecursiveComparison().isEqualTo(state());
  }

  @Test
  void longChainIsCutAndLongTicketIsNoSession() {
    TlsSession wide = session(new byte[1000], List.of(new byte[2000], new byte[2000]));
    byte[] bytes = Objects.requireNonNull(wide.encode());
    assertThat(bytes).hasSizeLessThanOrEqualTo(TlsSession.MAX_BYTES);
    assertThat(Objects.requireNonNull(TlsSession.parse(bytes)).peerCertificates()).hasSize(1);
    assertThat(session(new byte[4090], List.of()).encode()).isNull();
  }

  @Test
  void endsAreLiveAndDead() {
    TlsSession session = session(new byte[1], List.of());
    assertThat(session.isLive(999_999)).as("before its receipt").isFalse();
    assertThat(session.isLive(1_000_000)).isTrue();
    assertThat(session.isLive(1_000_000 + 7_199_999)).isTrue();
    assertThat(session.isLive(1_000_000 + 7_200_000)).isFalse();
  }

  @Test
  void damagedSessionsAreRefusedOrHarmless() {
    byte[] whole = Objects.requireNonNull(session(new byte[200], List.of(new byte[500])).encode());
    assertNothingEscapes(whole, TlsSession::parse);
    assertThat(TlsSession.parse(new byte[TlsSession.MAX_BYTES + 1])).isNull();
    assertThat(TlsSession.parse(Arrays.copyOf(whole, whole.length + 1))).isNull();
  }

  @Test
  void damagedStatesAreRefusedOrHarmless() {
    byte[] whole = state().encode();
    assertNothingEscapes(whole, TicketState::parse);
    assertThat(TicketState.parse(Arrays.copyOf(whole, whole.length + 1))).isNull();
  }

  private static void assertNothingEscapes(
      byte[] whole, Function<byte[], @Nullable Object> parser) {
    for (int length = 0; length < whole.length; length++) {
      assertThat(parser.apply(Arrays.copyOf(whole, length))).as("%d bytes", length).isNull();
    }
    for (int seed = 0; seed < MUTATIONS; seed++) {
      Random random = new Random(seed);
      byte[] damaged = whole.clone();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Object parsed = parser.apply(damaged);
      // Names come from the bytes, so what is printed of them is bounded by them.
      assertThat(parsed == null ? 0 : parsed.toString().length()).isLessThan(whole.length + 100);
    }
  }

  @Test
  void damagedTransportParametersAreNotKept() {
    byte[] then = {0x04, 0x01, 0x20, 0x08, 0x02, 0x41, 0x00, 0x0e, 0x01, 0x04};
    assertThat(RememberedParameters.areKept(then, then)).isTrue();
    assertThat(RememberedParameters.areKept(then, new byte[0])).isFalse();
    assertThat(RememberedParameters.areKept(new byte[0], then)).isTrue();
    assertThat(RememberedParameters.areKept(then, new byte[] {0x04, (byte) 0xff})).isFalse();
    for (int seed = 0; seed < MUTATIONS; seed++) {
      Random random = new Random(seed);
      byte[] noise = new byte[random.nextInt(40)];
      random.nextBytes(noise);
      RememberedParameters.areKept(then, noise);
      RememberedParameters.areKept(noise, then);
    }
  }
}
