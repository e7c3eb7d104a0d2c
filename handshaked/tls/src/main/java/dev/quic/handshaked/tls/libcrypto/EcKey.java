package dev.quic.handshaked.tls.libcrypto;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import javax.security.auth.Destroyable;
import org.jspecify.annotations.Nullable;

/** An EC_KEY: EC_KEY_free clears its private half. One thread at a time. */
final class EcKey implements NativeAgreement, Destroyable {
  private static final byte UNCOMPRESSED_FORM = 4;

  /** POINT_CONVERSION_UNCOMPRESSED. */
  private static final int UNCOMPRESSED = 4;

  /** SEQUENCE of two INTEGERs, each with a leading zero. */
  private static final int SIGNATURE_OVERHEAD = 16;

  private final NativeGroup group;
  private MemorySegment key = MemorySegment.NULL;

  private EcKey(NativeGroup group) {
    if (group == NativeGroup.X25519) {
      throw new IllegalArgumentException("X25519 is no curve of EC_KEY");
    }
    this.group = group;
    try {
      key = (MemorySegment) Functions.EC_NEW.invokeExact();
      if (key.address() == 0
          || (int) Functions.EC_SET_GROUP.invokeExact(key, Curves.of(group)) != 1) {
        destroy();
        throw new IllegalStateException("libcrypto makes no key of " + group);
      }
    } catch (Throwable e) {
      throw Functions.failed(e);
    }
  }

  /**
   * Made once and copied into every key: to make one takes ten times as long, a third of what
   * signing does. Never freed. Any thread.
   */
  private static final class Curves {
    static final MemorySegment P256 = make(NativeGroup.P256);
    static final MemorySegment P384 = make(NativeGroup.P384);

    private Curves() {}

    static MemorySegment of(NativeGroup group) {
      return group == NativeGroup.P256 ? P256 : P384;
    }

    private static MemorySegment make(NativeGroup group) {
      try {
        MemorySegment curve = (MemorySegment) Functions.EC_GROUP_NEW.invokeExact(group.nid());
        if (curve.address() != 0) {
          return curve;
        }
      } catch (Throwable e) {
        throw Functions.failed(e);
      }
      Functions.clearErrors();
      throw new UnsupportedOperationException("libcrypto does not know " + group);
    }
  }

  /** A new key pair, of libcrypto's own random numbers. */
  static EcKey generate(NativeGroup group) {
    EcKey made = new EcKey(group);
    try {
      if ((int) Functions.EC_GENERATE.invokeExact(made.key) != 1) {
        throw new IllegalStateException("libcrypto makes no key of " + group);
      }
      return made;
    } catch (Throwable e) {
      made.destroy();
      throw Functions.failed(e);
    }
  }

  /**
   * A private key without its public half: it signs and agrees.
   *
   * @param scalar big endian, of the field's length
   */
  static EcKey ofPrivate(NativeGroup group, byte[] scalar) {
    EcKey made = new EcKey(group);
    try (Memory memory = new Memory(scalar.length)) {
      MemorySegment raw = memory.copy(scalar);
      if ((int) Functions.EC_SET_PRIVATE.invokeExact(made.key, raw, (long) scalar.length) != 1) {
        throw new IllegalStateException("libcrypto takes no such key of " + group);
      }
      return made;
    } catch (Throwable e) {
      made.destroy();
      Functions.clearErrors();
      throw Functions.failed(e);
    }
  }

  /**
   * A public key.
   *
   * @param point as in SEC 1 section 2.3.3
   * @return null when it is not on the curve, or infinite
   */
  static @Nullable EcKey ofPublic(NativeGroup group, byte[] point) {
    EcKey made = new EcKey(group);
    // One byte would be the point at infinity.
    try (Memory memory = new Memory(point.length)) {
      MemorySegment raw = memory.copy(point);
      if (point.length > 1
          && (int)
                  Functions.EC_SET_PUBLIC.invokeExact(
                      made.key, raw, (long) point.length, MemorySegment.NULL)
              == 1) {
        return made;
      }
    } catch (Throwable e) {
      made.destroy();
      throw Functions.failed(e);
    }
    made.destroy();
    Functions.clearErrors();
    return null;
  }

