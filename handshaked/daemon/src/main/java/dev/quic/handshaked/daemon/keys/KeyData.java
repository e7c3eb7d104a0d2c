package dev.quic.handshaked.daemon.keys;

import java.util.Arrays;
import javax.security.auth.Destroyable;

/**
 * A copy of one key.
 *
 * @param serial positive
 * @param type {@code user}, {@code psk} or another type of the kernel's
 * @param description for a pre-shared key its identity
 * @param payload wiped by {@link #destroy}
 */
public record KeyData(int serial, String type, String description, byte[] payload)
    implements Destroyable {
  /** Longest payload, that of the kernel's user keys. */
  public static final int MAX_PAYLOAD = 32_767;

  /** Longest description, a page less its zero as in the kernel. */
  public static final int MAX_DESCRIPTION = 4095;

  @Override
  public void destroy() {
    Arrays.fill(payload, (byte) 0);
  }

  @Override
  public String toString() {
    return type + " key " + serial + " '" + description + "'";
  }
}
