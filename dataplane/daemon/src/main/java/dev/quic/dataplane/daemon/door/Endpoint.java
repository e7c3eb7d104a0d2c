package dev.quic.dataplane.daemon.door;

/** What the conductor does when a descriptor is ready. The conductor's thread. */
public interface Endpoint {
  void readable();

  void writable();

  /** The other end is gone and reading is switched off or has nothing more. */
  void hangup();
}
