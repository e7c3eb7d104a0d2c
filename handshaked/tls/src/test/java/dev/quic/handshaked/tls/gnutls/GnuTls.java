package dev.quic.handshaked.tls.gnutls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quic.handshaked.tls.TestCertificates;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Calls into libgnutls. A C function's signature follows from the arguments given: {@link
 * MemorySegment} is a pointer, {@link Integer} an int, {@link Long} a size_t.
 */
final class GnuTls {
  static final String LIBRARY = "libgnutls.so.30";

  /** What to type when the library is missing. */
  static final String INSTALL = "apt-get install libgnutls30";

  static final int E_AGAIN = -28;
  static final int E_INTERRUPTED = -52;
  static final int E_EARLY_DATA_REJECTED = -429;
  static final int E_DB_ENTRY_EXISTS = -428;

  /** {@code gnutls_datum_t}: bytes and how many. */
  static final StructLayout DATUM =
      MemoryLayout.structLayout(
          ADDRESS.withName("data"), JAVA_INT.withName("size"), MemoryLayout.paddingLayout(4));

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup SYMBOLS = load();
  private static final Map<String, MethodHandle> HANDLES = new ConcurrentHashMap<>();
  private static final AddressLayout UNBOUNDED =
      ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(Long.MAX_VALUE, ValueLayout.JAVA_BYTE));

  static {
    // Certificates of tests are valid around a fixed moment, so GnuTLS lives in it as well.
    FunctionDescriptor time = FunctionDescriptor.of(JAVA_LONG, ADDRESS);
    MethodHandle fixed =
        MethodHandles.dropArguments(
            MethodHandles.constant(long.class, TestCertificates.NOW.getEpochSecond()),
            0,
            MemorySegment.class);
    run("gnutls_global_set_time_function", LINKER.upcallStub(fixed, time, Arena.global()));
  }

  private GnuTls() {}

  private static SymbolLookup load() {
    try {
      return SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(LIBRARY + " is missing: " + INSTALL, e);
    }
  }

  /** The library's own version, such as 3.7.9. */
  static String version() {
    return string("gnutls_check_version", MemorySegment.NULL);
  }

  /** A function that returns an int. */
  static int call(String function, Object... args) {
    return (int) invoke(function, JAVA_INT, args);
  }

  /** A function that returns an int, negative for an error that a test did not provoke. */
  static int check(String function, Object... args) {
    int result = call(function, args);
    if (result < 0) {
      throw new AssertionError(function + ": " + error(result));
    }
    return result;
  }

  /** A function that returns nothing. */
  static void run(String function, Object... args) {
    invoke(function, null, args);
  }

  /** A function that returns a pointer to something as long as its user says. */
  static MemorySegment pointer(String function, Object... args) {
    return (MemorySegment) invoke(function, UNBOUNDED, args);
  }

  private static String string(String function, Object... args) {
    return pointer(function, args).getString(0);
  }

  static String error(int code) {
    return string("gnutls_strerror", code) + " (" + code + ")";
  }

  private static Object invoke(String function, @Nullable MemoryLayout result, Object... args) {
    MethodHandle handle = HANDLES.computeIfAbsent(function, name -> link(name, result, args));
    try {
      Object value = handle.invokeWithArguments(args);
      return value == null ? 0 : value;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(function, e);
    }
  }

  private static MethodHandle link(String name, @Nullable MemoryLayout result, Object[] args) {
    List<MemoryLayout> layouts = new ArrayList<>();
    for (Object arg : args) {
      layouts.add(
          switch (arg) {
            case MemorySegment ignored -> ADDRESS;
            case Integer ignored -> JAVA_INT;
            case Long ignored -> JAVA_LONG;
            default -> throw new IllegalArgumentException(name + ": " + arg.getClass());
          });
    }
    MemoryLayout[] all = layouts.toArray(MemoryLayout[]::new);
    FunctionDescriptor type =
        result == null ? FunctionDescriptor.ofVoid(all) : FunctionDescriptor.of(result, all);
    MemorySegment symbol =
        SYMBOLS
            .find(name)
            .or(() -> LINKER.defaultLookup().find(name))
            .orElseThrow(() -> new IllegalStateException(LIBRARY + " has no " + name));
    return LINKER.downcallHandle(symbol, type);
  }

  /** A C function pointer to a method of an object's. */
  static MemorySegment upcall(
      MethodHandles.Lookup lookup,
      Object target,
      String method,
      FunctionDescriptor type,
      Arena arena) {
    MethodType java = type.toMethodType();
    try {
      MethodHandle handle = lookup.findVirtual(target.getClass(), method, java).bindTo(target);
      return LINKER.upcallStub(handle, type, arena);
    } catch (NoSuchMethodException | IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /** A datum with a copy of the bytes. */
  static MemorySegment datum(Arena arena, byte[] bytes) {
    MemorySegment datum = arena.allocate(DATUM);
    // At least one byte, so that the pointer is not null.
    MemorySegment copy = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
    datum.set(ADDRESS, 0, copy);
    datum.set(JAVA_INT, ADDRESS.byteSize(), bytes.length);
    return datum;
  }

  /** The bytes of a datum that C filled; empty for a null one. */
  static byte[] bytes(MemorySegment datum) {
    MemorySegment sized = datum.reinterpret(DATUM.byteSize());
    return bytes(sized.get(ADDRESS, 0), sized.get(JAVA_INT, ADDRESS.byteSize()));
  }

  /** Bytes at a pointer that C gave; empty for null. */
  static byte[] bytes(MemorySegment data, long size) {
    return data.address() == 0
        ? new byte[0]
        : data.reinterpret(size).toArray(ValueLayout.JAVA_BYTE);
  }

  /** The bytes of a datum that C allocated for its caller. */
  static byte[] takeOver(MemorySegment datum) {
    byte[] bytes = bytes(datum);
    run("free", datum.get(ADDRESS, 0));
    return bytes;
  }
}
