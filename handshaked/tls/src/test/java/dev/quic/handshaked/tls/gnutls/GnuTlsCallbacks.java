package dev.quic.handshaked.tls.gnutls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What GnuTLS calls back with during a handshake. Nothing may be thrown through C, so a failure is
 * kept and thrown once C has returned.
 */
final class GnuTlsCallbacks {
  /** quic_transport_parameters (RFC 9001 section 8.2). */
  private static final int TRANSPORT_PARAMETERS = 0x39;

  private static final int HANDSHAKE_CHANGE_CIPHER_SPEC = 254;
  private static final int EXT_TLS = 2;
  private static final int EXT_FLAG_CLIENT_HELLO = 1 << 1;
  private static final int EXT_FLAG_EE = 1 << 4;
  private static final int EXT_FLAG_TLS = 1 << 7;
  private static final int E_INTERNAL_ERROR = -59;

  /** Takes what GnuTLS has to say; levels are GnuTLS' own, 0 to 3. */
  interface Listener {
    void message(int level, byte[] bytes);

    /** One of the two may be missing, but not both. */
    void secrets(int level, byte @Nullable [] read, byte @Nullable [] write);

    void alert(int description);

    void transportParameters(byte[] body);
  }

  private final Listener listener;
  private final byte[] transportParameters;
  private @Nullable Throwable failure;

  /**
   * @param arena outlives the session
   */
  GnuTlsCallbacks(
      MemorySegment session, byte[] transportParameters, Listener listener, Arena arena) {
    this.transportParameters = transportParameters.clone();
    this.listener = listener;
    GnuTls.run(
        "gnutls_handshake_set_read_function",
        session,
        stub(
            arena,
            "message",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG)));
    GnuTls.run(
        "gnutls_handshake_set_secret_function",
        session,
        stub(
            arena,
            "secrets",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG)));
    GnuTls.run(
        "gnutls_alert_set_read_function",
        session,
        stub(
            arena,
            "alert",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT)));
    MemorySegment none = MemorySegment.NULL;
    GnuTls.check(
        "gnutls_session_ext_register",
        session,
        arena.allocateFrom("QUIC transport parameters"),
        TRANSPORT_PARAMETERS,
        EXT_TLS,
        stub(
            arena,
            "receiveParameters",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG)),
        stub(arena, "sendParameters", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS)),
        none,
        none,
        none,
        EXT_FLAG_TLS | EXT_FLAG_CLIENT_HELLO | EXT_FLAG_EE);
  }

  private MemorySegment stub(Arena arena, String method, FunctionDescriptor type) {
    return GnuTls.upcall(MethodHandles.lookup(), this, method, type, arena);
  }

  /** Throws what a callback could not. */
  void rethrow() {
    Throwable thrown = failure;
    if (thrown != null) {
      throw new AssertionError("in a callback of GnuTLS", thrown);
    }
  }

  private int guarded(IntSupplier body) {
    try {
      return body.getAsInt();
    } catch (RuntimeException | Error e) {
      failure = e;
      return E_INTERNAL_ERROR;
    }
  }

  private int message(MemorySegment session, int level, int type, MemorySegment data, long size) {
    return guarded(() -> {
      if (type != HANDSHAKE_CHANGE_CIPHER_SPEC) {
        listener.message(level, GnuTls.bytes(data, size));
      }
      return 0;
    });
  }

  private int secrets(
      MemorySegment session, int level, MemorySegment read, MemorySegment write, long size) {
    return guarded(() -> {
      listener.secrets(level, secret(read, size), secret(write, size));
      return 0;
    });
  }

  private static byte @Nullable [] secret(MemorySegment data, long size) {
    return data.address() == 0 ? null : GnuTls.bytes(data, size);
  }

  private int alert(MemorySegment session, int level, int severity, int description) {
    return guarded(() -> {
      listener.alert(description);
      return 0;
    });
  }

  private int receiveParameters(MemorySegment session, MemorySegment data, long size) {
    return guarded(() -> {
      listener.transportParameters(GnuTls.bytes(data, size));
      return 0;
    });
  }

  private int sendParameters(MemorySegment session, MemorySegment buffer) {
    return guarded(() -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment body = GnuTls.datum(arena, transportParameters).get(ADDRESS, 0);
        return GnuTls.call(
            "gnutls_buffer_append_data", buffer, body, (long) transportParameters.length);
      }
    });
  }
}
