package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.socket.Sock;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakeStepper;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Program;
import dev.quic.simnet.Sim;
import dev.quic.simnet.node.Delay;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a server must answer to each violation of a client's: h3spec's list, its TLS part. Both
 * sides are the real TLS engine over the real core; the client's messages are changed before they
 * are sent, and the alert is read out of the server's CONNECTION_CLOSE.
 */
class TlsViolationsTest {
  private static final String HOST = "server.test";
  private static final int UNEXPECTED_MESSAGE = 0x10a;
  private static final int MISSING_EXTENSION = 0x16d;
  private static final int NO_APPLICATION_PROTOCOL = 0x178;
  private static final int QUIC_PARAMETERS = 0x39;

  private final Pair pair;
  private final TlsConfig.Client client;
  private final TlsConfig.Server server;

  TlsViolationsTest() throws Exception {
    CertificateAuthority ca = CertificateAuthority.create("violation authority", Instant.now());
    client = TlsConfig.Client.of(ca.trustStore(), HOST).withAlpn(List.of("right"));
    server = TlsConfig.Server.of(ca.server(HOST)).withAlpn(List.of("right"));
    SplittableRandom r = new SplittableRandom(1);
    pair =
        new Pair(
            1,
            List.of(new Delay(10 * Sim.MILLIS, 0, r.split())),
            List.of(new Delay(10 * Sim.MILLIS, 0, r.split())),
            null);
  }

  private record Hands(RealTls tls) implements Program {
    @Override
    public void ready(long now, Sock s, int mask) {
      tls.step(now);
    }
  }

  /** The code the server closes with. */
  private long answer(TlsConfig.Client config, BiFunction<CryptoLevel, byte[], byte[]> tamper) {
    Sock listener = Pair.socket(pair.server(), Sim.MINUTES);
    long now = pair.sim().now();
    assertThat(listener.bind(now, Pair.SERVER.withPort(Pair.PORT))).isZero();
    assertThat(listener.listen(now, 16)).isZero();
    pair.server()
        .attach(
            listener,
            (at, sock, mask) -> {
              for (Sock k = sock.accept(at); k != null; k = sock.accept(at)) {
                RealTls tls = new RealTls(k, HandshakeStepper.server(server));
                pair.server().attach(k, new Hands(tls));
              }
            });
    pair.server().kick();
    Sock s = Pair.socket(pair.client(), Sim.MINUTES);
    assertThat(s.connect(now, Pair.SERVER.withPort(Pair.PORT))).isZero();
    RealTls tls = new RealTls(s, HandshakeStepper.client(config));
    tls.tamper = tamper;
    pair.client().attach(s, new Hands(tls));
    pair.client().kick();
    pair.sim().runFor(5 * Sim.SECONDS);
    return TransportViolationsTest.closedWith(s);
  }

  private static byte[] before(String hex, byte[] message) {
    byte[] first = TransportViolationsTest.hex(hex);
    return ByteBuffer.allocate(first.length + message.length).put(first).put(message).array();
  }

  @Test
  void theUnchangedHandshakeIsAccepted() {
    assertThat(answer(client, (level, bytes) -> bytes)).isEqualTo(-1);
  }

  @ParameterizedTest(name = "{0} before Finished")
  @CsvSource({
    "KeyUpdate, 18 000001 00",
    "KeyUpdate that asks for one, 18 000001 01",
    "EndOfEarlyData, 05 000000",
    "NewSessionTicket, 04 000000",
    "a message of no known type, 63 000000",
  })
  void messagesAtTheHandshakeLevel(String what, String message) {
    long code =
        answer(
            client,
            (level, bytes) -> level == CryptoLevel.HANDSHAKE ? before(message, bytes) : bytes);
    assertThat(code).isEqualTo(UNEXPECTED_MESSAGE);
  }

  @ParameterizedTest(name = "{0} in place of the ClientHello")
  @CsvSource({
    "KeyUpdate, 18 000001 00",
    "EndOfEarlyData, 05 000000",
    "Finished, 14 000020 0000000000000000000000000000000000000000000000000000000000000000",
  })
  void messagesAtTheInitialLevel(String what, String message) {
    assertThat(answer(client, (level, bytes) -> TransportViolationsTest.hex(message)))
        .isEqualTo(UNEXPECTED_MESSAGE);
  }

  @Test
  void noCommonProtocol() {
    assertThat(answer(client.withAlpn(List.of("wrong")), (level, bytes) -> bytes))
        .isEqualTo(NO_APPLICATION_PROTOCOL);
  }

  /** RFC 9001 section 8.2. */
  @ParameterizedTest(name = "quic_transport_parameters under number {0}")
  @CsvSource({"ffa5", "1a1a"})
  void noTransportParameters(String number) {
    int other = Integer.parseInt(number, 16);
    long code =
        answer(
            client, (level, bytes) -> level == CryptoLevel.INITIAL ? renamed(bytes, other) : bytes);
    assertThat(code).isEqualTo(MISSING_EXTENSION);
  }

  /** A ClientHello whose transport parameters have another extension's number. */
  private static byte[] renamed(byte[] hello, int number) {
    ByteBuffer b = ByteBuffer.wrap(hello.clone());
    b.position(4 + 2 + 32);
    skip(b, b.get() & 0xff);
    skip(b, b.getShort() & 0xffff);
    skip(b, b.get() & 0xff);
    b.getShort();
    while (b.remaining() >= 4) {
      if ((b.getShort(b.position()) & 0xffff) == QUIC_PARAMETERS) {
        b.putShort(b.position(), (short) number);
      }
      b.getShort();
      skip(b, b.getShort() & 0xffff);
    }
    return b.array();
  }

  private static void skip(ByteBuffer b, int n) {
    b.position(b.position() + n);
  }
}
