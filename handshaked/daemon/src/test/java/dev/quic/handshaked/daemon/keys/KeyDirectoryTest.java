package dev.quic.handshaked.daemon.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.uapi.Errno;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory of keys, as commands change it and as requests read it. */
final class KeyDirectoryTest {
  private static final byte[] SECRET =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path temp;
  private KeyDirectory keys;
  private DirectoryKeySource source;

  @BeforeEach
  void make() throws Exception {
    keys = new KeyDirectory(temp.resolve("keys"));
    keys.create();
    source = new DirectoryKeySource(keys, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private KeySource.Access request(int keyring, String... configured) {
    return source.open(keyring, List.of(configured));
  }

  private static void fails(int status, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .asInstanceOf(type(CredentialException.class))
        .satisfies(e -> assertThat(e.status()).isEqualTo(status))
        .satisfies(e -> assertThat(e).hasMessageContaining(message))
        .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1));
  }

  private int keep(String peer, long now) throws Exception {
    return keys.keepPeer("tls:" + peer, new byte[] {0x30, 0}, 2, now);
  }

  @Test
  void certificatesOfPeersAreKeptUpToALimit() throws Exception {
    int first = keep("first", 1_000);
    assertThat(keep("first", 2_000)).isEqualTo(first);
    int second = keep("second", 2_000);
    int third = keep("third", 2_000);
    assertThat(keys.describe(KeyDirectory.PEERS).members()).containsExactly(second, third);
    fails(Errno.ENOKEY, "there is no key " + first, () -> keys.describe(first));
    assertThat(keys.describe(KeyDirectory.ROOT).members()).containsExactly(KeyDirectory.PEERS);
    // A day later they have expired.
    int again = keep("third", 2_000 + KeySource.PEER_SECONDS);
    assertThat(again).isNotEqualTo(third);
    fails(Errno.EINVAL, "printable", () -> keep("a\nb", 1));
    // One that is remembered, and that another process took away, is made again.
    keys.unlink(again, KeyDirectory.PEERS);
    assertThat(keep("third", 2_000 + KeySource.PEER_SECONDS)).isNotEqualTo(again);
  }

  @Test
  void withoutADirectoryNoCertificateIsKept() throws Exception {
    KeyDirectory none = new KeyDirectory(temp.resolve("none"));
    assertThat(none.keepPeer("tls:peer", new byte[] {0x30, 0}, 2, 1)).isZero();
    assertThat(none.path()).doesNotExist();
  }

