package dev.quic.samples;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.dataplane.daemon.cli.StartException;
import dev.quic.dataplane.io.aead.AeadMode;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Sockets of a data plane in this process; closing them ends the data plane. */
final class EmbeddedSockets implements QuicSockets {
  private final DataPlane plane;

  /**
   * @param qlog directory for qlog files, null for none
   * @param aead what protects packets
   * @param maxDatagram as {@link DataPlane.Builder#maxDatagram}
   */
  EmbeddedSockets(@Nullable Path qlog, AeadMode aead, int maxDatagram) throws IOException {
    try {
      plane =
          DataPlane.builder()
              .aead(aead)
              .maxDatagram(maxDatagram)
              .qlog(qlog, 1)
              .notices(System.err::println)
              .start();
    } catch (StartException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public QuicSocket socket(int family) throws QuicException {
    return plane.sockets().socket(family);
  }

  @Override
  public void close() {
    plane.close();
  }
}
