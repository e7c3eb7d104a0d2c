package dev.quic.simnet;

import dev.quic.dataplane.core.event.EventSink;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes every event as one line. Sockets are numbered as they appear, since cookies are unique in
 * the whole process; nothing else depends on anything but the run, so the same seed gives the same
 * bytes.
 */
public final class EventLog {
  private final StringBuilder text = new StringBuilder();
  private final Map<Long, Integer> socks = new HashMap<>();

  /** The log so far. */
  public String text() {
    return text.toString();
  }

  /** Adds a line of the scenario's own. */
  public void note(long now, String line) {
    text.append(now - Sim.START).append(' ').append(line).append('\n');
  }

  /** A sink for one endpoint. */
  public EventSink sink(String endpoint) {
    return new Sink(endpoint);
  }

  private final class Sink implements EventSink {
    private final String endpoint;

    Sink(String endpoint) {
      this.endpoint = endpoint;
    }

    private void line(long now, long sock, String event, long... values) {
      Integer n = sock == 0 ? 0 : socks.computeIfAbsent(sock, k -> socks.size() + 1);
      text.append(now - Sim.START).append(' ').append(endpoint).append('#').append(n);
      text.append(' ').append(event);
      for (long v : values) {
        text.append(' ').append(v);
      }
      text.append('\n');
    }

    private static long bit(boolean b) {
      return b ? 1 : 0;
    }

    @Override
    public void packetSent(
        long now, long sock, int level, long pn, int bytes, boolean ackEliciting) {
      line(now, sock, "packet_sent", level, pn, bytes, bit(ackEliciting));
    }

    @Override
    public void packetReceived(long now, long sock, int level, long pn, int bytes) {
      line(now, sock, "packet_received", level, pn, bytes);
    }

    @Override
    public void packetLost(long now, long sock, int level, long pn, int bytes) {
      line(now, sock, "packet_lost", level, pn, bytes);
    }

    @Override
    public void packetDropped(long now, long sock, int reason, int bytes) {
      line(now, sock, "packet_dropped", reason, bytes);
    }

    @Override
    public void cryptoSent(long now, long sock, int level, long offset, int bytes) {
      line(now, sock, "crypto_sent", level, offset, bytes);
    }

    @Override
    public void cryptoReceived(long now, long sock, int level, long offset, int bytes) {
      line(now, sock, "crypto_received", level, offset, bytes);
    }

    @Override
    public void secretInstalled(long now, long sock, int level, boolean send, int cipher) {
      line(now, sock, "secret_installed", level, bit(send), cipher);
    }

    @Override
    public void secretDiscarded(long now, long sock, int level) {
      line(now, sock, "secret_discarded", level);
    }

    @Override
    public void stateChanged(long now, long sock, int from, int to) {
      line(now, sock, "state", from, to);
    }

    @Override
    public void recoveryUpdated(
        long now, long sock, long cwnd, long inFlight, long smoothedRttNs, long ssthresh) {
      line(now, sock, "recovery", cwnd, inFlight, smoothedRttNs, ssthresh);
    }

    @Override
    public void lossTimer(long now, long sock, int ptoCount) {
      line(now, sock, "loss_timer", ptoCount);
    }

    @Override
    public void closed(long now, long sock, boolean local, boolean application, long errorCode) {
      line(now, sock, "closed", bit(local), bit(application), errorCode);
    }

    @Override
    public void streamOpened(long now, long sock, long stream, boolean local) {
      line(now, sock, "stream_opened", stream, bit(local));
    }

    @Override
    public void ecnState(long now, long sock, int state) {
      line(now, sock, "ecn_state", state);
    }

    @Override
    public void mtuUpdated(long now, long sock, int old, int mtu, boolean done) {
      line(now, sock, "mtu", old, mtu, bit(done));
    }

    @Override
    public void pathValidated(long now, long sock, int path) {
      line(now, sock, "path_validated", path);
    }
  }
}
