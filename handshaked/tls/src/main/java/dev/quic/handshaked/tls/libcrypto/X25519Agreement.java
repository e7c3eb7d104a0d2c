package dev.quic.handshaked.tls.libcrypto;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** X25519 (RFC 7748) of libcrypto: EVP_PKEY_free cleanses the private key. */
final class X25519Agreement implements NativeAgreement {
  private static final int LENGTH = 32;
  private static final int X25519 = NativeGroup.X25519.nid();

  private final byte[] share;
  private MemorySegment key;

  private X25519Agreement(MemorySegment key) {
    this.key = key;
    try (Memory memory = new Memory(LENGTH + Long.BYTES)) {
      MemorySegment out = memory.piece(LENGTH);
      MemorySegment length = memory.piece(Long.BYTES);
      length.set(JAVA_LONG, 0, LENGTH);
      if ((int) Functions.RAW_PUBLIC_KEY.invokeExact(key, out, length) != 1) {
        throw new IllegalStateException("libcrypto gives no public key");
      }
      share = out.toArray(JAVA_BYTE);
    } catch (Throwable e) {
      free(key);
      throw Functions.failed(e);
    }
  }

  /** A new key pair, of libcrypto's own random numbers. */
  static X25519Agreement generate() {
    MemorySegment context = MemorySegment.NULL;
    try (Memory memory = new Memory(ADDRESS.byteSize())) {
      MemorySegment out = memory.piece(ADDRESS.byteSize());
      context = (MemorySegment) Functions.CONTEXT_OF_ID.invokeExact(X25519, MemorySegment.NULL);
      if (context.address() == 0
          || (int) Functions.KEYGEN_INIT.invokeExact(context) != 1
          || (int) Functions.KEYGEN.invokeExact(context, out) != 1) {
        throw new IllegalStateException("libcrypto makes no X25519 key");
      }
      return new X25519Agreement(out.get(ADDRESS, 0));
    } catch (Throwable e) {
      throw Functions.failed(e);
    } finally {
      freeContext(context);
    }
  }

  /** A known private key, for tests. */
  static X25519Agreement of(byte[] scalar) {
    try (Memory memory = new Memory(LENGTH)) {
      MemorySegment raw = memory.copy(scalar);
      MemorySegment key =
          (MemorySegment)
              Functions.PRIVATE_KEY.invokeExact(X25519, MemorySegment.NULL, raw, (long) LENGTH);
      if (key.address() == 0) {
        throw new IllegalStateException("libcrypto takes no X25519 key");
      }
      return new X25519Agreement(key);
    } catch (Throwable e) {
      throw Functions.failed(e);
    }
  }

  @Override
  public byte[] share() {
    return share.clone();
  }

  @Override
  public byte @Nullable [] agree(byte[] peer) {
    if (isDestroyed()) {
      throw new IllegalStateException("the key was wiped");
    }
    if (peer.length != LENGTH) {
      return null;
    }
    MemorySegment other = MemorySegment.NULL;
    MemorySegment context = MemorySegment.NULL;
    try (Memory memory = new Memory(2 * LENGTH + Long.BYTES)) {
      MemorySegment raw = memory.copy(peer);
      MemorySegment out = memory.piece(LENGTH);
      MemorySegment length = memory.piece(Long.BYTES);
      length.set(JAVA_LONG, 0, LENGTH);
      other =
          (MemorySegment)
              Functions.PUBLIC_KEY.invokeExact(X25519, MemorySegment.NULL, raw, (long) LENGTH);
      context = (MemorySegment) Functions.CONTEXT_OF_KEY.invokeExact(key, MemorySegment.NULL);
      if (other.address() == 0
          || context.address() == 0
          || (int) Functions.DERIVE_INIT.invokeExact(context) != 1
          || (int) Functions.DERIVE_PEER.invokeExact(context, other) != 1
          || (int) Functions.DERIVE.invokeExact(context, out, length) != 1
          || length.get(JAVA_LONG, 0) != LENGTH
          || isZero(out)) {
        Functions.clearErrors();
        return null;
      }
      return out.toArray(JAVA_BYTE);
    } catch (Throwable e) {
      throw Functions.failed(e);
    } finally {
      freeContext(context);
      free(other);
    }
  }

  /** RFC 7748 section 6.1: in constant time, though libcrypto has looked already. */
  private static boolean isZero(MemorySegment secret) {
    long all = 0;
    for (int i = 0; i < LENGTH; i++) {
      all |= secret.get(JAVA_BYTE, i);
    }
    return all == 0;
  }

  private static void freeContext(MemorySegment context) {
    try {
      if (context.address() != 0) {
        Functions.CONTEXT_FREE.invokeExact(context);
      }
    } catch (Throwable e) {
      throw Functions.failed(e);
    }
  }

  private static void free(MemorySegment key) {
    try {
      if (key.address() != 0) {
        Functions.KEY_FREE.invokeExact(key);
      }
    } catch (Throwable e) {
      throw Functions.failed(e);
    }
  }

  @Override
  public void destroy() {
    MemorySegment last = key;
    key = MemorySegment.NULL;
    free(last);
  }

  @Override
  public boolean isDestroyed() {
    return key.address() == 0;
  }
}
