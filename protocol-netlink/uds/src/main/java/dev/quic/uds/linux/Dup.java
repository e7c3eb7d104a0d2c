package dev.quic.uds.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** {@code dup(2)}: another number for the same open descriptor. */
public final class Dup {
  private static final MethodHandle DUP =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("dup"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private Dup() {}

  /** A new number, or -1. */
  public static int of(int fd) {
    try {
      return (int) DUP.invokeExact(fd);
    } catch (Throwable t) {
      throw new IllegalStateException("dup", t);
    }
  }
}