  @Test
  void aKeyIsReadAsItWasAdded() throws Exception {
    byte[] payload = new byte[KeyData.MAX_PAYLOAD];
    java.util.Arrays.fill(payload, (byte) '\n');
    int serial = keys.add("psk", "client; one", payload, KeyDirectory.ROOT);
    assertThat(serial).isGreaterThan(2);
    KeyData read = request(0).read(serial);
    assertThat(read.type()).isEqualTo("psk");
    assertThat(read.description()).isEqualTo("client; one");
    assertThat(read.payload()).isEqualTo(payload);
    assertThat(read.toString()).doesNotContain("payload");
    read.destroy();
    assertThat(read.payload()).containsOnly(0);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(keys.path().resolve(Integer.toString(serial)))))
        .isEqualTo("rw-------");
  }

  @Test
  void addingAgainKeepsTheSerial() throws Exception {
    int serial = keys.add("psk", "id", SECRET, KeyDirectory.ROOT);
    assertThat(keys.add("psk", "id", new byte[] {7}, KeyDirectory.ROOT)).isEqualTo(serial);
    assertThat(request(0).read(serial).payload()).containsExactly(7);
    assertThat(keys.add("user", "id", SECRET, KeyDirectory.ROOT)).isNotEqualTo(serial);
  }

  @Test
  void revokedExpiredAndMissingKeysSaySo() throws Exception {
    int revoked = keys.add("psk", "revoked", SECRET, KeyDirectory.ROOT);
    int expired = keys.add("psk", "expired", SECRET, KeyDirectory.ROOT);
    int live = keys.add("psk", "live", SECRET, KeyDirectory.ROOT);
    keys.revoke(revoked);
    keys.expireAt(expired, NOW.getEpochSecond());
    keys.expireAt(live, NOW.getEpochSecond() + 1);
    KeySource.Access request = request(0);
    fails(Errno.EKEYREVOKED, "is revoked", () -> request.read(revoked));
    fails(Errno.EKEYEXPIRED, "has expired", () -> request.read(expired));
    fails(Errno.ENOKEY, "there is no key 12", () -> request.read(12));
    fails(Errno.EKEYREVOKED, "is revoked", () -> request.searchPsk("revoked"));
    assertThat(request.read(live).description()).isEqualTo("live");
    assertThat(request.searchPsk("nobody")).isNull();
    // The bytes are gone from the disk, too.
    assertThat(Files.readString(keys.path().resolve(Integer.toString(revoked))))
        .doesNotContain(new String(SECRET, StandardCharsets.UTF_8));
  }

  @Test
  void aSearchStaysWithinTheRequestsKeyring() throws Exception {
    int ring = keys.newring("nfs", KeyDirectory.ROOT);
    int inner = keys.newring("inner", ring);
    int deep = keys.add("user", "deep", SECRET, inner);
    int other = keys.add("psk", "other", SECRET, keys.newring("other ring", KeyDirectory.ROOT));
    assertThat(request(ring).searchPsk("deep")).extracting(KeyData::serial).isEqualTo(deep);
    assertThat(request(ring).searchPsk("other")).isNull();
    assertThat(request(0).searchPsk("other")).extracting(KeyData::serial).isEqualTo(other);
    assertThat(request(0, "nfs").searchPsk("other")).isNull();
    assertThat(request(0, "nfs", "other ring").searchPsk("other"))
        .extracting(KeyData::serial)
        .isEqualTo(other);
    fails(Errno.ENOKEY, "no keyring 99", () -> request(99).searchPsk("deep"));
    // A ring within itself ends nothing but the search.
    keys.link(ring, inner);
    assertThat(request(ring).searchPsk("nobody")).isNull();
    // psk goes before user.
    int psk = keys.add("psk", "deep", SECRET, ring);
    assertThat(request(ring).searchPsk("deep")).extracting(KeyData::serial).isEqualTo(psk);
  }

  @Test
  void aKeyLivesAsLongAsAKeyringHasIt() throws Exception {
    int ring = keys.newring("ring", KeyDirectory.ROOT);
    int serial = keys.add("psk", "id", SECRET, KeyDirectory.ROOT);
    keys.link(serial, ring);
    keys.unlink(serial, KeyDirectory.ROOT);
    assertThat(request(0).read(serial).payload()).isEqualTo(SECRET);
    keys.unlink(serial, ring);
    fails(Errno.ENOKEY, "there is no key", () -> request(0).read(serial));
    fails(Errno.ENOENT, "is not in keyring", () -> keys.unlink(serial, ring));
    assertThat(keys.list())
        .extracting(KeyDirectory.Entry::serial)
        .containsExactlyInAnyOrder(1, ring);
  }

  @Test
  void whatOthersCanReadIsRefused() throws Exception {
    int serial = keys.add("psk", "id", SECRET, KeyDirectory.ROOT);
    Path file = keys.path().resolve(Integer.toString(serial));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    fails(Errno.EACCES, "(mode 0640): chmod 0600", () -> request(0).read(serial));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    assertThat(request(0).read(serial).payload()).isEqualTo(SECRET);
    Files.setPosixFilePermissions(keys.path(), PosixFilePermissions.fromString("rwxr-xr-x"));
    fails(Errno.EACCES, "(mode 0755): chmod 0700", () -> request(0).read(serial));
    fails(Errno.EACCES, "(mode 0755)", () -> keys.add("psk", "x", SECRET, KeyDirectory.ROOT));
  }

  @Test
  void linksAndDamagedFilesAreRefused() throws Exception {
    int serial = keys.add("psk", "id", SECRET, KeyDirectory.ROOT);
    Path file = keys.path().resolve(Integer.toString(serial));
    Path copy = Files.move(file, temp.resolve("copy"));
    Files.createSymbolicLink(file, copy);
    fails(Errno.ENOKEY, "is no plain file", () -> request(0).read(serial));
    Files.delete(file);
    Files.move(copy, keys.path().resolve("17"));
    fails(Errno.ENOKEY, "says that it is key " + serial, () -> request(0).read(17));
    Files.writeString(keys.path().resolve("17"), "hello\n\n");
    fails(Errno.ENOKEY, "is no key file", () -> request(0).read(17));
    fails(
        Errno.ENOKEY,
        "does not exist",
        () ->
            new DirectoryKeySource(new KeyDirectory(temp.resolve("none")), Clock.systemUTC())
                .open(0, List.of())
                .read(17));
  }

  /** Another process may delete keys while a request looks for its keyring. */
  @Test
  void keysThatGoMeanwhileAreNotMissed() throws Exception {
    for (int i = 0; i < 20; i++) {
      keys.add("psk", "stays " + i, SECRET, KeyDirectory.ROOT);
    }
    int ring = keys.newring("nfs", KeyDirectory.ROOT);
    AtomicBoolean stop = new AtomicBoolean();
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              KeyDirectory theirs = new KeyDirectory(keys.path());
              while (!stop.get()) {
                try {
                  int going = theirs.add("psk", "going", SECRET, KeyDirectory.ROOT);
                  theirs.unlink(going, KeyDirectory.ROOT);
                } catch (CredentialException e) {
                  throw new AssertionError(e);
                }
              }
            });
    try {
      long end = System.nanoTime() + 1_500_000_000;
      while (System.nanoTime() - end < 0) {
        assertThat(keys.findKeyring("nfs")).isEqualTo(ring);
      }
    } finally {
      stop.set(true);
      other.join();
    }
  }

  @Test
  void nonsenseIsRefused() {
    fails(Errno.EINVAL, "newring", () -> keys.add("keyring", "x", SECRET, 1));
    fails(Errno.EINVAL, "printable", () -> keys.add("psk", "a\nserial 4", SECRET, 1));
    fails(Errno.EINVAL, "1 to 32767", () -> keys.add("psk", "x", new byte[0], 1));
    fails(Errno.EINVAL, "1 to 32767", () -> keys.add("psk", "x", new byte[32_768], 1));
    fails(Errno.ENOKEY, "no keyring 5", () -> keys.add("psk", "x", SECRET, 5));
  }
}
