package dev.quic.dataplane.core.stream;

import dev.quic.uapi.QuicUapi;

/** Arithmetic of stream ids, RFC 9000 section 2.1. */
public final class StreamId {
  private StreamId() {}

  /** Types: bit 0 server initiated, bit 1 unidirectional. */
  public static final int TYPES = 4;

  /** Largest count of streams of one type (RFC 9000 section 4.6). */
  public static final long MAX_COUNT = 1L << 60;

  public static boolean byServer(long id) {
    return (id & QuicUapi.QUIC_STREAM_TYPE_SERVER_MASK) != 0;
  }

  public static boolean isUni(long id) {
    return (id & QuicUapi.QUIC_STREAM_TYPE_UNI_MASK) != 0;
  }

  public static int type(long id) {
    return (int) (id & QuicUapi.QUIC_STREAM_TYPE_MASK);
  }

  /** Position among the streams of its type, from 0. */
  public static long index(long id) {
    return id >>> 2;
  }

  public static long of(long index, int type) {
    return index << 2 | type;
  }

  public static int type(boolean server, boolean uni) {
    return (server ? 1 : 0) | (uni ? 2 : 0);
  }
}
