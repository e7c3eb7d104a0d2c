package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers the ClientHello messages that a real tlshd (GnuTLS) sent in a recorded handshake. */
class GnuTlsHelloTest {
  private static byte[] resource(String name) throws IOException {
    try (var in = GnuTlsHelloTest.class.getResourceAsStream("/tlshd/" + name)) {
      String text =
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "client-hello-1.hex, 0f0869e82bc003b968c20504800ffff00604800ffff00704800ffff0"
        + "0404801fffe00802406409024064110c000000016b3343cf000000010104800075300e0107",
    "client-hello-2.hex, 0f087cc4ed2660fbd90d0504800ffff00604800ffff00704800ffff0"
        + "0404801fffe00802406409024064110c000000016b3343cf000000010104800075300e0107",
  })
  void isAnswered(String file, String parameters) throws IOException {
    byte[] hello = resource(file);
    TlsEngine server = TlsEngines.server(TestCertificates.serverConfig());
    server.start();
    server.receive(CryptoLevel.INITIAL, hello, 0, hello.length);
    List<TlsEvent> first = server.drain();
    assertThat(first).hasSize(3);
    assertThat(first.get(0))
        .matches(e ->
            e instanceof TlsEvent.PeerTransportParameters p
                && HexFormat.of().formatHex(p.body()).equals(parameters));
    assertThat(first.get(1)).isEqualTo(new TlsEvent.AlpnSelected("sample"));
    assertThat(first.get(2)).isEqualTo(new TlsEvent.NeedLocalTransportParameters());

    server.localTransportParameters(EnginePair.serverParameters());
    List<TlsEvent> flight = server.drain();
    assertThat(flight).hasSize(8);
    assertThat(flight.getFirst())
        .as("a ServerHello at once: no retry for a client with two shares")
        .matches(e -> e instanceof TlsEvent.Crypto c && c.level() == CryptoLevel.INITIAL);
    assertThat(flight.getLast())
        .matches(e -> e instanceof TlsEvent.Secret s && s.level() == CryptoLevel.APP && s.send());
    server.close();
  }
}
