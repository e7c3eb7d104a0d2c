package dev.quic.handshaked.daemon.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.handshaked.daemon.config.KeyLocation;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.handshaked.tls.cert.Credentials;
import dev.quic.handshaked.tls.cert.TrustStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CredentialCacheTest {
  @TempDir Path dir;

  /** What passes between two looks at the clock: more than a look at the files holds. */
  private long step = TimeUnit.SECONDS.toNanos(1);

  private long now;
  private final CredentialCache cache = new CredentialCache(() -> now += step);
  private CertificateAuthority ca;
  private Path chain;
  private Path key;

  @BeforeEach
  void files() throws Exception {
    ca = CertificateAuthority.create("test ca", Instant.now());
    chain = dir.resolve("chain.pem");
    key = dir.resolve("key.pem");
    write(ca.server("server.test"));
  }

  private void write(Credentials c) throws Exception {
    CertificateAuthority.writeCertificates(chain, c.chain());
    CertificateAuthority.writeKey(key, c.key());
  }

  @Test
  void readsOnceAndAgainWhenAFileChanged() throws Exception {
    Credentials first = cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key));
    assertThat(cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key)))
        .isSameAs(first);
    write(ca.server("other.test"));
    Credentials second = cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key));
    assertThat(second.leaf()).isNotEqualTo(first.leaf());
    assertThat(cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key)))
        .isSameAs(second);
  }

  @Test
  void looksAtTheFilesOnceInAWhile() throws Exception {
    Credentials first = cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key));
    write(ca.server("other.test"));
    step = TimeUnit.MILLISECONDS.toNanos(9);
    assertThat(cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key)))
        .isSameAs(first);
    assertThat(cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key)))
        .isSameAs(first);
    assertThat(cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key)).leaf())
        .isNotEqualTo(first.leaf());
  }

  @Test
  void aFileThatWentAwayIsNotServedFromMemory() throws Exception {
    Credentials first = cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key));
    Files.move(key, dir.resolve("elsewhere"));
    assertThatThrownBy(
            () -> cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key)))
        .isInstanceOf(CredentialException.class)
        .hasMessageContaining(key.toString());
    Files.move(dir.resolve("elsewhere"), key);
    assertThat(cache.credentials(new KeyLocation.File(chain), new KeyLocation.File(key)).leaf())
        .isEqualTo(first.leaf());
  }

  @Test
  void keepsTrustStores() throws Exception {
    Path bundle = dir.resolve("ca.pem");
    assertThatThrownBy(() -> cache.trust(bundle)).isInstanceOf(CredentialException.class);
    CertificateAuthority.writeCertificates(bundle, List.of(ca.certificate()));
    TrustStore first = cache.trust(bundle);
    assertThat(first.certificates()).containsExactly(ca.certificate());
    assertThat(cache.trust(bundle)).isSameAs(first);
    assertThat(cache.trust(null)).isSameAs(cache.trust(null));
  }
}
