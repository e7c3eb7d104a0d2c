package dev.quic.samples.interop;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** QUIC versions a test case wants; the runner expects version 1 alone where it says nothing. */
final class Versions {
  /** A version that nobody speaks (RFC 9000 section 15), to be refused. */
  private static final int RESERVED = 0x1a2a3a4a;

  private static final int V1 = QuicUapi.QUIC_VERSION_V1;
  private static final int V2 = QuicUapi.QUIC_VERSION_V2;

  private Versions() {}

  /** Before connect, or of a listener before it binds. */
  static void apply(QuicSocket sock, InteropCase what, boolean server) throws QuicException {
    if (what == InteropCase.V2) {
      // A client begins with version 1 all the same.
      speak(sock, V2, V1);
    } else {
      speak(sock, V1);
    }
    if (what == InteropCase.VERSIONNEGOTIATION && !server) {
      QuicConfig config = new QuicConfig(RESERVED, 0, 0, 0, 0, false, false, 0, 0, 0);
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, config.encode());
    }
  }

  private static void speak(QuicSocket sock, int... versions) throws QuicException {
    ByteBuffer list = ByteBuffer.allocate(4 * versions.length).order(ByteOrder.nativeOrder());
    list.asIntBuffer().put(versions);
    sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_VERSIONS, list.array());
  }
}
