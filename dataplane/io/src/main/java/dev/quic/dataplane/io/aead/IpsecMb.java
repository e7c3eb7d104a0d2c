package dev.quic.dataplane.io.aead;

import dev.quic.dataplane.core.crypto.Aead;
import dev.quic.dataplane.core.crypto.AeadProvider;
import dev.quic.dataplane.core.crypto.HeaderMask;
import dev.quic.dataplane.core.crypto.QuicCipher;
import java.util.Locale;

/**
 * AES-GCM of Intel's ipsec-mb (Debian's {@code libipsec-mb1}): the direct functions, a packet a
 * call; and AES-128 of header protection. Other suites come from the JDK. Confined to one thread,
 * as are its keys.
 */
final class IpsecMb implements AeadProvider {
  private final Scratch scratch = new Scratch();
  private final KeyPool keys = new KeyPool(IpsecAead.KEY);
  private final KeyPool schedules = new KeyPool(IpsecMask.SCHEDULE);

  private IpsecMb() {}

  /**
   * Loads and tests the library.
   *
   * @throws UnsupportedOperationException when that fails; one line that says why
   */
  static AeadProvider open() {
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    if (!arch.equals("amd64")) {
      throw new UnsupportedOperationException("ipsec-mb is for 64-bit x86, this is " + arch);
    }
    AeadProvider found = new IpsecMb();
    try {
      AeadSelfTest.run(found);
    } catch (ExceptionInInitializerError e) {
      if (e.getCause() instanceof UnsupportedOperationException reason) {
        throw reason;
      }
      throw new UnsupportedOperationException("ipsec-mb cannot be used: " + e.getCause(), e);
    } catch (NoClassDefFoundError e) {
      throw new UnsupportedOperationException("ipsec-mb could not be loaded before", e);
    }
    return found;
  }

  @Override
  public String name() {
    return "ipsec-mb";
  }

  @Override
  public Aead create(QuicCipher cipher, byte[] key, byte[] iv) {
    return switch (cipher) {
      case AES_128_GCM, AES_256_GCM -> new IpsecAead(scratch, keys, cipher, key, iv);
      case AES_128_CCM, CHACHA20_POLY1305 -> AeadProvider.JDK.create(cipher, key, iv);
    };
  }

  @Override
  public HeaderMask mask(QuicCipher cipher, byte[] key) {
    return switch (cipher) {
      case AES_128_GCM, AES_128_CCM -> new IpsecMask(scratch, schedules, key);
      case AES_256_GCM, CHACHA20_POLY1305 -> AeadProvider.JDK.mask(cipher, key);
    };
  }
}
