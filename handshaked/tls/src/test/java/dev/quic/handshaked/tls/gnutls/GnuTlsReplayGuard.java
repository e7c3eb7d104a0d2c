package dev.quic.handshaked.tls.gnutls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * GnuTLS' strike register, shared by the servers of a test. GnuTLS refuses early data on tickets
 * older than it, so it is made first.
 */
public final class GnuTlsReplayGuard implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final Set<String> seen = new HashSet<>();
  private final MemorySegment pointer;

  public GnuTlsReplayGuard() {
    MemorySegment out = arena.allocate(ADDRESS);
    GnuTls.check("gnutls_anti_replay_init", out);
    pointer = out.get(ADDRESS, 0);
    FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
    GnuTls.run(
        "gnutls_anti_replay_set_add_function",
        pointer,
        GnuTls.upcall(MethodHandles.lookup(), this, "add", type, arena));
  }

  MemorySegment pointer() {
    return pointer;
  }

  /** How many first flights with early data have been seen. */
  public int size() {
    return seen.size();
  }

  private int add(MemorySegment context, long expires, MemorySegment key, MemorySegment data) {
    return seen.add(HexFormat.of().formatHex(GnuTls.bytes(key))) ? 0 : GnuTls.E_DB_ENTRY_EXISTS;
  }

  /** Must come after the engines that use it. */
  @Override
  public void close() {
    GnuTls.run("gnutls_anti_replay_deinit", pointer);
    arena.close();
  }
}
