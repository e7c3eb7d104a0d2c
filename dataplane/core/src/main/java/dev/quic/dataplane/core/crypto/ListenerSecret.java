package dev.quic.dataplane.core.crypto;

import java.util.Arrays;
import javax.security.auth.Destroyable;

/**
 * The random secret of a process, its nets and listeners, and what the kernel derives from it:
 * stateless reset tokens and session ticket keys. A derivation is HKDF-Extract with the input as
 * salt and the secret as key material, then Expand-Label.
 */
public final class ListenerSecret implements Destroyable {
  /** Bytes of the secret. */
  public static final int LENGTH = 32;

  /** Bytes of a stateless reset token (RFC 9000 section 10.3). */
  public static final int RESET_TOKEN = 16;

  /** Bytes of a derived session ticket key. */
  public static final int TICKET_KEY = 64;

  private final byte[] secret;
  private boolean destroyed;

  /**
   * @param random at least {@link #LENGTH} private random bytes; copied
   */
  public ListenerSecret(byte[] random) {
    secret = Arrays.copyOf(random, LENGTH);
  }

  /** Derives {@code length} bytes bound to an input. */
  public byte[] derive(byte[] input, String label, int length) {
    byte[] prk = Hkdf.extract(Hash.SHA256, input, secret);
    byte[] out = Hkdf.expandLabel(Hash.SHA256, prk, label, length);
    Arrays.fill(prk, (byte) 0);
    return out;
  }

  /** The stateless reset token of a connection id. */
  public byte[] resetToken(byte[] cid) {
    return derive(cid, "stateless_reset", RESET_TOKEN);
  }

  /** The session ticket key for a client address (its sockaddr with the port zeroed). */
  public byte[] ticketKey(byte[] sockaddr) {
    return derive(sockaddr, "session_ticket", TICKET_KEY);
  }

  @Override
  public void destroy() {
    Arrays.fill(secret, (byte) 0);
    destroyed = true;
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }
}
