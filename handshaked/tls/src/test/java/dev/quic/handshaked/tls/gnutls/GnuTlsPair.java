package dev.quic.handshaked.tls.gnutls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.EnginePair;
import dev.quic.handshaked.tls.TestCertificates;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEngines;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsExporter;
import dev.quic.handshaked.tls.cert.CertificateAuthority.KeyKind;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Pairs of engines with GnuTLS at one end or both, and what all of them must have in common. */
final class GnuTlsPair {
  static final int WHOLE = Integer.MAX_VALUE;

  /** Handshake message type Certificate. */
  static final int CERTIFICATE = 11;

  static final List<KeyKind> KINDS =
      List.of(KeyKind.P256, KeyKind.P384, KeyKind.RSA2048, KeyKind.ED25519);

  /** Host names that make a certificate larger than the largest record. */
  private static final int MANY_NAMES = 600;

  private GnuTlsPair() {}

  /** Our client. */
  static TlsConfig.Client client() {
    return TestCertificates.client();
  }

  /** Our server. */
  static TlsConfig.Server server() {
    return TestCertificates.serverConfig();
  }

  static EnginePair run(TlsConfig.Client ours, GnuTlsSettings server) {
    return run(ours, server, WHOLE);
  }

  static EnginePair run(TlsConfig.Client ours, GnuTlsSettings server, int piece) {
    TlsEngine client = TlsEngines.client(ours, EnginePair.clientParameters());
    return run(client, new GnuTlsEngine(server), piece);
  }

  static EnginePair run(GnuTlsSettings client, TlsConfig.Server ours) {
    return run(client, ours, WHOLE);
  }

  static EnginePair run(GnuTlsSettings client, TlsConfig.Server ours, int piece) {
    return run(new GnuTlsEngine(client), TlsEngines.server(ours), piece);
  }

  /** GnuTLS with itself. */
  static EnginePair run(GnuTlsSettings client, GnuTlsSettings server) {
    return run(new GnuTlsEngine(client), new GnuTlsEngine(server), WHOLE);
  }

  private static EnginePair run(TlsEngine client, TlsEngine server, int piece) {
    return new EnginePair(client, server, piece, List::of).run();
  }

  /** Both are done, with the same secrets, protocol and transport parameters. */
  static void assertAgree(EnginePair pair) {
    assertThat(pair.client.alert()).isNull();
    assertThat(pair.server.alert()).isNull();
    assertThat(pair.bothComplete()).isTrue();
    assertThat(pair.secretsAgree()).isTrue();
    assertThat(pair.client.outcome().alpn()).isEqualTo("sample");
    assertThat(pair.server.outcome().alpn()).isEqualTo("sample");
    assertExportersAgree(pair);
    assertThat(pair.client.first(TlsEvent.PeerTransportParameters.class).body())
        .isEqualTo(EnginePair.serverParameters());
    assertThat(pair.server.first(TlsEvent.PeerTransportParameters.class).body())
        .isEqualTo(EnginePair.clientParameters());
  }

  private static void assertExportersAgree(EnginePair pair) {
    TlsExporter client = pair.client.outcome().exporter();
    TlsExporter server = pair.server.outcome().exporter();
    assertThat(client.channelBinding()).hasSize(32).isEqualTo(server.channelBinding());
    byte[] context = "some context".getBytes(StandardCharsets.US_ASCII);
    assertThat(client.export("EXPORTER-test", context, 77))
        .isEqualTo(server.export("EXPORTER-test", context, 77))
        .isNotEqualTo(client.export("EXPORTER-test", new byte[0], 77));
  }

  /** ClientHello messages on the wire: two after a HelloRetryRequest. */
  static int hellos(EnginePair pair) {
    return (int)
        pair.client.events.stream()
            .filter(e -> e instanceof TlsEvent.Crypto c && c.level() == CryptoLevel.INITIAL)
            .count();
  }

  /** Bytes of the first message of a type that an end sent, header included; 0 without one. */
  static int length(EnginePair.End end, int type) {
    return end.events.stream()
        .filter(e -> e instanceof TlsEvent.Crypto c && c.bytes()[0] == type)
        .mapToInt(e -> ((TlsEvent.Crypto) e).bytes().length)
        .findFirst()
        .orElse(0);
  }

  /** The alert an end gave up with. */
  static int alert(EnginePair.End end) {
    return end.first(TlsEvent.Alert.class).alert();
  }

  /** A server's certificate of more than 16 KiB. */
  static Credentials large() throws CredentialException {
    return TestCertificates.CA.server(KeyKind.P256, manyNames());
  }

  /** A client's certificate of more than 16 KiB. */
  static Credentials largeClient() throws CredentialException {
    return TestCertificates.CA.client(KeyKind.P256, manyNames());
  }

  private static List<String> manyNames() {
    List<String> names = new ArrayList<>(List.of(TestCertificates.HOST));
    for (int i = 0; i < MANY_NAMES; i++) {
      names.add("another-of-very-many-names-" + i + ".test");
    }
    return names;
  }

  static GnuTlsEngine gnutls(EnginePair.End end) {
    return (GnuTlsEngine) end.engine;
  }
}
