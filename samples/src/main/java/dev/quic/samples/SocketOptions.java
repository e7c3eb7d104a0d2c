package dev.quic.samples;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;
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

  public void apply(QuicSocket sock) throws QuicException {
    setAlpn(sock, alpn);
    congestion.apply(sock);
  }

  public static void setAlpn(QuicSocket sock, String names) throws QuicException {
    sock.setsockopt(
        QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, names.getBytes(StandardCharsets.ISO_8859_1));
  }
}
