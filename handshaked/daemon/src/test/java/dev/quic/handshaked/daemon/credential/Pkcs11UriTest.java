package dev.quic.handshaked.daemon.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.tls.cert.CredentialException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Pkcs11UriTest {
  @Test
  void allThatIsUsed() throws Exception {
    Pkcs11Uri uri =
        Pkcs11Uri.parse(
            "pkcs11:token=The%20Software%20PKCS%2311;serial=0123;slot-id=327;object=my%2Dkey;"
                + "type=private?module-path=/usr/lib/x.so&pin-source=file:///etc/pin&pin-value=1%262");
    assertThat(uri)
        .isEqualTo(
            new Pkcs11Uri(
                "/usr/lib/x.so",
                "The Software PKCS#11",
                "0123",
                327L,
                "my-key",
                "/etc/pin",
                "1&2"));
    assertThat(uri.toString()).doesNotContain("1&2");
  }

  @Test
  void theLeast() throws Exception {
    assertThat(Pkcs11Uri.parse("pkcs11:?module-path=x.so&pin-source=/etc/pin"))
        .isEqualTo(new Pkcs11Uri("x.so", null, null, null, null, "/etc/pin", null));
  }

  @ParameterizedTest
  @CsvSource({
    "pkcs11:token=a, name the token's library",
    "pkcs11:id=%01?module-path=x, attribute 'id' is not supported",
    "pkcs11:object?module-path=x, attribute 'object' is not supported",
    "pkcs11:type=cert?module-path=x, is no private key",
    "pkcs11:object=a;object=b?module-path=x, comes twice",
    "pkcs11:object=a%2?module-path=x, two hexadecimal digits",
    "pkcs11:object=%zz?module-path=x, two hexadecimal digits",
    "pkcs11:?module-path=x%00y, %00",
    "pkcs11:?module-path=x&pin-source=/etc/%00, %00",
    "pkcs11:slot-id=x?module-path=x, is no number",
    "pkcs11:?module-path=x&pin-source=|cat, is a command",
    "http:x, not a PKCS#11 URI"
  })
  void whatCannotBeDoneIsSaid(String uri, String message) {
    assertThatThrownBy(
            () -> Pkcs11Uri.parse(uri + (uri.contains("?") ? "&" : "?") + "pin-value=geheim"))
        .isInstanceOf(CredentialException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("geheim");
  }
}
