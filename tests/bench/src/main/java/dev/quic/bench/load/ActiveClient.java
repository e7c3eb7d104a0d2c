package dev.quic.bench.load;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.QuicSockets;
import dev.quic.consumer.QuicStreams;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Opens the connections, then looks for the highest rate; one thread sends in turn on all. */
final class ActiveClient {
  private static final long SETTLE_MILLIS = 300;
  private static final int MAX_ANSWER = 128;

  private final QuicSockets sockets;
  private final TlsHandshakes tls;
  private final Arguments args;
  private final byte[] message;
  private final ByteBuffer view;
  private final double seconds;
  private long heapFirst;
  private long heapLast;

  ActiveClient(QuicSockets sockets, TlsHandshakes tls, Arguments args) {
    this.sockets = sockets;
    this.tls = tls;
    this.args = args;
    message = new byte[args.number("size")];
    view = ByteBuffer.wrap(message);
    seconds = args.number("seconds");
  }

  void run() throws Exception {
    try (Crowd crowd = new Crowd(sockets, tls, args)) {
      List<QuicSocket> open = crowd.open();
      for (QuicSocket s : open) {
        send(s, System.nanoTime(), QuicUapi.MSG_QUIC_STREAM_NEW);
      }
      IdleLoad.say("bench active connected count=" + open.size());
      RateSearch search =
          new RateSearch(TimeUnit.MILLISECONDS.toNanos(args.number("good")), args.number("refine"));
      RateSearch.Outcome best = search.run(args.number("start"), rate -> trial(open, rate));
      IdleLoad.say(
          "bench active best "
              + best.line()
              + " heap_first="
              + heapFirst
              + " heap_last="
              + heapLast);
    } catch (Exception e) {
      IdleLoad.say("bench failed: " + e);
      throw e;
    }
  }

  private RateSearch.Outcome trial(List<QuicSocket> open, double rate) throws Exception {
    QuicSocket first = open.get(0);
    send(first, ActiveLoad.RESET, 0);
    heapLast = Long.parseLong(answer(first));
    heapFirst = heapFirst == 0 ? heapLast : heapFirst;
    long sent =
        Pace.run(
            rate,
            seconds,
            (number, stamp) -> send(open.get((int) (number % open.size())), stamp, 0));
    TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
    send(first, ActiveLoad.REPORT, 0);
    String[] figures = answer(first).split(" ", -1);
    RateSearch.Outcome o =
        new RateSearch.Outcome(
            sent / seconds,
            1e3 * Long.parseLong(figures[0]) / Math.max(1, sent),
            Long.parseLong(figures[1]),
            Long.parseLong(figures[2]),
            Long.parseLong(figures[3]));
    IdleLoad.say("bench active trial asked=" + Math.round(rate) + " " + o.line());
    return o;
  }

  private void send(QuicSocket s, long stamp, int flags) throws QuicException {
    view.putLong(0, stamp);
    QuicStreams.sendAll(s, 0, flags, message, 0, message.length);
  }

  /** A line on the stream. */
  private static String answer(QuicSocket s) throws QuicException {
    StringBuilder line = new StringBuilder();
    byte[] buf = new byte[MAX_ANSWER];
    QuicMsg msg = QuicMsg.plain();
    while (line.length() == 0 || line.charAt(line.length() - 1) != '\n') {
      msg.flags = 0;
      int n = s.recvmsg(msg, buf, 0, buf.length);
      if (msg.cmsg == QuicUapi.QUIC_STREAM_INFO) {
        line.append(new String(buf, 0, n, StandardCharsets.US_ASCII));
      }
    }
    return line.toString().strip();
  }
}
