package dev.quic.handshaked.tls.session;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
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
  private static final String LABEL = "quic session ticket";

  private final byte[] master;
  private final Clock clock;
  private final long periodMillis;
  private final SecureRandom random = new SecureRandom();
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
      return cipher(Cipher.DECRYPT_MODE, period, nonce, head)
          .doFinal(ticket, AAD + NONCE, ticket.length - AAD - NONCE);
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
    // HKDF-Expand (RFC 5869) of one block; the master secret is uniform already.
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(master, "HmacSHA256"));
    mac.update(LABEL.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    mac.update(ByteBuffer.allocate(Long.BYTES).putLong(0, period).array());
    mac.update((byte) 1);
    byte[] key = mac.doFinal();
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(aad);
      return cipher;
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  @Override
  public synchronized void destroy() {
    Arrays.fill(master, (byte) 0);
    destroyed = true;
  }

  @Override
  public synchronized boolean isDestroyed() {
    return destroyed;
  }
}
