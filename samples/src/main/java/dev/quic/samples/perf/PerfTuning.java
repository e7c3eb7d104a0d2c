package dev.quic.samples.perf;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.samples.CongestionOption;
import dev.quic.samples.SocketOptions;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicTransportParam;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What both sides of a measurement set on their sockets, and whose time they count. */
final class PerfTuning {
  private static final String ALPN = "perf";

  /** Bytes of both kinds of flow control window. */
  private static final long WINDOW = 16L << 20;

  /** {@code max_udp_payload_size} in {@code struct quic_transport_param}. */
  private static final int PAYLOAD_OFFSET = 10;

  private static final int MIN_PAYLOAD = 1_200;
  private static final int MAX_PAYLOAD = 65_527;

  /** {@code USER_HZ}: fixed for every program. */
  private static final long NANOS_PER_TICK = 10_000_000;

  // Fields of /proc/PID/stat behind the name.
  private static final int UTIME = 11;
  private static final int STIME = 12;

  @Mixin private CongestionOption congestion = new CongestionOption();

  @Option(
      names = "--payload",
      paramLabel = "BYTES",
      description =
          "Largest UDP payload this side takes, 1200 to 65527; what the other sends is bounded by its own --max-datagram"
              + " and its search, too (default: what the data plane says).")
  private int payload;

  @Option(
      names = "--count-pid",
      paramLabel = "PID",
      split = ",",
      description =
          "Count the CPU time of these processes, too: a data plane that serves this side.")
  private List<Long> pids = List.of();

  /** Before the socket binds or connects. */
  void prepare(QuicSocket sock) throws QuicException {
    if (payload != 0 && (payload < MIN_PAYLOAD || payload > MAX_PAYLOAD)) {
      throw new IllegalArgumentException("--payload is from 1200 to 65527");
    }
    SocketOptions.setAlpn(sock, ALPN);
    congestion.apply(sock);
    byte[] params = QuicTransportParam.windows(WINDOW, WINDOW).encode();
    params[PAYLOAD_OFFSET] = (byte) payload;
    params[PAYLOAD_OFFSET + 1] = (byte) (payload >>> 8);
    sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, params);
  }

  /** What this process, and those to be counted with it, have used so far. */
  Usage usage() throws IOException {
    long more = 0;
    for (long pid : pids) {
      String stat =
          Files.readString(Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.UTF_8);
      // The name may hold blanks and parentheses.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      more += (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME])) * NANOS_PER_TICK;
    }
    return Usage.now().plusCpu(more);
  }

  /** The same options for a process started to help; not whose time it counts. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>(congestion.arguments());
    if (payload != 0) {
      arguments.addAll(List.of("--payload", Integer.toString(payload)));
    }
    return arguments;
  }
}
