package dev.quic.dataplane.core.crypto;

import dev.quic.dataplane.core.common.Limits;
import java.util.Arrays;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * Address validation tokens of a process (RFC 9000 section 8.1): sealed with AES-128-GCM under a
 * key derived from the net's secret, bound to the client's address and a time. Layout: kind and key
 * period, 12 bytes of nonce, then sealed: 8 bytes of time, original destination id; then the tag.
 * The address is associated data, so it takes no room. Only nets with the secret read a token. Keys
 * change every {@link #KEY_PERIOD}; the previous one is still read. One thread.
 */
public final class AddressToken implements Destroyable {
  /** Kind of a token sent in NEW_TOKEN, for a later connection. */
  public static final int REGULAR = 0;

  /** Kind of a token sent in Retry. */
  public static final int RETRY = 1;

  /** How long a Retry token is good, ns: a server that needs them is a busy one. */
  public static final long RETRY_LIFETIME = 10_000_000_000L;

  /** How long a NEW_TOKEN token is good, ns (the kernel's number). */
  public static final long REGULAR_LIFETIME = 600_000_000_000L;

  /** How long a key seals tokens, ns: no token outlives the one after it. */
  public static final long KEY_PERIOD = REGULAR_LIFETIME;

  /** Random bytes {@link #seal} wants. */
  public static final int NONCE = 12;

  private static final int HEAD = 1 + NONCE;
  private static final int TIME = 8;

  /** Key periods told apart in a token's first byte, above the bit of its kind. */
  private static final int PERIODS = 128;

  private final ListenerSecret secret;
  private final AeadProvider aeads;
  private long currentPeriod;
  private byte[] current;
  private byte[] previous;
  private boolean destroyed;

  public AddressToken(ListenerSecret secret, AeadProvider aeads) {
    this.secret = secret;
    this.aeads = aeads;
    current = key(0);
    previous = key(-1);
  }

  private byte[] key(long period) {
    byte[] input = new byte[Long.BYTES];
    put64(input, 0, period);
    return secret.derive(input, "address_token", QuicCipher.AES_128_GCM.keyLength());
  }

  /** Brings the keys up to the period of a time. */
  private void rotate(long now) {
    long period = Math.floorDiv(now, KEY_PERIOD);
    if (period != currentPeriod) {
      wipe();
      currentPeriod = period;
      current = key(period);
      previous = key(period - 1);
    }
  }

  private static int firstByte(int kind, long period) {
    return (int) Math.floorMod(period, (long) PERIODS) << 1 | kind;
  }

  private static void put64(byte[] out, int at, long value) {
    for (int i = 0; i < Long.BYTES; i++) {
      out[at + i] = (byte) (value >>> 56 - 8 * i);
    }
  }

  /** Whether a token says it is one of ours for a Retry; only {@link #open} knows. */
  public static boolean looksLikeRetry(byte[] buf, int off, int len) {
    return len >= HEAD + TIME + QuicCipher.TAG && (buf[off] & 1) == RETRY;
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
    rotate(now);
    byte[] out = new byte[HEAD + TIME + odcid.length + QuicCipher.TAG];
    out[0] = (byte) firstByte(kind, currentPeriod);
    System.arraycopy(random, 0, out, 1, NONCE);
    // As the AEAD wants it: what is authenticated, then what is sealed.
    int body = 1 + address.length;
    int end = body + TIME + odcid.length;
    byte[] work = new byte[end + QuicCipher.TAG];
    work[0] = out[0];
    System.arraycopy(address, 0, work, 1, address.length);
    put64(work, body, now);
    System.arraycopy(odcid, 0, work, body + TIME, odcid.length);
    Aead aead = aeads.create(QuicCipher.AES_128_GCM, current, random);
    aead.sealRun(work, new int[1], new int[] {body}, new int[] {end}, 0, 1, 0);
    aead.destroy();
    System.arraycopy(work, body, out, HEAD, work.length - body);
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
    if (len < least || len > least + Limits.CONN_ID_BYTES) {
      return null;
    }
    rotate(now);
    int first = buf[off] & 0xff;
    boolean ofCurrent = first == firstByte(kind, currentPeriod);
    if (!ofCurrent && first != firstByte(kind, currentPeriod - 1)) {
      return null;
    }
    int body = 1 + address.length;
    byte[] work = new byte[body + len - HEAD];
    work[0] = (byte) first;
    System.arraycopy(address, 0, work, 1, address.length);
    System.arraycopy(buf, off + HEAD, work, body, len - HEAD);
    byte[] nonce = Arrays.copyOfRange(buf, off + 1, off + HEAD);
    Aead aead = aeads.create(QuicCipher.AES_128_GCM, ofCurrent ? current : previous, nonce);
    int n = aead.open(work, 0, body, work.length, 0);
    aead.destroy();
    if (n < 0) {
      return null;
    }
    long made = 0;
    for (int i = 0; i < TIME; i++) {
      made = made << 8 | work[body + i] & 0xff;
    }
    long age = now - made;
    long lifetime = kind == RETRY ? RETRY_LIFETIME : REGULAR_LIFETIME;
    return age < 0 || age > lifetime ? null : Arrays.copyOfRange(work, body + TIME, body + n);
  }

  private void wipe() {
    Arrays.fill(current, (byte) 0);
    Arrays.fill(previous, (byte) 0);
  }

  @Override
  public void destroy() {
    destroyed = true;
    wipe();
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }
}
