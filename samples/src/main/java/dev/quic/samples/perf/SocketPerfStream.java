package dev.quic.samples.perf;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/** A measurement over a TCP connection, with TLS or without. */
final class SocketPerfStream extends PerfStream {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  SocketPerfStream(Socket socket) throws IOException {
    this.socket = socket;
    // As of QUIC: what was written goes.
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  @Override
  void send(byte[] message, int len, boolean fin) throws IOException {
    out.write(message, 0, len);
    if (fin) {
      socket.shutdownOutput();
    }
  }

  @Override
  int receive(byte[] into) throws IOException {
    return in.read(into);
  }

  @Override
  void awaitEnd() throws IOException {
    byte[] rest = new byte[64];
    while (in.read(rest) >= 0) {
      // Nothing is expected.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
