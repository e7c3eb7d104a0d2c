package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which certificate a server shows, and what goes with it. */
class CredentialChoiceTest {
  private static final int CLIENT_HELLO = 1;
  private static final int CERTIFICATE = 11;
  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int STATUS_REQUEST = 5;

  private static byte[] certificate(EnginePair pair) {
    return pair.server.events.stream()
        .filter(e -> e instanceof TlsEvent.Crypto c && c.bytes()[0] == CERTIFICATE)
        .map(e -> ((TlsEvent.Crypto) e).bytes())
        .findFirst()
        .orElseThrow();
  }

  /** A pair whose ClientHello is changed on its way, so that it only gets as far as the server. */
  private static EnginePair withHello(
      TlsConfig.Server server, java.util.function.UnaryOperator<byte[]> change) {
    return new EnginePair(
            TestCertificates.client(),
            server,
            Integer.MAX_VALUE,
            crypto ->
                List.of(
                    crypto.bytes()[0] == CLIENT_HELLO
                        ? new TlsEvent.Crypto(crypto.level(), change.apply(crypto.bytes()))
                        : crypto))
        .run();
  }

  private static TlsConfig.Server withSecondCertificate() {
    return TestCertificates.serverConfig(TestCertificates.server(KeyKind.P256))
        .withAlternatives(List.of(TestCertificates.server(KeyKind.MLDSA65)));
  }

  @Test
  void secondCertificateForPeersThatTakeIt() {
    EnginePair pair = new EnginePair(TestCertificates.client(), withSecondCertificate()).run();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.client.outcome().peerCertificates().getFirst()).isEqualTo(der(KeyKind.MLDSA65));
  }

  @Test
  void firstCertificateForTheOthers() {
    byte[] ecdsaOnly = {0, 2, 4, 3};
    EnginePair pair =
        withHello(
            withSecondCertificate(),
            hello ->
                HelloBytes.with(
                    HelloBytes.without(hello, SIGNATURE_ALGORITHMS),
                    SIGNATURE_ALGORITHMS,
                    ecdsaOnly));
    assertThat(indexOf(certificate(pair), der(KeyKind.P256))).isPositive();
  }

  private static byte[] der(KeyKind kind) {
    return encoded(TestCertificates.server(kind).leaf());
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (java.security.cert.CertificateEncodingException e) {
      throw new AssertionError(e);
    }
  }

  private static int indexOf(byte[] where, byte[] what) {
    return Collections.indexOfSubList(boxed(where), boxed(what));
  }

  private static List<Byte> boxed(byte[] bytes) {
    List<Byte> list = new ArrayList<>();
    for (byte b : bytes) {
      list.add(b);
    }
    return list;
  }

  @Test
  void responseIsStapledForThoseWhoAsk() {
    byte[] response = new byte[300];
    response[7] = 7;
    Credentials own =
        new Credentials(TestCertificates.SERVER.chain(), TestCertificates.SERVER.key(), response);
    TlsConfig.Server server = TestCertificates.serverConfig(own);
    byte[] request = {1, 0, 0, 0, 0};
    EnginePair asked = withHello(server, hello -> HelloBytes.with(hello, STATUS_REQUEST, request));
    assertThat(indexOf(certificate(asked), response)).isPositive();
    EnginePair notAsked = new EnginePair(TestCertificates.client(), server).run();
    assertThat(indexOf(certificate(notAsked), response)).isNegative();
    assertThat(notAsked.bothComplete()).isTrue();
  }

  @Test
  void chainBeyondARecord() throws CredentialException {
    List<String> names = new ArrayList<>(List.of(TestCertificates.HOST));
    for (int i = 0; i < 700; i++) {
      names.add("one-of-very-many-names-" + i + ".example.test");
    }
    Credentials large = TestCertificates.CA.server(KeyKind.P256, names);
    assertThat(encoded(large.leaf()).length).isGreaterThan(1 << 14);
    EnginePair pair =
        new EnginePair(TestCertificates.client(), TestCertificates.serverConfig(large)).run();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.secretsAgree()).isTrue();
    EnginePair inPieces =
        new EnginePair(
                TestCertificates.client(), TestCertificates.serverConfig(large), 1000, List::of)
            .run();
    assertThat(inPieces.bothComplete()).isTrue();
  }

  @Test
  void chainOfIntermediates() throws CredentialException {
    CertificateAuthority middle =
        TestCertificates.CA.intermediate("Middle CA", java.time.Duration.ofDays(100));
    EnginePair pair =
        new EnginePair(
                TestCertificates.client(),
                TestCertificates.serverConfig(middle.server(TestCertificates.HOST)))
            .run();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.client.outcome().peerCertificates()).hasSize(2);
  }

  /** A key as a token has it: it signs, and says nothing of itself. */
  private record TokenKey(PrivateKey inside) implements PrivateKey {
    private static final long serialVersionUID = 1L;

    @Override
    public String getAlgorithm() {
      return inside.getAlgorithm();
    }

    @Override
    public @Nullable String getFormat() {
      return null;
    }

    @Override
    public byte @Nullable [] getEncoded() {
      return null;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyKind.class,
      names = {"MLDSA65"},
      mode = EnumSource.Mode.EXCLUDE)
  void keyThatNobodyCanUseFailsThisHandshakeOnly(KeyKind kind) {
    Credentials own = TestCertificates.server(kind);
    Credentials token = new Credentials(own.chain(), new TokenKey(own.key()));
    EnginePair pair =
        new EnginePair(TestCertificates.client(), TestCertificates.serverConfig(token)).run();
    // No provider knows this class: a token that was pulled out looks the same.
    TlsEvent.Alert alert = Objects.requireNonNull(pair.server.alert());
    assertThat(alert.alert()).isEqualTo(80);
    assertThat(alert.reason()).isNotBlank();
  }
}
