package dev.quic.samples;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.dataplane.daemon.cli.DatagramSize;
import dev.quic.dataplane.io.aead.AeadMode;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command's sockets come from: a running data plane, or one in this process. */
public final class Transport {
  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description =
          "Run directory of the data plane (default: $$QUIC_RUN_DIR, /run/quic for root, $$XDG_RUNTIME_DIR/quic).")
  private @Nullable Path directory;

  @Option(names = "--embedded", description = "Run a data plane in this process, with no daemons.")
  private boolean embedded;

  @Option(
      names = "--aead",
      paramLabel = "auto|jdk|ipsec-mb",
      description =
          "With --embedded: what protects packets, as bin/dataplane --aead (default: auto).")
  private @Nullable String aead;

  @Option(
      names = "--max-datagram",
      paramLabel = "auto|BYTES",
      description =
          "With --embedded: largest UDP payload to try to send, as bin/dataplane --max-datagram (default: auto).")
  private @Nullable String maxDatagram;

  @Option(
      names = "--qlog",
      paramLabel = "DIR",
      description = "With --embedded: write each connection to a qlog file in DIR.")
  private @Nullable Path qlog;

  /** A data plane of this process's own. */
  public static Transport inProcess() {
    return inProcess(null);
  }

  /**
   * The same, with its connections as qlog.
   *
   * @param qlog directory for the files, null for none
   */
  public static Transport inProcess(@Nullable Path qlog) {
    Transport transport = new Transport();
    transport.embedded = true;
    transport.qlog = qlog;
    return transport;
  }

  /**
   * A data plane of this process's own.
   *
   * @param aead as {@code --aead}
   * @param maxDatagram as {@code --max-datagram}
   */
  public static Transport inProcess(String aead, String maxDatagram) {
    Transport transport = inProcess();
    transport.aead = aead;
    transport.maxDatagram = maxDatagram;
    return transport;
  }

  /** The data plane of a run directory. */
  public static Transport at(Path directory) {
    Transport transport = new Transport();
    transport.directory = directory;
    return transport;
  }

  /**
   * @throws DaemonUnreachableException when no data plane answers in the run directory
   */
  public QuicSockets open() throws IOException {
    if (embedded) {
      return new EmbeddedSockets(qlog, aeadMode(), datagramSize());
    }
    if (aead != null) {
      throw new IllegalArgumentException(
          "--aead needs --embedded; a running data plane was told: bin/dataplane --aead");
    }
    if (maxDatagram != null) {
      throw new IllegalArgumentException(
          "--max-datagram needs --embedded; a running data plane was told: bin/dataplane --max-datagram");
    }
    if (qlog != null) {
      throw new IllegalArgumentException(
          "--qlog needs --embedded; a running data plane writes its own: bin/dataplane --qlog DIR");
    }
    Path dir = RunDir.resolve(directory).path();
    try {
      return RemoteQuicSockets.open(dir);
    } catch (QuicException e) {
      throw new DaemonUnreachableException(
          "no data plane in " + dir + ": start bin/dataplane --run-dir " + dir, e);
    }
  }

  private AeadMode aeadMode() {
    try {
      return aead == null ? AeadMode.AUTO : AeadMode.parse(aead);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--aead must be auto, jdk or ipsec-mb", e);
    }
  }

  private int datagramSize() {
    try {
      return DatagramSize.parse(maxDatagram == null ? "auto" : maxDatagram);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--max-datagram must be auto or 1200 to 16383", e);
    }
  }
}
