package dev.quic.dataplane.core.crypto;

import dev.quic.dataplane.core.common.Limits;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * Address validation tokens of a listener (RFC 9000 section 8.1): sealed with AES-128-GCM under a
 * key derived from the listener's secret, bound to the client's address and a time. Layout: kind,
 * 12 bytes of nonce, then sealed: 8 bytes of time, original destination id; then the tag. The
 * address is associated data, so it takes no room. Only its maker reads a token.
 */
public final class AddressToken implements Destroyable {
  /** Kind of a token sent in NEW_TOKEN, for a later connection. */
  public static final int REGULAR = 0;

  /** Kind of a token sent in Retry. */
  public static final int RETRY = 1;

  /** How long a Retry token is good, ns (the kernel's number). */
  public static final long RETRY_LIFETIME = 3_000_000_000L;

  /** How long a NEW_TOKEN token is good, ns (the kernel's number). */
  public static final long REGULAR_LIFETIME = 600_000_000_000L;

  /** Random bytes {@link #seal} wants. */
  public static final int NONCE = 12;

  private static final int HEAD = 1 + NONCE;
  private static final int TIME = 8;

  private final WipeableKey key;

  public AddressToken(ListenerSecret secret) {
    byte[] bytes = secret.derive(new byte[0], "address_token", 16);
    key = new WipeableKey("AES", bytes);
    Arrays.fill(bytes, (byte) 0);
  }

  /**
   * Makes a token.
   *
   * @param kind {@link #REGULAR} or {@link #RETRY}
   * @param address what it is bound to: the client's address, with the port for a Retry token
   * @param now ns, in the clock that {@link #open} is asked with
   * @param odcid the original destination id for RETRY, at most 20 bytes; empty otherwise
   * @param random {@link #NONCE} fresh random bytes
   */
  public byte[] seal(int kind, byte[] address, long now, byte[] odcid, byte[] random) {
    byte[] out = new byte[HEAD + TIME + odcid.length + QuicCipher.TAG];
    out[0] = (byte) kind;
    System.arraycopy(random, 0, out, 1, NONCE);
    byte[] plain = new byte[TIME + odcid.length];
    for (int i = 0; i < TIME; i++) {
      plain[i] = (byte) (now >>> 56 - 8 * i);
    }
    System.arraycopy(odcid, 0, plain, TIME, odcid.length);
    try {
      cipher(Cipher.ENCRYPT_MODE, out, address).doFinal(plain, 0, plain.length, out, HEAD);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("sealing a token failed", e);
    }
    return out;
  }

  /**
   * Checks a token.
   *
   * @return the original destination id (empty for REGULAR), or null when the token is not ours, of
   *     another address or kind, or too old
   */
  public byte @Nullable [] open(int kind, byte[] address, long now, byte[] buf, int off, int len) {
    int least = HEAD + TIME + QuicCipher.TAG;
    if (len < least || len > least + Limits.CONN_ID_BYTES || buf[off] != kind) {
      return null;
    }
    byte[] token = Arrays.copyOfRange(buf, off, off + len);
    try {
      byte[] plain = cipher(Cipher.DECRYPT_MODE, token, address).doFinal(token, HEAD, len - HEAD);
      long made = 0;
      for (int i = 0; i < TIME; i++) {
        made = made << 8 | plain[i] & 0xff;
      }
      long age = now - made;
      long lifetime = kind == RETRY ? RETRY_LIFETIME : REGULAR_LIFETIME;
      return age < 0 || age > lifetime ? null : Arrays.copyOfRange(plain, TIME, plain.length);
    } catch (AEADBadTagException e) {
      return null;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("opening a token failed", e);
    }
  }

  private Cipher cipher(int mode, byte[] token, byte[] address) throws GeneralSecurityException {
    Cipher c = Cipher.getInstance("AES/GCM/NoPadding");
    c.init(mode, key, new GCMParameterSpec(8 * QuicCipher.TAG, token, 1, NONCE));
    c.updateAAD(token, 0, 1);
    c.updateAAD(address);
    return c;
  }

  @Override
  public void destroy() {
    key.destroy();
  }

  @Override
  public boolean isDestroyed() {
    return key.isDestroyed();
  }
}
