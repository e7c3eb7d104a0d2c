package dev.quic.handshaked.tls.libcrypto;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of libcrypto we use. Of X25519 only the EVP layer is public; for the NIST curves
 * there are the EC_KEY functions, which do without its look-ups: deprecated, and in every
 * libcrypto.so.3 that was not built without them.
 */
final class Functions {
  /** The soname: its functions keep their meaning for as long as OpenSSL 3 lasts. */
  static final String LIBRARY = "libcrypto.so.3";

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup SYMBOLS = load();

  static final MethodHandle VERSION =
      find("OpenSSL_version", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  static final MethodHandle CLEAR_ERRORS = find("ERR_clear_error", FunctionDescriptor.ofVoid());

  static final MethodHandle PRIVATE_KEY =
      find(
          "EVP_PKEY_new_raw_private_key",
          FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  static final MethodHandle PUBLIC_KEY =
      find(
          "EVP_PKEY_new_raw_public_key",
          FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  static final MethodHandle RAW_PUBLIC_KEY =
      find(
          "EVP_PKEY_get_raw_public_key",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
  static final MethodHandle KEY_FREE = find("EVP_PKEY_free", FunctionDescriptor.ofVoid(ADDRESS));
  static final MethodHandle CONTEXT_OF_ID =
      find("EVP_PKEY_CTX_new_id", FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS));
  static final MethodHandle CONTEXT_OF_KEY =
      find("EVP_PKEY_CTX_new", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
  static final MethodHandle CONTEXT_FREE =
      find("EVP_PKEY_CTX_free", FunctionDescriptor.ofVoid(ADDRESS));
  static final MethodHandle KEYGEN_INIT =
      find("EVP_PKEY_keygen_init", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  static final MethodHandle KEYGEN =
      find("EVP_PKEY_keygen", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  static final MethodHandle DERIVE_INIT =
      find("EVP_PKEY_derive_init", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  static final MethodHandle DERIVE_PEER =
      find("EVP_PKEY_derive_set_peer", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  static final MethodHandle DERIVE =
      find("EVP_PKEY_derive", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));

  static final MethodHandle EC_GROUP_NEW =
      find("EC_GROUP_new_by_curve_name", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  static final MethodHandle EC_NEW = find("EC_KEY_new", FunctionDescriptor.of(ADDRESS));
  static final MethodHandle EC_SET_GROUP =
      find("EC_KEY_set_group", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  static final MethodHandle EC_FREE = find("EC_KEY_free", FunctionDescriptor.ofVoid(ADDRESS));
  static final MethodHandle EC_GENERATE =
      find("EC_KEY_generate_key", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  static final MethodHandle EC_SET_PUBLIC =
      find("EC_KEY_oct2key", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  static final MethodHandle EC_SET_PRIVATE =
      find("EC_KEY_oct2priv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  static final MethodHandle EC_PUBLIC =
      find("EC_KEY_get0_public_key", FunctionDescriptor.of(ADDRESS, ADDRESS));
  static final MethodHandle EC_GROUP =
      find("EC_KEY_get0_group", FunctionDescriptor.of(ADDRESS, ADDRESS));
  static final MethodHandle EC_POINT_BYTES =
      find(
          "EC_POINT_point2oct",
          FunctionDescriptor.of(
              JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
  static final MethodHandle ECDH =
      find(
          "ECDH_compute_key",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS));
  static final MethodHandle ECDSA_VERIFY =
      find(
          "ECDSA_verify",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
  static final MethodHandle ECDSA_SIGN =
      find(
          "ECDSA_sign",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS));

  private Functions() {}

  private static SymbolLookup load() {
    try {
      return SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new UnsupportedOperationException(
          "cannot load " + LIBRARY + ": install Debian's libssl3, or use --crypto bc", e);
    }
  }

  private static MethodHandle find(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(
        SYMBOLS
            .find(name)
            .orElseThrow(
                () -> new UnsupportedOperationException(LIBRARY + " has no function " + name)),
        type);
  }

  /** What a call that threw becomes: the handles themselves throw nothing that is checked. */
  static IllegalStateException failed(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof IllegalStateException known
        ? known
        : new IllegalStateException(LIBRARY + " cannot be called", e);
  }

  /** Empties the calling thread's error queue, which a refused key or signature has filled. */
  static void clearErrors() {
    try {
      CLEAR_ERRORS.invokeExact();
    } catch (Throwable e) {
      throw failed(e);
    }
  }
}
