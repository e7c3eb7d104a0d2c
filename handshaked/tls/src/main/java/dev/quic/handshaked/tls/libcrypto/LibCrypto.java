package dev.quic.handshaked.tls.libcrypto;

import java.lang.foreign.MemorySegment;

/** The system's libcrypto, loaded and tested. Any thread. */
public final class LibCrypto {
  private static final long VERSION_ROOM = 128;

  private final String version;

  private LibCrypto(String version) {
    this.version = version;
  }

  /**
   * Loads and tests the library.
   *
   * @throws UnsupportedOperationException when that fails; one line that says why
   */
  public static LibCrypto open() {
    try {
      LibCrypto found = new LibCrypto(askVersion());
      SelfTest.run(found);
      return found;
    } catch (ExceptionInInitializerError e) {
      if (e.getCause() instanceof UnsupportedOperationException reason) {
        throw reason;
      }
      throw new UnsupportedOperationException("libcrypto cannot be used: " + e.getCause(), e);
    } catch (NoClassDefFoundError e) {
      throw new UnsupportedOperationException("libcrypto could not be loaded before", e);
    } catch (IllegalStateException e) {
      throw new UnsupportedOperationException(e.getMessage() + "; use --crypto bc", e);
    }
  }

  private static String askVersion() {
    try {
      MemorySegment text = (MemorySegment) Functions.VERSION.invokeExact(0);
      return text.reinterpret(VERSION_ROOM).getString(0);
    } catch (Throwable e) {
      throw Functions.failed(e);
    }
  }

  /** "OpenSSL 3.0.19 27 Jan 2026". */
  public String version() {
    return version;
  }

  /** A new ephemeral key pair, the caller's to destroy. */
  public NativeAgreement generate(NativeGroup group) {
    return group == NativeGroup.X25519 ? X25519Agreement.generate() : EcKey.generate(group);
  }

  /**
   * Whether a signature is right (ECDSA, DER).
   *
   * @param group P256 or P384
   * @param point the public key as in its certificate
   * @param hash of the signed bytes
   * @throws IllegalArgumentException when the point is none of the curve
   */
  public boolean verify(NativeGroup group, byte[] point, byte[] hash, byte[] signature) {
    EcKey key = EcKey.ofPublic(group, point);
    if (key == null) {
      throw new IllegalArgumentException("not a point of " + group);
    }
    try {
      return key.verify(hash, signature);
    } finally {
      key.destroy();
    }
  }

  /**
   * Signs a hash (ECDSA, DER). The key is in libcrypto for the call only.
   *
   * @param group P256 or P384
   * @param scalar the private key, big endian, of the field's length; not kept
   */
  public byte[] sign(NativeGroup group, byte[] scalar, byte[] hash) {
    EcKey key = EcKey.ofPrivate(group, scalar);
    try {
      return key.sign(hash);
    } finally {
      key.destroy();
    }
  }

  @Override
  public String toString() {
    return version;
  }
}
