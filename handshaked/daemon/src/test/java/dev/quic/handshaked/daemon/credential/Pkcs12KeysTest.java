package dev.quic.handshaked.daemon.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.daemon.config.KeyLocation;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class Pkcs12KeysTest {
  @TempDir Path dir;
  private Path store;
  private Path password;
  private Credentials first;
  private Credentials second;

  @BeforeEach
  void make() throws Exception {
    CertificateAuthority ca = CertificateAuthority.create("test ca", Instant.now());
    first = ca.server("first.test");
    second = ca.server("second.test");
    store = dir.resolve("keys.p12");
    password = Files.writeString(dir.resolve("password"), "secret words\nnot this line\n");
    write("secret words", true);
  }

  private void write(String word, boolean both) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    Certificate[] chain = {first.leaf()};
    keys.setKeyEntry("first", first.key(), word.toCharArray(), chain);
    if (both) {
      chain = new Certificate[] {second.leaf()};
      keys.setKeyEntry("second", second.key(), word.toCharArray(), chain);
    }
    try (OutputStream out = Files.newOutputStream(store)) {
      keys.store(out, word.toCharArray());
    }
  }

  private KeyLocation.Pkcs12 at(@Nullable Path passwordFile, @Nullable String alias) {
    return new KeyLocation.Pkcs12(store, passwordFile, alias);
  }

  @Test
  void theKeyOfAnAlias() throws Exception {
    assertThat(PrivateKeys.load(at(password, "first"))).isEqualTo(first.key());
    assertThat(PrivateKeys.load(at(password, "second"))).isEqualTo(second.key());
  }

  @Test
  void theOnlyKey() throws Exception {
    write("secret words", false);
    assertThat(PrivateKeys.load(at(password, null))).isEqualTo(first.key());
    write("", false);
    assertThat(PrivateKeys.load(at(null, null))).isEqualTo(first.key());
  }

  @Test
  void theChainBesideTheKey() throws Exception {
    assertThat(CertificateChains.load(at(password, "second"))).containsExactly(second.leaf());
    CredentialCache cache = new CredentialCache();
    Credentials both = cache.credentials(at(password, "first"), at(password, "first"));
    assertThat(both.leaf()).isEqualTo(first.leaf());
    assertThat(both.key()).isEqualTo(first.key());
    assertThatThrownBy(() -> cache.credentials(at(password, "first"), at(password, "second")))
        .isInstanceOf(CredentialException.class);
    assertThatThrownBy(() -> CertificateChains.load(new KeyLocation.Token("pkcs11:token=t")))
        .hasMessage("certificates are not read from a token: pkcs11:token=t");
  }

  @Test
  void whatIsWrongIsOneLine() throws Exception {
    fails(at(password, null), "several private keys in " + store);
    fails(at(password, "third"), "no private key in " + store);
    Path other = Files.writeString(dir.resolve("other"), "wrong");
    fails(at(other, "first"), "the password of " + store + " is wrong");
    fails(at(dir.resolve("none"), "first"), "cannot read password file " + dir.resolve("none"));
    Files.writeString(store, "no key store");
    fails(at(password, "first"), "cannot read private key " + store);
    Files.delete(store);
    fails(at(password, "first"), "private key " + store + " does not exist");
  }

  private static void fails(KeyLocation where, String message) {
    assertThatThrownBy(() -> PrivateKeys.load(where))
        .isInstanceOf(CredentialException.class)
        .hasMessageStartingWith(message)
        .message()
        .doesNotContain("\n");
  }
}
