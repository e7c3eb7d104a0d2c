package dev.quic.bench.load;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.QuicStreams;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads the messages of all connections, a virtual thread each. */
final class ActiveServer {
  private static final int BACKLOG = 256;
  private static final int TIMEOUT_MS = 60_000;

  /** Messages taken by one call. */
  private static final int MESSAGES = 16;

  private final TlsHandshakes tls;
  private final Arguments args;
  private final int size;
  private final Stamps stamps;
  private final AtomicInteger next = new AtomicInteger();

  ActiveServer(TlsHandshakes tls, Arguments args) {
    this.tls = tls;
    this.args = args;
    size = args.number("size");
    stamps = new Stamps(args.number("count"));
  }

  void run(QuicSockets sockets) throws Exception {
    try (QuicSocket listener = IdleLoad.socket(sockets, args)) {
      listener.bind(args.address("server"));
      listener.listen(BACKLOG);
      IdleLoad.say("bench listening on 127.0.0.1:" + listener.getsockname().getPort());
      while (true) {
        QuicSocket s = listener.accept();
        Thread.ofVirtual().start(() -> serve(s));
      }
    }
  }

  private void serve(QuicSocket s) {
    try (s) {
      var unused = tls.serverHelloX509(s, TIMEOUT_MS).get();
      read(s, next.getAndIncrement());
    } catch (ExecutionException e) {
      IdleLoad.say("bench server: " + e.getCause());
    } catch (QuicException e) {
      if (e.errno() != Errno.ENOTCONN) {
        IdleLoad.say("bench server: " + e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read(QuicSocket s, int sender) throws QuicException {
    byte[] buf = new byte[MESSAGES * size];
    ByteBuffer view = ByteBuffer.wrap(buf);
    QuicMsg msg = QuicMsg.plain();
    int have = 0;
    while (true) {
      msg.flags = 0;
      int n = s.recvmsg(msg, buf, have, buf.length - have);
      if (msg.cmsg != QuicUapi.QUIC_STREAM_INFO) {
        continue;
      }
      have += n;
      int at = 0;
      for (; have - at >= size; at += size) {
        message(s, sender, view.getLong(at));
      }
      System.arraycopy(buf, at, buf, 0, have - at);
      have -= at;
    }
  }

  private void message(QuicSocket s, int sender, long stamp) throws QuicException {
    if (stamp == ActiveLoad.RESET) {
      // Not in the middle of what is measured.
      System.gc();
      stamps.reset();
      answer(s, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + "\n");
    } else if (stamp == ActiveLoad.REPORT) {
      RateSearch.Outcome o = stamps.outcome(1_000, 1);
      answer(s, stamps.count() + " " + o.p99Nanos() + " " + o.least() + " " + o.most() + "\n");
    } else if (sender < args.number("count")) {
      stamps.arrived(sender, stamp);
    }
  }

  private static void answer(QuicSocket s, String text) throws QuicException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    QuicStreams.sendAll(s, 0, 0, bytes, 0, bytes.length);
  }
}
