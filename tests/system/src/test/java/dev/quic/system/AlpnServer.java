package dev.quic.system;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.RemoteQuicSockets;
import dev.quic.consumer.split.QuicHandshake;
import dev.quic.consumer.split.QuicServerTls;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A program of its own that listens on a port for some protocols and gives back what it gets:
 * {@code RUNDIR PORT ALPN CHAIN KEY [NAMES [reuse]]}. Says {@code ready} or the name of an errno,
 * and {@code accepted} for each connection.
 */
final class AlpnServer {
  private static final int BUFFER = 65_536;
  private static final int SO_REUSEPORT = 15;

  private AlpnServer() {}

  public static void main(String[] args) throws Exception {
    String[] alpn = args[2].split(",");
    QuicServerTls tls = QuicServerTls.of(Path.of(args[3]), Path.of(args[4]), alpn);
    try (RemoteQuicSockets sockets = RemoteQuicSockets.open(Path.of(args[0]));
        QuicSocket listener = sockets.socket(QuicUapi.AF_INET)) {
      try {
        byte[] names = args[2].getBytes(StandardCharsets.US_ASCII);
        listener.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, names);
        if (args.length > 5) {
          byte[] hosts = args[5].getBytes(StandardCharsets.US_ASCII);
          listener.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SERVER_NAME, hosts);
        }
        if (args.length > 6) {
          listener.setsockopt(QuicUapi.SOL_SOCKET, SO_REUSEPORT, new byte[] {1, 0, 0, 0});
        }
        int port = Integer.parseInt(args[1]);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        listener.listen(64);
      } catch (QuicException e) {
        System.out.println(Errno.name(e.errno()));
        System.exit(1);
      }
      System.out.println("ready");
      serveAll(listener, tls);
    }
  }

  private static void serveAll(QuicSocket listener, QuicServerTls tls) {
    try {
      while (true) {
        QuicSocket s = listener.accept();
        System.out.println("accepted");
        Thread.ofVirtual().start(() -> serve(s, tls));
      }
    } catch (QuicException e) {
      System.out.println("the data plane is gone: " + e.getMessage());
    }
  }

  private static void serve(QuicSocket accepted, QuicServerTls tls) {
    try (QuicSocket s = accepted) {
      QuicHandshake.server(s, tls);
      byte[] buf = new byte[BUFFER];
      QuicMsg msg = QuicMsg.plain();
      while (true) {
        msg.flags = 0;
        int n = s.recvmsg(msg, buf, 0, buf.length);
        int fin = msg.streamFlags & QuicUapi.MSG_QUIC_STREAM_FIN;
        s.sendmsg(QuicMsg.stream(msg.streamId, fin), buf, 0, n);
      }
    } catch (QuicException e) {
      System.out.println("connection over: " + e.getMessage());
    }
  }
}
