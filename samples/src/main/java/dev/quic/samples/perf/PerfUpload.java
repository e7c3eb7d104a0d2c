package dev.quic.samples.perf;

import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicStreams;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One connection's part of an upload: messages to a number of streams in turn. One thread. */
final class PerfUpload {
  /** From one stream a client opened to the next (RFC 9000 section 2.1). */
  private static final long STREAM_STEP = 4;

  private final QuicSocket sock;
  private final long bytes;
  private final int msgLen;
  private final int streams;
  private final QuicPerfStream first;
  private long half;

  /**
   * @param streams at most; no more than there are messages are used
   */
  PerfUpload(QuicSocket sock, long bytes, int msgLen, int streams) throws IOException {
    this.sock = sock;
    this.bytes = bytes;
    this.msgLen = msgLen;
    this.streams = (int) Math.min(streams, messages());
    first = new QuicPerfStream(sock, true);
    first.sendText(PerfMode.bulk(this.streams, bytes).line(), false);
  }

  private long messages() {
    return (bytes + msgLen - 1) / msgLen;
  }

  /** Sends all, waits for the server's report. */
  PerfReport run() throws IOException {
    byte[] message = new byte[msgLen];
    long count = messages();
    for (long i = 0; i < count; i++) {
      if (i == count / 2) {
        half = Usage.now().shards();
      }
      int stream = (int) (i % streams);
      // The first stream is open since the first line.
      int flags = i < streams && stream > 0 ? QuicUapi.MSG_QUIC_STREAM_NEW : 0;
      flags |= i >= count - streams ? QuicUapi.MSG_QUIC_STREAM_FIN : 0;
      int len = (int) Math.min(msgLen, bytes - i * msgLen);
      QuicStreams.sendAll(sock, STREAM_STEP * stream, flags, message, 0, len);
    }
    PerfReport report = PerfReport.parse(first.readLine(PerfReport.MAX_LINE));
    if (report.bytes() != bytes) {
      throw new IOException("sent " + bytes + " bytes, the server got " + report.bytes());
    }
    return report;
  }

  /** {@link Usage#shards} when half was sent. */
  long half() {
    return half;
  }

  /** Bytes of UDP payload the search for the path's MTU arrived at. */
  long datagram() throws IOException {
    byte[] mtu =
        sock.getsockopt(
            QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_PATH_MTU, new byte[0], Integer.BYTES);
    return ByteBuffer.wrap(mtu).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }
}
