package dev.quic.uapi.option;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OptionCodecTest {
  private static List<byte[]> traced(int option) throws IOException {
    try (InputStream in = OptionCodecTest.class.getResourceAsStream("/tlshd/messages.txt")) {
      assertThat(in).isNotNull();
      String all = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return all.lines()
          .map(l -> l.split(" "))
          .filter(p -> p[1].equals("option") && p[2].equals(Integer.toString(option)))
          .map(p -> p.length < 5 ? new byte[0] : HexFormat.of().parseHex(p[4]))
          .toList();
    }
  }

  @Test
  void timesOfWaits() {
    assertThat(new Timeval(1, 2).encode())
        .isEqualTo(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0});
    assertThat(Timeval.decode(new Timeval(5, 6).encode())).isEqualTo(new Timeval(5, 6));
    assertThat(new Timeval(0, 0).deadline(7)).isEqualTo(Long.MAX_VALUE);
    assertThat(new Timeval(1, 2).deadline(7)).isEqualTo(1_000_002_007L);
    assertThat(new Timeval(-1, 0).deadline(7)).isEqualTo(7);
    long century = new Timeval(Long.MAX_VALUE, 999_999).deadline(7);
    assertThat(century).isBetween(Long.MAX_VALUE / 4, Long.MAX_VALUE - 1);
  }

  @Test
  void tracedSecretsAreRebuiltByteForByte() throws IOException {
    List<byte[]> all = traced(QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET);
    assertThat(all).hasSizeGreaterThan(10);
    for (byte[] b : all) {
      QuicCryptoSecret s = QuicCryptoSecret.decode(b);
      assertThat(s.encode()).isEqualTo(b);
      assertThat(s.type()).isBetween(51, 54);
      s.destroy();
      assertThat(s.secret()).containsOnly(0);
    }
  }

  @Test
  void tracedConfigsOfTheOlderHeaderAreUnderstood() throws IOException {
    for (byte[] b : traced(QuicUapi.QUIC_SOCKOPT_CONFIG)) {
      QuicConfig c = QuicConfig.decode(b);
      assertThat(c.initialSmoothedRtt()).isEqualTo(333_000);
      assertThat(Arrays.copyOf(c.encode(), b.length)).isEqualTo(b);
    }
  }

  /** The offsets of a C compiler, written out. */
  @Test
  void everyFieldOfTheLargeStructsIsWhereTheKernelHasIt() {
    assertThat(
            hex(
                new QuicConfig(0x6b3343cf, 5_000_000, 333_000, 51, 1, true, true, 7, 2, 1_500_000)
                    .encode()))
        .isEqualTo(
            "cf43336b"
                + "404b4c00"
                + "c8140500"
                + "33000000"
                + "01010107"
                + "02000000"
                + "60e31600");
    assertThat(
            hex(
                new QuicTransportParam(
                        true,
                        false,
                        true,
                        false,
                        true,
                        false,
                        8,
                        3,
                        1_200,
                        65_527,
                        30_000_000,
                        25_000,
                        100,
                        4_096,
                        1L << 40,
                        2,
                        3,
                        4)
                    .encode()))
        .isEqualTo(
            "0100010001000803"
                + "b004"
                + "f7ff"
                + "80c3c901"
                + "a8610000"
                + "6400"
                + "0010"
                + "0000000000010000"
                + "0200000000000000"
                + "0300000000000000"
                + "0400000000000000");
  }

  @Test
  void everyFieldOfTheSmallStructsIsWhereTheKernelHasIt() {
    assertThat(hex(new QuicStreamInfo(-1, 0x10400).encode()))
        .isEqualTo("ffffffffffffffff" + "00040100" + "00000000");
    assertThat(hex(new QuicErrinfo(4, 0x101).encode()))
        .isEqualTo("0400000000000000" + "01010000" + "00000000");
    assertThat(hex(new QuicConnectionIdInfo(true, 2, 3).encode()))
        .isEqualTo("01000000" + "02000000" + "03000000");
    assertThat(hex(new QuicConnectionClose(0x130, 6, "no").encode()))
        .isEqualTo("30010000" + "06000000" + "6e6f" + "00".repeat(62));
    assertThat(hex(new QuicEventOption(5, true).encode())).isEqualTo("0501");
    assertThat(hex(new QuicCryptoSecret(true, 2, 51, new byte[] {9}).encode()))
        .isEqualTo("0102" + "0000" + "33000000" + "09" + "00".repeat(47));
    assertThat(hex(new QuicEvent.StreamUpdate(4, 8, 3, 0x1122).encode()))
        .isEqualTo("01" + "0400000000000000" + "08000000" + "03000000" + "2211000000000000");
    assertThat(hex(new QuicEvent.ConnectionMigration(true).encode())).isEqualTo("0601");
  }

  private static String hex(byte[] b) {
    return HexFormat.of().formatHex(b);
  }

  /** As setsockopt: short input counts as followed by zeros, long input is cut. */
  @Test
  void anyLengthIsTaken() {
    assertThat(QuicConfig.decode(new byte[] {1}).version()).isEqualTo(1);
    assertThat(QuicEventOption.decode(new byte[] {5}).on()).isFalse();
    for (int len = 0; len < 100; len++) {
      byte[] b = new byte[len];
      Arrays.fill(b, (byte) 1);
      assertThat(QuicTransportParam.decode(b).encode()).hasSize(56);
      assertThat(QuicConnectionClose.decode(b).encode()).hasSize(72);
      assertThat(QuicCryptoSecret.decode(b).encode()).hasSize(56);
      assertThat(QuicStreamInfo.decode(b).encode()).hasSize(16);
    }
  }

  @Test
  void aSecretIsNotPrinted() {
    byte[] secret = new byte[48];
    Arrays.fill(secret, (byte) 0x5a);
    QuicCryptoSecret s = new QuicCryptoSecret(true, 2, 52, secret);
    assertThat(s.toString()).doesNotContain("5a").doesNotContain("90");
    s.destroy();
    assertThat(s.isDestroyed()).isTrue();
    assertThat(s.encode()).endsWith(new byte[48]);
  }

  @Test
  void everyStructComesBackAsItWas() {
    Random r = new Random(6);
    for (int i = 0; i < 1_000; i++) {
      byte[] noise = new byte[80];
      r.nextBytes(noise);
      QuicTransportParam p = QuicTransportParam.decode(noise);
      assertThat(p.encode()).hasSize(QuicTransportParam.SIZE);
      assertThat(QuicTransportParam.decode(p.encode())).isEqualTo(p);
      QuicConfig c = QuicConfig.decode(noise);
      assertThat(QuicConfig.decode(c.encode())).isEqualTo(c);
      QuicStreamInfo s = QuicStreamInfo.decode(noise);
      assertThat(QuicStreamInfo.decode(s.encode())).isEqualTo(s);
      QuicErrinfo e = QuicErrinfo.decode(noise);
      assertThat(QuicErrinfo.decode(e.encode())).isEqualTo(e);
      QuicConnectionIdInfo d = QuicConnectionIdInfo.decode(noise);
      assertThat(QuicConnectionIdInfo.decode(d.encode())).isEqualTo(d);
    }
    QuicConnectionClose close = new QuicConnectionClose(10, 0, "this is app err");
    assertThat(QuicConnectionClose.decode(close.encode())).isEqualTo(close);
    assertThat(QuicTransportParam.KEEP.encode()).containsOnly(0);
    assertThat(QuicTransportParam.windows(7, 9).maxStreamDataUni()).isEqualTo(9);
  }

  @Test
  void eventsComeBackAndNoiseNeverThrows() {
    List<QuicEvent> events =
        List.of(
            new QuicEvent.StreamUpdate(4, 8, 3, 1 << 20),
            new QuicEvent.StreamMaxData(8, 99),
            new QuicEvent.StreamMaxStream(400),
            new QuicEvent.ConnectionId(new QuicConnectionIdInfo(true, 3, 1)),
            new QuicEvent.ConnectionClose(new QuicConnectionClose(5, 0, "bye")),
            new QuicEvent.ConnectionMigration(true),
            new QuicEvent.KeyUpdate(1));
    for (QuicEvent e : events) {
      byte[] b = e.encode();
      assertThat(QuicEvent.decode(b, b.length)).isEqualTo(e);
    }
    Random r = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      byte[] b = new byte[r.nextInt(90)];
      r.nextBytes(b);
      QuicEvent e = QuicEvent.decode(b, b.length);
      if (b.length > 0 && b[0] >= 1 && b[0] <= 9) {
        assertThat(e).isNotNull();
      }
    }
  }

  @Test
  void addressesHaveTheKernelsLayout() throws IOException {
    InetSocketAddress four = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 1234);
    assertThat(HexFormat.of().formatHex(SockaddrCodec.encode(four)))
        .isEqualTo("020004d27f0000010000000000000000");
    InetSocketAddress six = new InetSocketAddress(InetAddress.getByName("::1"), 443);
    for (InetSocketAddress a : List.of(four, six)) {
      byte[] b = SockaddrCodec.encode(a);
      assertThat(SockaddrCodec.decode(b, 0, b.length)).isEqualTo(a);
      assertThat(SockaddrCodec.decode(b, 0, 8)).isNull();
    }
  }
}
