package dev.quic.handshaked.tls;

import org.jspecify.annotations.Nullable;

/** A server's pre-shared keys. Called on the engine's thread; may block. */
@FunctionalInterface
public interface PskLookup {
  /**
   * @param identity as the client sent it
   * @return a copy, which the engine wipes; null when there is no such key
   */
  @Nullable ExternalPsk find(byte[] identity);
}
