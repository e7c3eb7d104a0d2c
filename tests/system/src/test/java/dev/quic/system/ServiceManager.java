package dev.quic.system;

import dev.quic.uds.linux.Descriptor;
import dev.quic.uds.linux.UnixSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The other end of {@code $NOTIFY_SOCKET}. Confined to one thread. */
final class ServiceManager implements AutoCloseable {
  private static final long PATIENCE_MS = TimeUnit.SECONDS.toMillis(60);

  private final Descriptor socket;
  private final List<String> heard = new ArrayList<>();

  ServiceManager(Path path) throws IOException {
    socket = UnixSocket.bindDatagram(path.toString());
  }

  /**
   * Waits for a message that begins so. What comes before it is passed over.
   *
   * @return the whole message
   */
  String await(String beginning) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
    byte[] buf = new byte[4096];
    while (true) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0 || !socket.await(true, left)) {
        throw new AssertionError("no " + beginning + " among " + heard);
      }
      int n = socket.receive(buf);
      if (n > 0) {
        String message = new String(buf, 0, n, StandardCharsets.UTF_8);
        heard.add(message);
        if (message.startsWith(beginning)) {
          return message;
        }
      }
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
