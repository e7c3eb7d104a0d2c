package dev.quic.handshaked.tls.cert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.TestCertificates;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerNameTest {
  private static final Map<String, X509Certificate> MADE = new HashMap<>();

  private static X509Certificate certificate(String names) {
    return MADE.computeIfAbsent(
        names,
        text -> {
          try {
            return TestCertificates.CA.server(text.split(" ", -1)).leaf();
          } catch (CredentialException e) {
            throw new AssertionError(e);
          }
        });
  }

  /** RFC 9525 section 6.3 and beyond. */
  @ParameterizedTest
  @CsvSource({
    "server.test,            server.test,       true",
    "server.test,            SERVER.Test,       true",
    "server.test,            server.test.,      true",
    "server.test,            other.test,        false",
    "server.test,            a.server.test,     false",
    "server.test,            server.tes,        false",
    "a.test server.test,     server.test,       true",
    "*.example.test,         a.example.test,    true",
    "*.example.test,         A.Example.TEST,    true",
    "*.example.test,         example.test,      false",
    "*.example.test,         a.b.example.test,  false",
    "*.example.test,         .example.test,     false",
    "*.test,                 server.test,       false",
    "f*.example.test,        foo.example.test,  false",
    "a.*.test,               a.b.test,          false",
    "*.*.example.test,       a.b.example.test,  false",
    "*,                      test,              false",
    "127.0.0.1,              127.0.0.1,         true",
    "127.0.0.1,              127.0.0.2,         false",
    "127.0.0.1,              server.test,       false",
    "server.test,            127.0.0.1,         false",
    "*.0.0.1,                127.0.0.1,         false",
    "::1,                    ::1,               true",
    "::1,                    0:0:0:0:0:0:0:1,   true",
    "::1,                    [::1],             true",
    "2001:db8::1,            2001:DB8:0::1,     true",
    "2001:db8::1,            2001:db8::2,       false",
    "xn--bcher-kva.test,     xn--bcher-kva.test, true",
    "xn--bcher-kva.test,     b\u00fccher.test,     true",
  })
  void matching(String names, String wanted, boolean expected) {
    assertThat(PeerName.of(wanted).matches(certificate(names))).isEqualTo(expected);
  }

  @Test
  void commonNameDoesNotCount() throws CredentialException {
    X509Certificate bare =
        TestCertificates.CA.server(CertificateAuthority.KeyKind.P256, List.of()).leaf();
    assertThat(bare.getSubjectX500Principal().getName()).isEqualTo("CN=leaf");
    assertThat(PeerName.of("leaf").matches(bare)).isFalse();
  }

  @Test
  void serverName() {
    assertThat(PeerName.of("Server.Test.").serverName()).isEqualTo("server.test");
    assertThat(PeerName.of("10.0.0.1").serverName()).isNull();
    assertThat(PeerName.of("[::1]").serverName()).isNull();
    assertThat(PeerName.of("").serverName()).isNull();
  }
}
