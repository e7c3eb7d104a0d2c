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
