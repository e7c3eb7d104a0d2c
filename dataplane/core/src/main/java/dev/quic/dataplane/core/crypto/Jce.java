package dev.quic.dataplane.core.crypto;

import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.ArrayDeque;
import javax.crypto.Cipher;
import javax.crypto.NoSuchPaddingException;
import org.jspecify.annotations.Nullable;

/**
 * Ciphers of the provider that was found first: a connection sets up a dozen, and the search
 * through all providers costs as much as the cipher itself.
 */
final class Jce {
  private static final @Nullable Provider CIPHERS = cipherProvider();

  /** Ciphers that nobody uses and that are kept. */
  static final int MAX_SPARE = 64;

  private static final ArrayDeque<Cipher> SPARE = new ArrayDeque<>(MAX_SPARE);
  private static final WipeableKey ZEROS = new WipeableKey("AES", new byte[16]);

  private Jce() {}

  private static @Nullable Provider cipherProvider() {
    try {
      return Cipher.getInstance("AES/GCM/NoPadding").getProvider();
    } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
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

  /**
   * AES of single blocks for encryption. Six of each connection end; taken from those that {@link
   * #give} kept.
   */
  static Cipher ecb(WipeableKey key) throws GeneralSecurityException {
    Cipher kept;
    synchronized (SPARE) {
      kept = SPARE.poll();
    }
    // One block at a time by design: each sample is a block of its own.
    Cipher cipher = kept == null ? cipher("AES/ECB/NoPadding") : kept;
    cipher.init(Cipher.ENCRYPT_MODE, key);
    return cipher;
  }

  /** Takes one of {@link #ecb} back; it forgets its key. */
  static void give(Cipher ecb) {
    try {
      ecb.init(Cipher.ENCRYPT_MODE, ZEROS);
    } catch (GeneralSecurityException e) {
      // Then it is not used again.
      return;
    }
    synchronized (SPARE) {
      if (SPARE.size() < MAX_SPARE) {
        SPARE.add(ecb);
      }
    }
  }
}
