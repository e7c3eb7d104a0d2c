package dev.quic.handshaked.daemon.tags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.daemon.config.ConfigException;
import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TagRulesTest {
  private static CertificateAuthority ca;
  private static X509Certificate client;

  @TempDir Path dir;

  @BeforeAll
  static void certificates() throws Exception {
    ca = CertificateAuthority.create("test ca", Instant.now());
    client = ca.client("alice.test").leaf();
  }

  private Path file(String name, String text) throws Exception {
    return Files.writeString(dir.resolve(name), text);
  }

  private List<String> tags(X509Certificate peer) throws Exception {
    return TagRules.read(dir).of(List.of(peer.getEncoded()));
  }

  /** One filter, and a tag "yes" for whom it fits, "no" for whom it does not. */
  private boolean fits(String... lines) throws Exception {
    file(
        "one.yml",
        "filters:\n  f:\n    "
            + String.join("\n    ", lines)
            + "\ntags:\n  yes:\n    filter: f\n  no:\n    filter: not f\n");
    List<String> tags = tags(client);
    assertThat(tags).hasSize(1);
    return tags.getFirst().equals("yes");
  }

  private boolean fits(FilterType type, String pattern) throws Exception {
    return fits("type: " + type, "pattern: \"" + pattern + "\"");
  }

  @Test
  void namesAndNumbers() throws Exception {
    String subject = DistinguishedName.of(client.getSubjectX500Principal());
    assertThat(subject).contains("CN=alice.test");
    assertThat(fits(FilterType.SUBJECT, subject)).isTrue();
    assertThat(fits(FilterType.SUBJECT, "*CN=alice*")).isTrue();
    assertThat(fits(FilterType.SUBJECT, "*CN=bob*")).isFalse();
    assertThat(fits(FilterType.ISSUER, "*CN=test ca*")).isTrue();
    assertThat(fits(FilterType.VERSION, "3")).isTrue();
    assertThat(fits(FilterType.VERSION, "1")).isFalse();
    byte[] serial = client.getSerialNumber().toByteArray();
    String hex = HexFormat.ofDelimiter(":").withUpperCase().formatHex(serial);
    assertThat(fits(FilterType.SERIAL_NUMBER, serial[0] == 0 ? hex.substring(3) : hex)).isTrue();
    assertThat(fits(FilterType.SERIAL_NUMBER, "00ff00ff")).isFalse();
  }

  @Test
  void signaturesByAnyOfTheirNames() throws Exception {
    String java = client.getSigAlgName();
    assertThat(fits(FilterType.SIGNATURE_ALGORITHM, java)).isTrue();
    assertThat(fits(FilterType.SIGNATURE_ALGORITHM, client.getSigAlgOID())).isTrue();
    assertThat(fits(FilterType.TBS_SIGNATURE, "ecdsa-sha*")).isTrue();
    assertThat(fits(FilterType.TBS_SIGNATURE, "rsa-*")).isFalse();
  }

  @Test
  void validity() throws Exception {
    Instant from = client.getNotBefore().toInstant();
    assertThat(fits(FilterType.NOT_BEFORE, from.toString())).isTrue();
    assertThat(fits(FilterType.NOT_BEFORE, from.plusSeconds(1).toString())).isFalse();
    Instant to = client.getNotAfter().toInstant();
    assertThat(fits(FilterType.NOT_AFTER, to.toString())).isTrue();
    assertThat(fits(FilterType.NOT_AFTER, to.minus(1, ChronoUnit.DAYS).toString())).isFalse();
    assertThat(fits(FilterType.NOT_AFTER, "2999-12-31")).isTrue();
    assertThat(fits(FilterType.NOT_BEFORE, "2001-02-03 04:05:06")).isTrue();
  }

  @Test
  void fingerprintsAndSelfSigned() throws Exception {
    for (String algorithm : List.of("SHA-1", "SHA-256")) {
      byte[] digest = MessageDigest.getInstance(algorithm).digest(client.getEncoded());
      assertThat(fits(FilterType.FINGERPRINT, HexFormat.ofDelimiter(":").formatHex(digest)))
          .isTrue();
      digest[0]++;
      assertThat(fits(FilterType.FINGERPRINT, HexFormat.of().formatHex(digest))).isFalse();
    }
    assertThat(fits("type: x509.derived.selfSigned")).isFalse();
    assertThat(tags(ca.certificate())).containsExactly("yes");
  }

  @Test
  void usages() throws Exception {
    // The client's certificate has no such extension, its authority's has.
    assertThat(fits("type: x509.extension.keyUsage", "purpose: [cRLSign, keyCertSign]")).isFalse();
    assertThat(tags(ca.certificate())).containsExactly("yes");
    assertThat(fits("type: x509.extension.keyUsage", "purpose: [keyCertSign, digitalSignature]"))
        .isFalse();
    assertThat(tags(ca.certificate())).containsExactly("no");
    assertThat(fits("type: x509.extension.extendedKeyUsage", "purpose: clientAuth")).isTrue();
    assertThat(fits("type: x509.extension.extendedKeyUsage", "purpose: 1.3.6.1.5.5.7.3.2"))
        .isTrue();
    assertThat(fits("type: x509.extension.extendedKeyUsage", "purpose: [serverAuth]")).isFalse();
  }

  @Test
  void aTagNeedsAllItsFiltersFromWhateverFile() throws Exception {
    file(
        "a.yml",
        """
        filters:
          ours: {type: x509.tbs.issuer, pattern: "*CN=test ca*"}
          alice: {type: x509.tbs.subject, pattern: "*CN=alice*"}
        """);
    file(
        "b.yaml",
        """
        tags:
          staff: {filter: [ours]}
          guest: {filter: [ours, not alice]}
          alice: {filter: [ours, alice]}
        """);
    file("c.txt", "this is not read");
    file(".d.yml", "nor [is this");
    assertThat(tags(client)).containsExactly("alice", "staff");
    assertThat(TagRules.read(dir).of(List.of())).isEmpty();
    assertThat(TagRules.read(dir).of(List.of(new byte[] {1, 2}))).isEmpty();
    assertThat(TagRules.read(dir.resolve("none")).size()).isZero();
  }

  private void refused(String message, String text) throws Exception {
    Path f = file("x.yml", text);
    assertThatThrownBy(() -> TagRules.read(dir))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(f + message);
  }

  @Test
  void mistakesAreNamedWithTheirLine() throws Exception {
    refused(":1: unknown section 'tag'", "tag: {}");
    refused(":2: filter 'f' has no type", "filters:\n  f: {pattern: x}");
    refused(":3: filter 'f': unknown type 'x509.colour'", "filters:\n  f:\n    type: x509.colour");
    refused(":2: filter 'f' has no pattern", "filters:\n  f: {type: x509.tbs.subject}");
    refused(
        ":2: filter 'f': x509.derived.selfSigned takes no pattern",
        "filters:\n  f: {type: x509.derived.selfSigned, pattern: x}");
    refused(
        ":2: filter 'f': not a date like",
        "filters:\n  f: {type: x509.tbs.validity.notAfter, pattern: tomorrow}");
    refused(
        ":2: filter 'f': 'dance' is none of digitalSignature",
        "filters:\n  f: {type: x509.extension.keyUsage, purpose: dance}");
    refused(":2: tag 't': there is no filter 'f'", "tags:\n  t: {filter: f}");
    refused(":2: tag 't' has no filter", "tags:\n  t: {filter: []}");
    refused(":3: 'a' is given twice", "tags:\n  a: {filter: f}\n  a: {filter: f}");
    refused(":2: ", "filters:\n  f: [type");
    refused(": ", "&a [*a, ".repeat(5000));
  }

  @Test
  void nothingInAFileIsMadeAnObject() throws Exception {
    refused(":1: a table", "!!javax.script.ScriptEngineManager [x]");
  }

  @Test
  void aBadFileLeavesTheTagsInForce() throws Exception {
    Path config = file("config", "[tags]\ndirectory = .\n");
    file(
        "a.yml",
        "filters: {all: {type: x509.tbs.version, pattern: 3}}\ntags: {all: {filter: all}}");
    ConfigSource source = ConfigSource.open(config);
    TagSource tags = new TagSource();
    source.follow(tags);
    file("a.yml", "tags: {all: {filter: gone}}");
    assertThatThrownBy(source::reload).hasMessageContaining("there is no filter 'gone'");
    assertThat(tags.of(List.of(client.getEncoded()))).containsExactly("all");
    Files.delete(dir.resolve("a.yml"));
    source.reload();
    assertThat(tags.size()).isZero();
  }
}
