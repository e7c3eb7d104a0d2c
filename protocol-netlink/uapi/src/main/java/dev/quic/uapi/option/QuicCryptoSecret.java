package dev.quic.uapi.option;

import java.util.Arrays;
import javax.security.auth.Destroyable;

/**
 * {@code struct quic_crypto_secret}, 56 bytes: CRYPTO_SECRET (13). Holds a traffic secret; wipe it
 * after use.
 */
public final class QuicCryptoSecret implements Destroyable {
  public static final int SIZE = 56;
  public static final int SECRET_BYTES = 48;

  private final boolean send;
  private final int level;
  private final int type;
  private final byte[] secret;
  private boolean destroyed;

  /**
   * @param level {@code QUIC_CRYPTO_*}
   * @param type {@code TLS_CIPHER_*}
   * @param secret 32 or 48 bytes; copied
   */
  public QuicCryptoSecret(boolean send, int level, int type, byte[] secret) {
    this.send = send;
    this.level = level;
    this.type = type;
    this.secret = Arrays.copyOf(secret, SECRET_BYTES);
  }

  public boolean send() {
    return send;
  }

  public int level() {
    return level;
  }

  public int type() {
    return type;
  }

  /** The 48 bytes of the field, of which the cipher uses the first 32 or 48. Not a copy. */
  public byte[] secret() {
    return secret;
  }

  /** The caller wipes what it gets. */
  public byte[] encode() {
    return Struct.of(SIZE)
        .put(0, 1, send ? 1 : 0)
        .put(1, 1, level)
        .put(4, 4, type)
        .put(8, secret, SECRET_BYTES)
        .bytes();
  }

  public static QuicCryptoSecret decode(byte[] value) {
    Struct s = Struct.of(value, SIZE);
    byte[] secret = s.bytes(8, SECRET_BYTES);
    QuicCryptoSecret c = new QuicCryptoSecret(s.flag(0), s.u8(1), (int) s.get(4, 4), secret);
    Arrays.fill(secret, (byte) 0);
    Arrays.fill(s.bytes(), (byte) 0);
    return c;
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

  /** Says what kind of secret it is, never the secret. */
  @Override
  public String toString() {
    return "QuicCryptoSecret[send=" + send + ", level=" + level + ", type=" + type + "]";
  }
}
