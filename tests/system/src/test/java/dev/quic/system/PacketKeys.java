package dev.quic.system;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a data plane derives of a traffic secret (RFC 9001 section 5.1). */
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
    String algorithm = secret.length == 48 ? "HmacSHA384" : "HmacSHA256";
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(secret, algorithm));
      return Arrays.copyOf(mac.doFinal(info.array()), length);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC does not work", e);
    }
  }
}
