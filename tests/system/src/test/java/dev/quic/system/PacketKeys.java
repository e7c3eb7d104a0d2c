package dev.quic.system;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What is derived of secrets: by a data plane (RFC 9001 section 5.1), and of pre-shared keys. */
final class PacketKeys {
  private PacketKeys() {}

  /**
   * HKDF-Expand-Label without context (RFC 8446 section 7.1), one block.
   *
   * @param secret 32 bytes for SHA-256, 48 for SHA-384
   */
  static byte[] expand(byte[] secret, String label, int length) {
    byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer info = ByteBuffer.allocate(5 + name.length);
    info.putShort((short) length).put((byte) name.length).put(name).put((byte) 0).put((byte) 1);
    return Arrays.copyOf(hmac(secret, info.array()), length);
  }

  /**
   * HKDF-Extract (RFC 5869 section 2.2).
   *
   * @param salt as long as the hash
   */
  static byte[] extract(byte[] salt, byte[] material) {
    return hmac(salt, material);
  }

  private static byte[] hmac(byte[] key, byte[] message) {
    String algorithm = key.length == 48 ? "HmacSHA384" : "HmacSHA256";
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC does not work", e);
    }
  }
}
