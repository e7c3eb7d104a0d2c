package dev.quic.samples.perf;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicStreams;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;

/** A measurement over stream 0 of a QUIC connection, and others that a client opens. */
final class QuicPerfStream extends PerfStream {
  private final QuicSocket sock;
  private final QuicMsg in = QuicMsg.plain();
  private boolean opened;
  private int ends = 1;

  /**
   * @param opens true for the client, which opens the stream by its first message
   */
  QuicPerfStream(QuicSocket sock, boolean opens) {
    this.sock = sock;
    this.opened = !opens;
  }

  @Override
  void send(byte[] message, int len, boolean fin) throws IOException {
    int flags =
        (opened ? 0 : QuicUapi.MSG_QUIC_STREAM_NEW) | (fin ? QuicUapi.MSG_QUIC_STREAM_FIN : 0);
    QuicStreams.sendAll(sock, 0, flags, message, 0, len);
    opened = true;
  }

  @Override
  int receive(byte[] into) throws IOException {
    while (ends > 0) {
      in.flags = 0;
      int n = sock.recvmsg(in, into, 0, into.length);
      if (in.cmsg == QuicUapi.QUIC_STREAM_INFO) {
        ends -= in.isFin() ? 1 : 0;
        return n;
      }
    }
    return -1;
  }

  @Override
  void awaitEnd() throws IOException {
    byte[] rest = new byte[64];
    try {
      while (true) {
        in.flags = 0;
        sock.recvmsg(in, rest, 0, rest.length);
      }
    } catch (QuicException e) {
      if (e.errno() != Errno.ENOTCONN) {
        throw e;
      }
    }
  }

  @Override
  void expectEnds(int streams) {
    ends = streams;
  }

  @Override
  public void close() {
    sock.close();
  }
}
