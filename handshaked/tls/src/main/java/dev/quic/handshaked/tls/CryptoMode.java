package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where key exchange and ECDSA of handshakes come from. */
public enum CryptoMode {
  /** The system's libcrypto where it is there and passes its test, else Bouncy Castle. */
  AUTO,
  /** Bouncy Castle. */
  BC,
  /** The system's libcrypto, Bouncy Castle for what we do not take from it. */
  LIBCRYPTO;

  /** The name of {@link #BC} where the other says its version. */
  public static final String BC_NAME = "bc";

  /**
   * Parses the value of {@code --crypto}.
   *
   * @throws IllegalArgumentException when it is none of auto, bc, libcrypto
   */
  public static CryptoMode parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  /**
   * Loads what this mode means on this system.
   *
   * @return null for Bouncy Castle
   * @throws UnsupportedOperationException when it asks for a library that is not there or fails its
   *     test; one line that says which
   */
  public @Nullable LibCrypto open() {
    if (this == BC) {
      return null;
    }
    try {
      return LibCrypto.open();
    } catch (UnsupportedOperationException e) {
      if (this == AUTO) {
        return null;
      }
      throw e;
    }
  }

  /** How logs name what {@link #open} gave. */
  public static String name(@Nullable LibCrypto opened) {
    return opened == null ? BC_NAME : opened.version();
  }
}
