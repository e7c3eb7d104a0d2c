package dev.quic.handshaked.daemon.keys.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThatCode;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.quic.handshaked.daemon.keys.KeyData;
import dev.quic.handshaked.daemon.keys.KeySource;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.uapi.Errno;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real kernel's keyrings, where the machine lets us (containers often do not). */
final class LinuxKeySourceTest {
  private static final byte[] SECRET =
      "32 bytes of a key for NFS or so.".getBytes(StandardCharsets.UTF_8);

  /** Hangs below the process keyring, like those the kernel links for a request. */
  private int ring;

  @BeforeEach
  void makeAKeyring() throws Exception {
    assumeThatCode(() -> Keyctl.keyringId(Keyctl.PROCESS_KEYRING))
        .as("add_key and keyctl are refused here, by a container's seccomp filter for instance")
        .doesNotThrowAnyException();
    ring = Keyctl.addKey("keyring", "quic-test", new byte[0], Keyctl.PROCESS_KEYRING);
  }

  @AfterEach
  void clear() throws Exception {
    if (ring != 0) {
      Keyctl.clear(ring);
      Keyctl.unlink(ring, Keyctl.PROCESS_KEYRING);
    }
  }

  private static KeySource.Access request(int keyring, String... configured) {
    return LinuxKeySource.of().open(keyring, List.of(configured));
  }

  private static void fails(int status, ThrowingCallable call) {
    assertThatThrownBy(call)
        .asInstanceOf(type(CredentialException.class))
        .extracting(CredentialException::status)
        .isEqualTo(status);
  }

  @Test
  void readsAKeyBySerial() throws Exception {
    byte[] big = new byte[KeyData.MAX_PAYLOAD];
    java.util.Arrays.fill(big, (byte) 7);
    int serial = Keyctl.addKey("user", "id;with;semicolons", SECRET, ring);
    int large = Keyctl.addKey("user", "large", big, ring);
    try (KeySource.Access request = request(ring)) {
      KeyData key = request.read(serial);
      assertThat(key.type()).isEqualTo("user");
      assertThat(key.description()).isEqualTo("id;with;semicolons");
      assertThat(key.payload()).isEqualTo(SECRET);
      assertThat(request.read(large).payload()).isEqualTo(big);
    }
  }

  @Test
  void keepsAPeersCertificate() throws Exception {
    // Not one that signed itself: the kernel would check that, if it knew how.
    byte[] certificate =
        CertificateAuthority.create("quic test", Instant.now())
            .server("server.test")
            .leaf()
            .getEncoded();
    String description = "tls:quic-test " + System.nanoTime();
    try (KeySource.Access request = request(ring)) {
      int serial = request.keepPeer(description, certificate);
      assertThat(Keyctl.describe(serial)).containsExactly("asymmetric", description);
      assertThat(request.keepPeer(description, certificate)).isEqualTo(serial);
      Keyctl.unlink(serial, Keyctl.USER_KEYRING);
      assertThatThrownBy(() -> request.keepPeer(description, new byte[] {1, 2, 3}))
          .isInstanceOf(CredentialException.class);
    }
  }

  @Test
  void findsAnIdentityInTheRequestsKeyring() throws Exception {
    int serial = Keyctl.addKey("user", "client@example", SECRET, ring);
    try (KeySource.Access request = request(ring)) {
      KeyData key = request.searchPsk("client@example");
      assertThat(key).extracting(KeyData::serial).isEqualTo(serial);
      assertThat(request.searchPsk("somebody else")).isNull();
      assertThat(request.searchPsk("")).isNull();
      assertThat(request.searchPsk("a\0b")).isNull();
      assertThat(request.searchPsk("x".repeat(5000))).isNull();
    }
  }

  @Test
  void findsAnIdentityInAConfiguredKeyring() throws Exception {
    int serial = Keyctl.addKey("user", "configured@example", SECRET, ring);
    try (KeySource.Access request = request(0, "quic-test", "no-such-keyring")) {
      assertThat(request.searchPsk("configured@example"))
          .extracting(KeyData::serial)
          .isEqualTo(serial);
    }
    try (KeySource.Access request = request(0, Integer.toString(ring))) {
      assertThat(request.searchPsk("configured@example"))
          .extracting(KeyData::serial)
          .isEqualTo(serial);
    }
  }

  /** More than half of all serials have ten digits. */
  @Test
  void findsAConfiguredKeyringByALongSerial() throws Exception {
    int serial = 0;
    for (int i = 0; i < 100 && serial < 1_000_000_000; i++) {
      serial = Keyctl.addKey("keyring", "quic-test " + i, new byte[0], ring);
    }
    assertThat(serial).isGreaterThanOrEqualTo(1_000_000_000);
    int key = Keyctl.addKey("user", "long@example", SECRET, serial);
    Keyctl.link(serial, Keyctl.PROCESS_KEYRING);
    Keyctl.unlink(serial, ring);
    try (KeySource.Access request = request(0, Integer.toString(serial))) {
      assertThat(request.searchPsk("long@example")).extracting(KeyData::serial).isEqualTo(key);
    } finally {
      Keyctl.unlink(serial, Keyctl.PROCESS_KEYRING);
    }
  }

  @Test
  void revokedAndMissingKeysSaySo() throws Exception {
    int serial = Keyctl.addKey("user", "revoked@example", SECRET, ring);
    // The kernel's serials begin at 3.
    int none = 1;
    Keyctl.revoke(serial);
    try (KeySource.Access request = request(ring)) {
      fails(Errno.EKEYREVOKED, () -> request.read(serial));
      fails(Errno.ENOKEY, () -> request.read(none));
      fails(Errno.EKEYREVOKED, () -> request.searchPsk("revoked@example"));
    }
    try (KeySource.Access request = request(none)) {
      fails(Errno.ENOKEY, () -> request.searchPsk("revoked@example"));
    }
  }

  @Test
  void theRequestsKeyringIsNotLeftBehind() throws Exception {
    try (KeySource.Access request = request(ring)) {
      request.searchPsk("nobody");
    }
    // Linking it again into an empty keyring must work, and so must taking it out.
    Keyctl.link(ring, Keyctl.THREAD_KEYRING);
    Keyctl.unlink(ring, Keyctl.THREAD_KEYRING);
    fails(Errno.ENOENT, () -> Keyctl.unlink(ring, Keyctl.THREAD_KEYRING));
  }
}
