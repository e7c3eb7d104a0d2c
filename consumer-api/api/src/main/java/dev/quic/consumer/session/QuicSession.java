package dev.quic.consumer.session;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/**
 * What a client keeps of a connection to resume it: the TLS session, the server's transport
 * parameters that early data has to respect (RFC 9000 section 7.4.1), and the server's address
 * validation token (RFC 9000 section 8.1.3). Opaque to the program, which stores {@link #encode} as
 * it would store a password: it holds a secret. Immutable until {@link #destroy}; any thread.
 *
 * <p>A session is for one connection: a ticket used twice lets an observer link the two (RFC 8446
 * appendix C.4). {@link SessionStore#take} gives out each of its sessions once.
 *
 * <p>Encoded, in network byte order: {@code u32 magic; u8 version; u8 flags; u64 expires (ms since
 * 1970); u16 tls_length; u16 parameters_length; u16 token_length} and the three of them.
 */
public final class QuicSession implements Destroyable {
  /** Longest TLS session in bytes: what the SESSION_TICKET option takes. */
  public static final int MAX_TLS = 4096;

  /** Longest token in bytes: what the TOKEN option takes. */
  public static final int MAX_TOKEN = 120;

  private static final int HEADER = 4 + 1 + 1 + 8 + 3 * 2;

  /** Longest encoded session in bytes. */
  public static final int MAX_BYTES = HEADER + MAX_TLS + RememberedLimits.BYTES + MAX_TOKEN;

  private static final int MAGIC = 0x51534553;
  private static final int VERSION = 1;
  private static final int EARLY_DATA = 1;

  private final byte[] tls;
  private final byte[] parameters;
  private final byte[] token;
  private final long expiresMillis;
  private final boolean earlyData;
  private volatile boolean destroyed;

  private QuicSession(
      byte[] tls, byte[] parameters, byte[] token, long expiresMillis, boolean earlyData) {
    this.tls = tls;
    this.parameters = parameters;
    this.token = token;
    this.expiresMillis = expiresMillis;
    this.earlyData = earlyData;
  }

  /**
   * Puts a session together; programs get theirs from a finished handshake.
   *
   * @param tls the TLS session, 1 to {@link #MAX_TLS} bytes, copied
   * @param parameters the server's {@code struct quic_transport_param}, as the TRANSPORT_PARAM
   *     option gives it; only what may be remembered is
   * @param token of a NEW_TOKEN frame; empty for none, and taken for none when longer than {@link
   *     #MAX_TOKEN}
   * @param expiresMillis milliseconds since 1970 after which it is of no use
   * @param earlyData whether the server takes early data with it
   */
  public static QuicSession of(
      byte[] tls, byte[] parameters, byte[] token, long expiresMillis, boolean earlyData) {
    if (tls.length < 1 || tls.length > MAX_TLS) {
      throw new IllegalArgumentException("a TLS session has 1 to " + MAX_TLS + " bytes");
    }
    byte[] kept = token.length > MAX_TOKEN ? new byte[0] : token.clone();
    return new QuicSession(
        tls.clone(), RememberedLimits.of(parameters), kept, expiresMillis, earlyData);
  }

  /**
   * @return null for anything that {@link #encode} did not make, whatever it is
   */
  public static @Nullable QuicSession parse(byte[] bytes) {
    if (bytes.length < HEADER || bytes.length > MAX_BYTES) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt() != MAGIC || in.get() != VERSION) {
      return null;
    }
    int flags = in.get();
    long expires = in.getLong();
    byte[][] parts = new byte[3][];
    int[] lengths = {in.getShort() & 0xffff, in.getShort() & 0xffff, in.getShort() & 0xffff};
    boolean whole =
        (flags & ~EARLY_DATA) == 0
            && lengths[0] >= 1
            && lengths[0] <= MAX_TLS
            && lengths[1] == RememberedLimits.BYTES
            && lengths[2] <= MAX_TOKEN
            && lengths[0] + lengths[1] + lengths[2] == in.remaining();
    if (!whole) {
      return null;
    }
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new byte[lengths[i]];
      in.get(parts[i]);
    }
    byte[] limits = RememberedLimits.of(parts[1]);
    return new QuicSession(parts[0], limits, parts[2], expires, (flags & EARLY_DATA) != 0);
  }

  /**
   * At most {@link #MAX_BYTES}; the caller wipes them.
   *
   * @throws IllegalStateException after {@link #destroy}
   */
  public byte[] encode() {
    return ByteBuffer.allocate(HEADER + tls.length + parameters.length + token.length)
        .putInt(MAGIC)
        .put((byte) VERSION)
        .put((byte) (earlyData ? EARLY_DATA : 0))
        .putLong(expiresMillis)
        .putShort((short) tls.length)
        .putShort((short) parameters.length)
        .putShort((short) token.length)
        .put(alive(tls))
        .put(parameters)
        .put(token)
        .array();
  }

  /**
   * The TLS session, as the SESSION_TICKET option takes it; a copy, which the caller wipes.
   *
   * @throws IllegalStateException after {@link #destroy}
   */
  public byte[] tls() {
    return alive(tls).clone();
  }

  /**
   * The server's limits as TRANSPORT_PARAM takes them with {@code remote} set: 56 bytes, zero in
   * each field that must not be remembered.
   */
  public byte[] transportParameters() {
    return parameters.clone();
  }

  /** As the TOKEN option takes it; empty for none. */
  public byte[] token() {
    return token.clone();
  }

  /** When it is of no use any more; the server may forget it earlier. */
  public Instant expires() {
    return Instant.ofEpochMilli(expiresMillis);
  }

  /** Whether it may still be tried. */
  public boolean isLive(Instant now) {
    return !destroyed && now.toEpochMilli() < expiresMillis;
  }

  /** Whether the server takes early data with it. */
  public boolean earlyData() {
    return earlyData;
  }

  private byte[] alive(byte[] secret) {
    if (destroyed) {
      throw new IllegalStateException("the session was wiped");
    }
    return secret;
  }

  /** Wipes the secret. */
  @Override
  public void destroy() {
    destroyed = true;
    Arrays.fill(tls, (byte) 0);
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }

  @Override
  public String toString() {
    return "QuicSession[until " + expires() + (earlyData ? ", early data]" : "]");
  }
}
