package dev.quic.handshaked.daemon.keys.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quic.handshaked.tls.cert.CredentialException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The tokens a PKCS#11 library (PKCS #11 2.40) has in its slots. The JDK's provider takes a slot by
 * number only, and people know their token by its label.
 */
public final class TokenSlots {
  /**
   * A token.
   *
   * @param slot the library's number for its slot
   * @param label as given at its initialisation
   */
  public record Token(long slot, String label, String serial) {}

  /** Slots looked at. */
  private static final int MAX_SLOTS = 256;

  private static final long OK = 0;
  private static final long ALREADY_INITIALIZED = 0x191;
  private static final long OS_LOCKING_OK = 2;

  /** CK_FUNCTION_LIST: a version, then pointers in the order of the standard. */
  private static final int C_INITIALIZE = 0;

  private static final int C_GET_SLOT_LIST = 4;
  private static final int C_GET_TOKEN_INFO = 6;
  private static final int POINTERS = 8;
  private static final int TABLE_BYTES = POINTERS + 8 * 68;

  /** CK_C_INITIALIZE_ARGS: four functions, flags, a reserved pointer. */
  private static final int ARGS_BYTES = 48;

  private static final int ARGS_FLAGS = 32;

  /** CK_TOKEN_INFO: label 32, manufacturer 32, model 16, serial 16, then numbers. */
  private static final int INFO_BYTES = 256;

  private static final int LABEL = 0;
  private static final int LABEL_BYTES = 32;
  private static final int SERIAL = 80;
  private static final int SERIAL_BYTES = 16;

  private static final Linker LINKER = Linker.nativeLinker();

  private TokenSlots() {}

  /**
   * Loads a library for the life of the process and asks it.
   *
   * @throws CredentialException when it cannot be loaded, or is no PKCS#11 library
   */
  public static List<Token> of(Path library) throws CredentialException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = functions(library, arena);
      MemorySegment args = arena.allocate(ARGS_BYTES, 8);
      args.set(JAVA_LONG, ARGS_FLAGS, OS_LOCKING_OK);
      long rv = (long) function(table, C_INITIALIZE, ADDRESS).invokeExact(args);
      if (rv != OK && rv != ALREADY_INITIALIZED) {
        throw failed(library, "C_Initialize", rv);
      }
      return tokens(library, table, arena);
    } catch (CredentialException e) {
      throw e;
    } catch (Throwable e) {
      throw new CredentialException(
          "PKCS#11 library " + library + " cannot be used: " + e.getMessage());
    }
  }

  private static MemorySegment functions(Path library, Arena arena) throws Throwable {
    SymbolLookup symbols;
    try {
      symbols = SymbolLookup.libraryLookup(library, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new CredentialException("cannot load PKCS#11 library " + library);
    }
    MemorySegment entry =
        symbols
            .find("C_GetFunctionList")
            .orElseThrow(() -> new CredentialException(library + " is no PKCS#11 library"));
    MemorySegment out = arena.allocate(ADDRESS);
    MethodHandle getFunctionList =
        LINKER.downcallHandle(entry, FunctionDescriptor.of(JAVA_LONG, ADDRESS));
    long rv = (long) getFunctionList.invokeExact(out);
    if (rv != OK) {
      throw failed(library, "C_GetFunctionList", rv);
    }
    return out.get(ADDRESS, 0).reinterpret(TABLE_BYTES);
  }

  private static MethodHandle function(
      MemorySegment table, int index, java.lang.foreign.MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        table.get(ADDRESS, POINTERS + 8L * index), FunctionDescriptor.of(JAVA_LONG, arguments));
  }

  private static List<Token> tokens(Path library, MemorySegment table, Arena arena)
      throws Throwable {
    MethodHandle getSlotList = function(table, C_GET_SLOT_LIST, JAVA_BYTE, ADDRESS, ADDRESS);
    MethodHandle getTokenInfo = function(table, C_GET_TOKEN_INFO, JAVA_LONG, ADDRESS);
    MemorySegment slots = arena.allocate(JAVA_LONG, MAX_SLOTS);
    MemorySegment count = arena.allocateFrom(JAVA_LONG, MAX_SLOTS);
    byte withToken = 1;
    long rv = (long) getSlotList.invokeExact(withToken, slots, count);
    if (rv != OK) {
      throw failed(library, "C_GetSlotList", rv);
    }
    List<Token> out = new ArrayList<>();
    MemorySegment info = arena.allocate(INFO_BYTES, 8);
    for (int i = 0; i < Math.min(count.get(JAVA_LONG, 0), MAX_SLOTS); i++) {
      long slot = slots.getAtIndex(JAVA_LONG, i);
      rv = (long) getTokenInfo.invokeExact(slot, info);
      if (rv == OK) {
        out.add(new Token(slot, text(info, LABEL, LABEL_BYTES), text(info, SERIAL, SERIAL_BYTES)));
      }
    }
    return out;
  }

  /** Fixed length, filled with blanks. */
  private static String text(MemorySegment from, int offset, int bytes) {
    byte[] all = from.asSlice(offset, bytes).toArray(ValueLayout.JAVA_BYTE);
    return new String(all, StandardCharsets.UTF_8).stripTrailing();
  }

  private static CredentialException failed(Path library, String call, long rv) {
    return new CredentialException(
        "PKCS#11 library " + library + ": " + call + " failed with 0x" + Long.toHexString(rv));
  }
}
