package dev.quic.handshaked.daemon.keys;

import dev.quic.handshaked.daemon.config.KeySettings;
import dev.quic.handshaked.daemon.keys.linux.LinuxKeySource;
import java.time.Clock;

/** The source the configuration names. */
public final class KeySources {
  private KeySources() {}

  public static KeySource of(KeySettings settings) {
    return switch (settings.source()) {
      case DIRECTORY ->
          new DirectoryKeySource(new KeyDirectory(settings.directory()), Clock.systemUTC());
      case KERNEL -> LinuxKeySource.of();
    };
  }
}
