package dev.quic.handshaked.tls.bc;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * The version a server chose, from its transport parameters (RFC 9368 section 3): the one that new
 * tickets belong to (RFC 9369 section 5). Which tickets may be used is decided by the version of
 * the client's first flight, which the socket's CONFIG tells.
 */
final class VersionInformation {
  private static final int VERSION_INFORMATION = 0x11;

  private VersionInformation() {}

  /**
   * The Chosen Version.
   *
   * @param parameters body of the server's quic_transport_parameters
   * @param otherwise what to answer when the parameter is missing or malformed
   */
  static int chosen(byte[] parameters, int otherwise) {
    ByteBuffer in = ByteBuffer.wrap(parameters);
    try {
      while (in.hasRemaining()) {
        long id = varint(in);
        long length = varint(in);
        if (length > in.remaining()) {
          return otherwise;
        }
        if (id == VERSION_INFORMATION && length >= 4) {
          return in.getInt();
        }
        in.position(in.position() + (int) length);
      }
    } catch (BufferUnderflowException e) {
      return otherwise;
    }
    return otherwise;
  }

  /** RFC 9000 section 16. */
  private static long varint(ByteBuffer in) {
    int first = in.get() & 0xff;
    long value = first & 0x3f;
    for (int more = (1 << (first >> 6)) - 1; more > 0; more--) {
      value = value << 8 | in.get() & 0xff;
    }
    return value;
  }
}
