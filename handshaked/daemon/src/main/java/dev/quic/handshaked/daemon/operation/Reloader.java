package dev.quic.handshaked.daemon.operation;

import dev.quic.handshaked.daemon.config.ConfigException;
import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.config.DaemonConfig;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.uds.SdNotify;

/**
 * Reads the configuration again and says in one line how that went. Any thread; one reload at a
 * time.
 */
public final class Reloader {
  private final ConfigSource source;
  private final SdNotify manager;
  private final DaemonLog log;
  private final Runnable afterwards;

  /**
   * @param afterwards runs after a good reload
   */
  public Reloader(ConfigSource source, SdNotify manager, DaemonLog log, Runnable afterwards) {
    this.source = source;
    this.manager = manager;
    this.log = log;
    this.afterwards = afterwards;
  }

  /**
   * @return whether there is a new configuration
   */
  public synchronized boolean reload() {
    manager.reloading();
    try {
      DaemonConfig next = source.reload();
      next.warnings().forEach(log::warn);
      log.info("configuration read again: " + source.file());
      afterwards.run();
      return true;
    } catch (ConfigException e) {
      log.error(e.getMessage() + "; the old configuration stays in force");
      return false;
    } finally {
      manager.ready();
    }
  }
}
