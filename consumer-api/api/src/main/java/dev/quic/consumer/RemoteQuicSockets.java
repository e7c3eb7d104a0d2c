package dev.quic.consumer;

import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.DoorSocket;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * QUIC sockets of a data plane in another process, over its {@code socket.sock}.
 *
 * <pre>{@code
 * try (RemoteQuicSockets sockets = RemoteQuicSockets.open(runDir);
 *     QuicSocket sock = sockets.socket(QuicUapi.AF_INET)) {
 *   sock.connect(new InetSocketAddress("127.0.0.1", 4433));
 *   QuicHandshake.client(sock, QuicClientTls.of("localhost", "hq-interop").withTrustFile(ca));
 *   sock.sendmsg(
 *       QuicMsg.stream(0, QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN),
 *       request, 0, request.length);
 *   QuicMsg msg = QuicMsg.plain();
 *   do {
 *     int n = sock.recvmsg(msg, buf, 0, buf.length);
 *     ...
 *     msg.flags = 0;
 *   } while (!msg.isFin());
 * }
 * }</pre>
 *
 * <p>One of these is one control connection; a process needs no more than one. Any thread, virtual
 * ones included. A socket that is not closed ends with the process at the latest.
 *
 * <p>Blocking sends are pipelined: {@link QuicSocket#sendmsg} returns when the bytes are on their
 * way to the data plane, and an error they meet there comes out of the next call on the socket.
 * With MSG_DONTWAIT, or after {@link QuicSocket#setNonBlocking}, each send waits for the data
 * plane's (not the peer's) answer, and EAGAIN and ENOSPC are exact.
 */
public final class RemoteQuicSockets implements QuicSockets {
  private final DoorClient client;
  private final Set<RemoteQuicSocket> open = ConcurrentHashMap.newKeySet();

  private RemoteQuicSockets(DoorClient client) {
    this.client = client;
  }

  /** Connects to the data plane of {@code $QUIC_RUN_DIR} or of the default run directory. */
  public static RemoteQuicSockets open() throws QuicException {
    return connect(null);
  }

  /**
   * Connects to a data plane.
   *
   * @param runDir directory of its sockets
   * @throws QuicException ECONNREFUSED when none is there; the message names the place
   */
  public static RemoteQuicSockets open(Path runDir) throws QuicException {
    return connect(runDir);
  }

  private static RemoteQuicSockets connect(@Nullable Path runDir) throws QuicException {
    try {
      return new RemoteQuicSockets(DoorClient.connect(RunDir.resolve(runDir)));
    } catch (IOException e) {
      throw new QuicException(Errno.ECONNREFUSED, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public QuicSocket socket(int family) throws QuicException {
    try {
      return adopted(client.socket(family, QuicUapi.SOCK_DGRAM, QuicUapi.IPPROTO_QUIC));
    } catch (DoorClient.DoorException e) {
      throw new QuicException(e.errno(), "socket");
    } catch (IOException e) {
      throw new QuicException(Errno.EPIPE, "socket: the data plane is gone");
    }
  }

  QuicSocket adopted(DoorSocket door) {
    RemoteQuicSocket sock = new RemoteQuicSocket(this, door);
    open.add(sock);
    return sock;
  }

  /** False when the socket is closed already. */
  boolean forget(RemoteQuicSocket sock) {
    return open.remove(sock);
  }

  /** Closes all sockets made here, and the control connection. */
  @Override
  public void close() {
    for (RemoteQuicSocket sock : List.copyOf(open)) {
      sock.close();
    }
    client.close();
  }
}
