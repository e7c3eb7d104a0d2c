package dev.quic.handshaked.tls.session;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The limits a client with early data relies on, in the body of a quic_transport_parameters
 * extension (RFC 9000 section 7.4.1).
 */
public final class RememberedParameters {
  /** initial_max_data to initial_max_streams_uni, active_connection_id_limit, and RFC 9221's. */
  private static final Set<Long> LIMITS =
      Set.of(0x04L, 0x05L, 0x06L, 0x07L, 0x08L, 0x09L, 0x0eL, 0x20L);

  private static final long DISABLE_ACTIVE_MIGRATION = 0x0c;

  private RememberedParameters() {}

  /** Whether nothing of {@code then} was taken back in {@code now}; no for malformed bodies. */
  public static boolean areKept(byte[] then, byte[] now) {
    try {
      Map<Long, Long> before = limits(then);
      Map<Long, Long> after = limits(now);
      for (Map.Entry<Long, Long> limit : before.entrySet()) {
        if (after.getOrDefault(limit.getKey(), 0L) < limit.getValue()) {
          return false;
        }
      }
      return true;
    } catch (BufferUnderflowException e) {
      return false;
    }
  }

  private static Map<Long, Long> limits(byte[] body) {
    Map<Long, Long> found = new HashMap<>();
    // Without this parameter a client may migrate.
    found.put(DISABLE_ACTIVE_MIGRATION, 1L);
    ByteBuffer in = ByteBuffer.wrap(body);
    while (in.hasRemaining()) {
      long id = varint(in);
      long length = varint(in);
      if (length > in.remaining()) {
        throw new BufferUnderflowException();
      }
      ByteBuffer value = in.slice(in.position(), (int) length);
      in.position(in.position() + (int) length);
      if (id == DISABLE_ACTIVE_MIGRATION) {
        found.put(id, 0L);
      } else if (LIMITS.contains(id)) {
        found.put(id, varint(value));
      }
    }
    return found;
  }

  /** RFC 9000 section 16. */
  private static long varint(ByteBuffer in) {
    int first = in.get() & 0xff;
    long value = first & 0x3f;
    for (int i = 1; i < 1 << (first >> 6); i++) {
      value = value << 8 | (in.get() & 0xff);
    }
    return value;
  }
}
