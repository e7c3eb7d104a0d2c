package dev.quic.handshaked.tls.session;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * Ticket keys that change with time: one for each period, derived from a master secret, so that
 * daemons that share the secret need not talk to each other. A ticket is sealed with the current
 * period's key; the previous one is still read, and the next one too, since another daemon's clock
 * may be ahead. Any thread.
 *
 * <p>Ticket: {@code u8 version; u64 period; u8 nonce[12]; AES-256-GCM(state)}, the part before the
 * nonce being authenticated too.
 */
public final class RotatingTicketKeys implements TicketProtector, Destroyable {
  /** Bytes of a shared master secret, at least. */
  public static final int MIN_MASTER = 32;

  private static final byte VERSION = 1;
  private static final int AAD = 1 + Long.BYTES;
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;
  private static final String TRANSFORMATION = "AES/GCM/NoPadding";

  /** Looked up once: it costs as much as the encryption. */
  private static final Provider PROVIDER = provider();

  /** Ciphers kept: to make one costs as much as to encrypt. */
  private static final int MAX_SPARE = 16;

  private static final String LABEL = "quic session ticket";

  private final byte[] master;
  private final Clock clock;
  private final long periodMillis;
  private final SecureRandom random = new SecureRandom();

  /** The keys of the two periods used last: tickets of others are not taken. */
  private final byte[][] keys = new byte[2][];

  private final long[] periods = new long[2];

  /** Ciphers that nobody uses, of keys that are. */
  private final ArrayDeque<Cipher> spare = new ArrayDeque<>(MAX_SPARE);

  private int older;
  private boolean destroyed;

  private RotatingTicketKeys(byte[] master, Clock clock, Duration period) {
    if (period.toMillis() < 1) {
      throw new IllegalArgumentException("ticket keys need a period of at least 1 ms");
    }
    this.master = master;
    this.clock = clock;
    this.periodMillis = period.toMillis();
  }

  /** Keys nobody else has: tickets die with the process. */
  public static RotatingTicketKeys random(Clock clock, Duration period) {
    byte[] master = new byte[MIN_MASTER];
    new SecureRandom().nextBytes(master);
    return new RotatingTicketKeys(master, clock, period);
  }

  /**
   * Keys of a secret that others may share.
   *
   * @param master at least {@link #MIN_MASTER} bytes, copied
   */
  public static RotatingTicketKeys ofMaster(byte[] master, Clock clock, Duration period) {
    if (master.length < MIN_MASTER) {
      throw new IllegalArgumentException("a master secret has at least " + MIN_MASTER + " bytes");
    }
    return new RotatingTicketKeys(master.clone(), clock, period);
  }

  private static Provider provider() {
    try {
      return Cipher.getInstance(TRANSFORMATION).getProvider();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM does not work", e);
    }
  }

  private long period() {
    return Math.floorDiv(clock.millis(), periodMillis);
  }

  @Override
  public byte[] seal(byte[] state) {
    long period = period();
    byte[] nonce = new byte[NONCE];
    random.nextBytes(nonce);
    byte[] head = ByteBuffer.allocate(AAD).put(VERSION).putLong(period).array();
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, period, nonce, head);
      byte[] sealed = cipher.doFinal(state);
      keep(cipher, period);
      return ByteBuffer.allocate(AAD + NONCE + sealed.length)
          .put(head)
          .put(nonce)
          .put(sealed)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM does not work", e);
    }
  }

  @Override
  public byte @Nullable [] open(byte[] ticket) {
    if (ticket.length < AAD + NONCE + TAG_BITS / 8 || ticket[0] != VERSION) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(ticket);
    long period = in.getLong(1);
    if (Math.abs(period - period()) > 1) {
      return null;
    }
    byte[] head = Arrays.copyOf(ticket, AAD);
    byte[] nonce = Arrays.copyOfRange(ticket, AAD, AAD + NONCE);
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, period, nonce, head);
      byte[] state = cipher.doFinal(ticket, AAD + NONCE, ticket.length - AAD - NONCE);
      keep(cipher, period);
      return state;
    } catch (GeneralSecurityException e) {
      // Not ours, or altered: a full handshake follows (RFC 8446 section 4.2.11).
      return null;
    }
  }

  private synchronized Cipher cipher(int mode, long period, byte[] nonce, byte[] aad)
      throws GeneralSecurityException {
    if (destroyed) {
      throw new GeneralSecurityException("the keys were wiped");
    }
    byte[] key = key(period);
    Cipher kept = spare.poll();
    Cipher cipher = kept == null ? Cipher.getInstance(TRANSFORMATION, PROVIDER) : kept;
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(aad);
    return cipher;
  }

  /** Takes one of {@link #cipher} back, which has done its work: it still has that period's key. */
  private synchronized void keep(Cipher cipher, long period) {
    boolean live = periods[0] == period || periods[1] == period;
    if (!destroyed && live && spare.size() < MAX_SPARE) {
      spare.push(cipher);
    }
  }

  private byte[] key(long period) throws GeneralSecurityException {
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != null && periods[i] == period) {
        older = 1 - i;
        return keys[i];
      }
    }
    // HKDF-Expand (RFC 5869) of one block; the master secret is uniform already.
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(master, "HmacSHA256"));
    mac.update(LABEL.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    mac.update(ByteBuffer.allocate(Long.BYTES).putLong(0, period).array());
    mac.update((byte) 1);
    byte[] made = mac.doFinal();
    int at = older;
    if (keys[at] != null) {
      Arrays.fill(keys[at], (byte) 0);
    }
    // They may have the key that goes.
    spare.clear();
    keys[at] = made;
    periods[at] = period;
    older = 1 - at;
    return made;
  }

  @Override
  public synchronized void destroy() {
    Arrays.fill(master, (byte) 0);
    for (byte[] key : keys) {
      if (key != null) {
        Arrays.fill(key, (byte) 0);
      }
    }
    spare.clear();
    destroyed = true;
  }

  @Override
  public synchronized boolean isDestroyed() {
    return destroyed;
  }
}
