package dev.quic.dataplane.io.aead;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of {@code libIPSec_MB} for AES-GCM and single blocks of AES, in the variant for
 * this processor. Constants, so that a call is compiled into its caller. Pointers are plain
 * addresses of native memory, which costs neither checks nor objects. No call blocks, and a packet
 * takes some 100 ns: the thread need not leave the Java state for it. Initializing this class fails
 * with {@link UnsupportedOperationException} where the library is not there.
 */
final class IpsecGcm {
  private static final String LIBRARY = "libIPSec_MB.so.1";
  private static final String VARIANT = CpuFlags.read().gcmVariant();
  private static final String BLOCK_VARIANT = CpuFlags.blockVariant(VARIANT);
  private static final SymbolLookup SYMBOLS = load();
  private static final Linker LINKER = Linker.nativeLinker();

  /** void (raw key, expanded key). */
  private static final FunctionDescriptor EXPAND = FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG);

  /** void (key, context, out, in, length, iv, aad, aad length, tag, tag length). */
  private static final FunctionDescriptor CRYPT =
      FunctionDescriptor.ofVoid(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_LONG, JAVA_LONG);

  /** void (out, in, what is encrypted, expanded key, length). */
  private static final FunctionDescriptor ONE =
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  static final MethodHandle EXPAND_128 = handle("pre_128", EXPAND);
  static final MethodHandle EXPAND_256 = handle("pre_256", EXPAND);
  static final MethodHandle SEAL_128 = handle("enc_128", CRYPT);
  static final MethodHandle SEAL_256 = handle("enc_256", CRYPT);
  static final MethodHandle OPEN_128 = handle("dec_128", CRYPT);
  static final MethodHandle OPEN_256 = handle("dec_256", CRYPT);

  /** The round keys of AES-128 alone. */
  static final MethodHandle SCHEDULE_128 = find("aes_keyexp_128_enc_" + BLOCK_VARIANT, EXPAND);

  /** One block of CFB: what AES makes of it, XORed with the input. */
  static final MethodHandle ONE_128 = find("aes_cfb_128_one_" + BLOCK_VARIANT, ONE);

  private IpsecGcm() {}

  private static SymbolLookup load() {
    try {
      return SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new UnsupportedOperationException(
          "cannot load " + LIBRARY + ": install Debian's libipsec-mb1, or use --aead jdk", e);
    }
  }

  private static MethodHandle handle(String function, FunctionDescriptor type) {
    return find("aes_gcm_" + function + "_" + VARIANT, type);
  }

  private static MethodHandle find(String name, FunctionDescriptor type) {
    MemorySegment address =
        SYMBOLS
            .find(name)
            .orElseThrow(
                () -> new UnsupportedOperationException(LIBRARY + " has no function " + name));
    return LINKER.downcallHandle(address, type, Linker.Option.critical(false));
  }
}
