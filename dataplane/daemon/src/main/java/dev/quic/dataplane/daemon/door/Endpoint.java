package dev.quic.dataplane.daemon.door;

/** What the conductor does when a descriptor is ready. The conductor's thread. */
public interface Endpoint {
  void readable();

  void writable();
}
