package dev.quic.handshaked.tls.gnutls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.quic.handshaked.tls.TlsExporter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** GnuTLS' own exporter and channel binding; as long as its session lives. */
final class GnuTlsExporter implements TlsExporter {
  private static final int CB_TLS_EXPORTER = 2;

  private final MemorySegment session;

  GnuTlsExporter(MemorySegment session) {
    this.session = session;
  }

  @Override
  public byte[] export(String label, byte[] context, int length) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment out = call.allocate(length);
      GnuTls.check(
          "gnutls_prf_rfc5705",
          session,
          (long) label.length(),
          call.allocateFrom(label),
          (long) context.length,
          GnuTls.datum(call, context).get(ADDRESS, 0),
          (long) length,
          out);
      return out.toArray(JAVA_BYTE);
    }
  }

  @Override
  public byte[] channelBinding() {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment datum = call.allocate(GnuTls.DATUM);
      GnuTls.check("gnutls_session_channel_binding", session, CB_TLS_EXPORTER, datum);
      return GnuTls.takeOver(datum);
    }
  }

  @Override
  public void destroy() {
    // The session's engine wipes it.
  }
}
