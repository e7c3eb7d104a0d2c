package dev.quic.bench.requests;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicStreams;
import dev.quic.consumer.split.QuicClientTls;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.dataplane.daemon.cli.DataPlane;
import dev.quic.dataplane.daemon.cli.StartException;
import dev.quic.dataplane.io.UdpMode;
import dev.quic.dataplane.io.aead.AeadMode;
import dev.quic.samples.Keys;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * A connection between two data planes of this process, and a program that sends back what comes on
 * its stream. Both programs block in the socket calls.
 */
final class QuicEcho implements AutoCloseable {
  private static final byte[] ALPN = "echo".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_MESSAGE = 65_536;

  private final DataPlane near;
  private final DataPlane far;
  private final QuicSocket listener;
  private final QuicSocket sock;
  private boolean opened;

  /**
   * @param keys directory of a test authority
   */
  QuicEcho(UdpMode udp, AeadMode aead, Path keys) throws IOException, InterruptedException {
    far = start(udp, aead);
    near = start(udp, aead);
    listener = socket(far);
    listener.bind(new InetSocketAddress("127.0.0.1", 0));
    listener.listen(1);
    QuicServerTls serverTls =
        QuicServerTls.of(keys.resolve(Keys.SERVER_CERT), keys.resolve(Keys.SERVER_KEY));
    FutureTask<QuicSocket> accepting =
        new FutureTask<>(() -> {
          QuicSocket accepted = listener.accept();
          QuicHandshake.server(accepted, serverTls).destroy();
          return accepted;
        });
    Thread.ofPlatform().daemon().name("accept").start(accepting);
    sock = socket(near);
    sock.connect(listener.getsockname());
    QuicClientTls clientTls =
        QuicClientTls.of("localhost").withTrustFile(keys.resolve(Keys.CA_CERT));
    QuicHandshake.client(sock, clientTls).destroy();
    try {
      QuicSocket accepted = accepting.get();
      Thread.ofPlatform().daemon().name("echo").start(() -> echo(accepted));
    } catch (ExecutionException e) {
      throw new IOException("the server's handshake failed: " + e.getCause(), e);
    }
  }

  private static DataPlane start(UdpMode udp, AeadMode aead) throws IOException {
    try {
      return DataPlane.builder().shards(1).udp(udp).aead(aead).start();
    } catch (StartException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static QuicSocket socket(DataPlane plane) throws QuicException {
    QuicSocket s = plane.sockets().socket(QuicUapi.AF_INET);
    s.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, ALPN);
    return s;
  }

  private static void echo(QuicSocket sock) {
    try (sock) {
      byte[] buf = new byte[MAX_MESSAGE];
      QuicMsg msg = QuicMsg.plain();
      while (true) {
        msg.flags = 0;
        int n = sock.recvmsg(msg, buf, 0, buf.length);
        if (msg.cmsg == QuicUapi.QUIC_STREAM_INFO && n > 0) {
          QuicStreams.sendAll(sock, msg.streamId, 0, buf, 0, n);
        }
      }
    } catch (QuicException e) {
      if (e.errno() != Errno.ENOTCONN && e.errno() != Errno.EBADF) {
        System.err.println("quic bench: the echo ended: " + e.getMessage());
      }
    }
  }

  /** As {@link BareUdp#requests}. */
  void requests(int size, int count, long pauseNanos, LongConsumer latency) throws IOException {
    byte[] request = new byte[size];
    byte[] answer = new byte[size];
    QuicMsg msg = QuicMsg.plain();
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      QuicStreams.sendAll(sock, 0, opened ? 0 : QuicUapi.MSG_QUIC_STREAM_NEW, request, 0, size);
      opened = true;
      msg.flags = 0;
      if (QuicStreams.recvFully(sock, msg, answer, 0, size) != size) {
        throw new IOException("the stream ended after " + i + " answers");
      }
      latency.accept(System.nanoTime() - start);
      if (pauseNanos > 0) {
        LockSupport.parkNanos(pauseNanos);
      }
    }
  }

  @Override
  public void close() {
    sock.close();
    listener.close();
    near.close();
    far.close();
  }
}
