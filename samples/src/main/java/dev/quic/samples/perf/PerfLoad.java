package dev.quic.samples.perf;

import dev.quic.samples.ByteSize;
import picocli.CommandLine.Option;

/** What the client does. */
final class PerfLoad {
  private static final int MAX_CONNECTIONS = 100;

  @Option(
      names = {"-d", "--mode"},
      paramLabel = "MODE",
      description =
          "0: upload --tot_len bytes; 1: --num_reqs requests, one after the other (default: 0).")
  int mode;

  @Option(
      names = {"-m", "--msg_len"},
      paramLabel = "BYTES",
      converter = ByteSize.class,
      description = "Bytes of each write of an upload (default: ${DEFAULT-VALUE}).")
  long msgLen = 64 * 1024;

  @Option(
      names = "--streams",
      paramLabel = "N",
      description =
          "Streams of each connection of an upload, written to in turn, 1 to 100 (default: ${DEFAULT-VALUE}).")
  int streams = 1;

  @Option(
      names = "--connections",
      paramLabel = "N",
      description =
          "Connections that share an upload, each with its own thread, 1 to 100 (default: ${DEFAULT-VALUE}).")
  int connections = 1;

  @Option(
      names = {"-t", "--tot_len"},
      paramLabel = "BYTES",
      converter = ByteSize.class,
      description = "Bytes of an upload; K, M and G are binary (default: 1G).")
  long totLen = 1L << 30;

  @Option(
      names = {"-q", "--req_len"},
      paramLabel = "BYTES",
      description = "Bytes of a request (default: ${DEFAULT-VALUE}).")
  int reqLen = 1024;

  @Option(
      names = {"-r", "--rsp_len"},
      paramLabel = "BYTES",
      description = "Bytes of a response (default: ${DEFAULT-VALUE}).")
  int rspLen = 1024;

  @Option(
      names = {"-n", "--num_reqs"},
      paramLabel = "N",
      description = "Requests (default: ${DEFAULT-VALUE}).")
  int numReqs = 100_000;

  @Option(
      names = "--warmup",
      paramLabel = "BYTES",
      converter = ByteSize.class,
      description =
          "Upload so much over a connection of its own first, or a tenth of the requests; 0 for no warm-up (default: 256M).")
  long warmup = 256L << 20;

  @Option(names = "--json", description = "Print one line of JSON.")
  boolean json;

  /**
   * @throws IllegalArgumentException with one line for the user
   */
  void check() {
    if (mode != 0 && mode != 1) {
      throw new IllegalArgumentException("--mode is 0 or 1");
    }
    if (msgLen < 1 || msgLen > 1 << 20) {
      throw new IllegalArgumentException("--msg_len is from 1 to 1M");
    }
    if (streams < 1 || streams > PerfMode.MAX_STREAMS) {
      throw new IllegalArgumentException("--streams is from 1 to 100");
    }
    if (connections < 1 || connections > MAX_CONNECTIONS) {
      throw new IllegalArgumentException("--connections is from 1 to 100");
    }
    if (totLen < 1 || warmup < 0 || numReqs < 1) {
      throw new IllegalArgumentException("nothing to do");
    }
    if (reqLen < 1 || reqLen > 1 << 20 || rspLen < 1 || rspLen > 1 << 20) {
      throw new IllegalArgumentException("--req_len and --rsp_len are from 1 to 1M");
    }
  }
}
