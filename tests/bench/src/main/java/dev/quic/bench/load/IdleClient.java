package dev.quic.bench.load;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.uapi.Errno;
import java.util.List;

/** Opens connections from a few UDP ports and waits until the server has closed them all. */
final class IdleClient {
  private final QuicSockets sockets;
  private final TlsHandshakes tls;
  private final Arguments args;

  IdleClient(QuicSockets sockets, TlsHandshakes tls, Arguments args) {
    this.sockets = sockets;
    this.tls = tls;
    this.args = args;
  }

  void run() throws Exception {
    try (Crowd crowd = new Crowd(sockets, tls, args)) {
      long start = System.nanoTime();
      List<QuicSocket> open = crowd.open();
      IdleLoad.say(
          "bench idle connected count=" + open.size() + " ns=" + (System.nanoTime() - start));
      for (QuicSocket s : open) {
        awaitEnd(s);
      }
      IdleLoad.say("bench idle closed ms=" + System.currentTimeMillis());
    } catch (Exception e) {
      IdleLoad.say("bench failed: " + e);
      throw e;
    }
  }

  private static void awaitEnd(QuicSocket s) throws QuicException {
    byte[] buf = new byte[64];
    QuicMsg msg = QuicMsg.plain();
    try {
      while (true) {
        s.recvmsg(msg, buf, 0, buf.length);
      }
    } catch (QuicException e) {
      if (e.errno() != Errno.ENOTCONN) {
        throw e;
      }
    }
  }
}
