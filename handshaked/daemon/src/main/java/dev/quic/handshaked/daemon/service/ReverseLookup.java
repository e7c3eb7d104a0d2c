package dev.quic.handshaked.daemon.service;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** The name of an address, for requests without a peer name. */
@FunctionalInterface
public interface ReverseLookup {
  /** Asks the system's resolver; takes as long as that does. */
  ReverseLookup SYSTEM =
      address -> {
        String name = address.getCanonicalHostName();
        return name.equals(address.getHostAddress()) ? null : name;
      };

  /**
   * @return null when the address has no name
   */
  @Nullable String nameOf(InetAddress address);
}
