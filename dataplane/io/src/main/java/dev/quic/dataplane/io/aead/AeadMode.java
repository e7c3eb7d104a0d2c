package dev.quic.dataplane.io.aead;

import dev.quic.dataplane.core.crypto.AeadProvider;
import java.util.Locale;

/** Which AEAD packets are protected with. */
public enum AeadMode {
  /** The fastest that is there and passes its test. */
  AUTO,
  /** The JDK's. */
  JDK,
  /** AES-GCM of Intel's ipsec-mb, the JDK's for the rest. */
  IPSEC_MB;

  /**
   * Parses the value of {@code --aead}.
   *
   * @throws IllegalArgumentException when it is none of auto, jdk, ipsec-mb
   */
  public static AeadMode parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /**
   * Loads what this mode means on this system, for one thread.
   *
   * @throws UnsupportedOperationException when it asks for a library that is not there or fails its
   *     test; one line that says which
   */
  public AeadProvider open() {
    if (this == JDK) {
      return AeadProvider.JDK;
    }
    try {
      return IpsecMb.open();
    } catch (UnsupportedOperationException e) {
      if (this == AUTO) {
        return AeadProvider.JDK;
      }
      throw e;
    }
  }
}
