package dev.quic.dataplane.core.crypto;

import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.NoSuchPaddingException;
import org.jspecify.annotations.Nullable;

/**
 * Ciphers and MACs of the provider that was found first: a connection sets up a dozen, and the
 * search through all providers costs as much as the cipher itself.
 */
final class Jce {
  private static final @Nullable Provider CIPHERS = cipherProvider();
  private static final @Nullable Provider MACS = macProvider();

  private Jce() {}

  private static @Nullable Provider cipherProvider() {
    try {
      return Cipher.getInstance("AES/GCM/NoPadding").getProvider();
    } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
      return null;
    }
  }

  private static @Nullable Provider macProvider() {
    try {
      return Mac.getInstance("HmacSHA256").getProvider();
    } catch (NoSuchAlgorithmException e) {
      return null;
    }
  }

  static Cipher cipher(String transformation)
      throws NoSuchAlgorithmException, NoSuchPaddingException {
    Provider first = CIPHERS;
    if (first != null) {
      try {
        return Cipher.getInstance(transformation, first);
      } catch (NoSuchAlgorithmException e) {
        // Another provider may have it.
        return Cipher.getInstance(transformation);
      }
    }
    return Cipher.getInstance(transformation);
  }

  static Mac mac(String algorithm) throws NoSuchAlgorithmException {
    Provider first = MACS;
    if (first != null) {
      try {
        return Mac.getInstance(algorithm, first);
      } catch (NoSuchAlgorithmException e) {
        // Another provider may have it.
        return Mac.getInstance(algorithm);
      }
    }
    return Mac.getInstance(algorithm);
  }
}
