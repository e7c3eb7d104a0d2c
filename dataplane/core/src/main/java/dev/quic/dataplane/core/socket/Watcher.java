package dev.quic.dataplane.core.socket;

/**
 * Told, on the shard thread and outside any call into the core, that a socket's poll state may have
 * changed.
 */
@FunctionalInterface
public interface Watcher {
  void ready(Sock sock, int mask);
}
