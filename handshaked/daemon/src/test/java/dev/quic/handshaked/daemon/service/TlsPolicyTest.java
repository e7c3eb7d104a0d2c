package dev.quic.handshaked.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.daemon.config.KeySettings;
import dev.quic.handshaked.daemon.credential.CredentialCache;
import dev.quic.handshaked.daemon.keys.KeySource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class TlsPolicyTest {
  private static KeySettings directory(String path) {
    return new KeySettings(KeySettings.Source.DIRECTORY, Path.of(path), true);
  }

  @Test
  void requestsShareTheSourceOfKeysUntilItsSettingsChange() {
    TlsPolicy policy = new TlsPolicy(new CredentialCache());
    KeySource first = policy.source(directory("/keys"));
    assertThat(policy.source(directory("/keys"))).isSameAs(first);
    KeySource other = policy.source(directory("/elsewhere"));
    assertThat(other).isNotSameAs(first);
    assertThat(policy.source(directory("/elsewhere"))).isSameAs(other);
  }
}
