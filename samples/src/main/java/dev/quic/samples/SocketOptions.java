package dev.quic.samples;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the file commands set on a socket before they bind or connect it. */
public final class SocketOptions {
  @Option(
      names = "--alpn",
      paramLabel = "NAME",
      description =
          "Application protocol, or several separated by commas (default: ${DEFAULT-VALUE}).")
  private String alpn = "hq-interop";

  @Mixin private CongestionOption congestion = new CongestionOption();

  @Option(
      names = "--quic-version",
      paramLabel = "N",
      converter = VersionNumber.Converter.class,
      description =
          "QUIC version a client starts with, and a server changes to where the client offers it:"
              + " 1, 2, or a number such as 0x1a2a3a4a (default: 1, and a server leaves it to the"
              + " client).")
  private @Nullable VersionNumber version;

  @Option(
      names = "--quic-versions",
      paramLabel = "N",
      split = ",",
      converter = VersionNumber.Converter.class,
      description = "QUIC versions to speak at all, preferred first (default: all, 1 and 2).")
  private List<VersionNumber> versions = List.of();

  public void apply(QuicSocket sock) throws QuicException {
    setAlpn(sock, alpn);
    congestion.apply(sock);
    VersionNumber first = version;
    if (first != null) {
      ByteBuffer config = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
      config.putInt(first.wire());
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, config.array());
    }
    if (!versions.isEmpty()) {
      ByteBuffer list = ByteBuffer.allocate(4 * versions.size()).order(ByteOrder.LITTLE_ENDIAN);
      versions.forEach(v -> list.putInt(v.wire()));
      try {
        sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_VERSIONS, list.array());
      } catch (QuicException e) {
        throw new QuicException(
            e.errno(), "--quic-versions: give 1, 2 or both, each once, separated by a comma");
      }
    }
  }

  /** Has a listener answer every Initial without a token with a Retry (RFC 9000 section 8.1.2). */
  public static void validateAddresses(QuicSocket listener) throws QuicException {
    byte[] config = QuicConfig.validatingAddresses().encode();
    listener.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, config);
  }

  public static void setAlpn(QuicSocket sock, String names) throws QuicException {
    sock.setsockopt(
        QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, names.getBytes(StandardCharsets.ISO_8859_1));
  }
}