  @Override
  public byte[] share() {
    checkAlive();
    int length = group.shareLength();
    try (Memory memory = new Memory(length)) {
      MemorySegment out = memory.piece(length);
      MemorySegment curve = (MemorySegment) Functions.EC_GROUP.invokeExact(key);
      MemorySegment point = (MemorySegment) Functions.EC_PUBLIC.invokeExact(key);
      long n =
          (long)
              Functions.EC_POINT_BYTES.invokeExact(
                  curve, point, UNCOMPRESSED, out, (long) length, MemorySegment.NULL);
      if (n != length) {
        throw new IllegalStateException("libcrypto gives no public key");
      }
      return out.toArray(JAVA_BYTE);
    } catch (Throwable e) {
      throw Functions.failed(e);
    }
  }

  @Override
  public byte @Nullable [] agree(byte[] peer) {
    checkAlive();
    // RFC 8446 section 4.2.8.2: uncompressed, and on the curve.
    if (peer.length != group.shareLength() || peer[0] != UNCOMPRESSED_FORM) {
      return null;
    }
    EcKey other = ofPublic(group, peer);
    if (other == null) {
      return null;
    }
    int length = group.fieldLength();
    try (Memory memory = new Memory(length)) {
      MemorySegment out = memory.piece(length);
      MemorySegment point = (MemorySegment) Functions.EC_PUBLIC.invokeExact(other.key);
      int n = (int) Functions.ECDH.invokeExact(out, (long) length, point, key, MemorySegment.NULL);
      if (n != length) {
        Functions.clearErrors();
        return null;
      }
      return out.toArray(JAVA_BYTE);
    } catch (Throwable e) {
      throw Functions.failed(e);
    } finally {
      other.destroy();
    }
  }

  /** Whether a DER signature of a hash is this key's (RFC 8446 section 4.2.3). */
  boolean verify(byte[] hash, byte[] signature) {
    checkAlive();
    try (Memory memory = new Memory(hash.length + 8L + signature.length)) {
      MemorySegment digest = memory.copy(hash);
      MemorySegment der = memory.copy(signature);
      int result =
          (int)
              Functions.ECDSA_VERIFY.invokeExact(
                  0, digest, hash.length, der, signature.length, key);
      if (result < 0) {
        Functions.clearErrors();
      }
      return result == 1;
    } catch (Throwable e) {
      throw Functions.failed(e);
    }
  }

  /** The DER signature of a hash. */
  byte[] sign(byte[] hash) {
    checkAlive();
    int room = 2 * group.fieldLength() + SIGNATURE_OVERHEAD;
    try (Memory memory = new Memory(hash.length + 8L + room + 8L)) {
      MemorySegment digest = memory.copy(hash);
      MemorySegment length = memory.piece(Long.BYTES);
      MemorySegment out = memory.piece(room);
      int done = (int) Functions.ECDSA_SIGN.invokeExact(0, digest, hash.length, out, length, key);
      int n = length.get(JAVA_INT, 0);
      if (done != 1 || n < 1 || n > room) {
        Functions.clearErrors();
        throw new IllegalStateException("libcrypto does not sign with " + group);
      }
      return out.asSlice(0, n).toArray(JAVA_BYTE);
    } catch (Throwable e) {
      throw Functions.failed(e);
    }
  }

  private void checkAlive() {
    if (isDestroyed()) {
      throw new IllegalStateException("the key was wiped");
    }
  }

  @Override
  public void destroy() {
    MemorySegment last = key;
    key = MemorySegment.NULL;
    try {
      if (last.address() != 0) {
        Functions.EC_FREE.invokeExact(last);
      }
    } catch (Throwable e) {
      throw Functions.failed(e);
    }
  }

  @Override
  public boolean isDestroyed() {
    return key.address() == 0;
  }
}
