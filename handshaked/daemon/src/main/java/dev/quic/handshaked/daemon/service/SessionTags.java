package dev.quic.handshaked.daemon.service;

import java.util.List;

/** Names what a verified peer is known as. Any thread. */
@FunctionalInterface
public interface SessionTags {
  /** Knows nobody. */
  SessionTags NONE = chain -> List.of();

  /**
   * @param peerDer the peer's verified chain, leaf first; empty when it showed none
   */
  List<String> of(List<byte[]> peerDer);
}
