package dev.quic.resumption.client;

import dev.quic.resumption.Verdict;
import dev.quic.resumption.wire.FlightEcho;
import dev.quic.resumption.wire.Sight;
import dev.quic.resumption.wire.Target;
import dev.quic.resumption.wire.TlsMessage;
import dev.quic.resumption.wire.Wire;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The same first flight from two ports. The first time nobody completes the handshake: of what the
 * server answers only the ServerHello can be read, which is what somebody on the network could do
 * with a copy. The second time, from another port, the probe goes on and sees everything: a server
 * that takes the early data now has taken it twice.
 */
final class Replay {
  private static final long LISTEN = 1_000_000_000L;

  private final ProbeConfig config;
  private final Session session;

  Replay(ProbeConfig config, Session session) {
    this.config = config;
    this.session = session;
  }

  ServerProbe.Finding run(Target second) throws IOException {
    Attempt attempt = new Attempt(config, config.tls(), config.limits(), session.tokenless(), true);
    List<byte[]> flight;
    FlightEcho echo;
    try (Wire wire = config.target().open()) {
      flight = attempt.firstFlight(wire);
      echo = new FlightEcho(flight);
      for (byte[] datagram : flight) {
        wire.send(datagram);
      }
      listen(wire, echo);
      wire.send(echo.closing());
    }
    Attempt.Result r = attempt.run(second, flight);
    Session next = r.session();
    if (next != null) {
      next.destroy();
    }
    return judge(echo, r);
  }

  private static void listen(Wire wire, FlightEcho echo) throws IOException {
    long limit = wire.now() + LISTEN;
    while (echo.serverHello() == null && !echo.closed() && !echo.retry()) {
      byte[] datagram = wire.receive(limit);
      if (datagram == null) {
        return;
      }
      echo.answer(datagram);
    }
  }

  private static ServerProbe.Finding judge(FlightEcho echo, Attempt.Result r) {
    Sight s = r.sight();
    String seen =
        "first: "
            + (echo.retry()
                ? "Retry"
                : echo.serverHello() == null
                    ? "no ServerHello"
                    : echo.keySelected() ? "pre_shared_key" : "no pre_shared_key")
            + "; copy: "
            + Words.of(r);
    if (sameConnection(echo.serverHello(), s)) {
      return new ServerProbe.Finding(
          r.well() ? Verdict.OK : Verdict.FAILED, seen + " (both reached one connection)");
    }
    if (!echo.keySelected() && s.earlyAccepted()) {
      // The first was not looked at: nothing was taken twice, and nothing was shown either.
      return new ServerProbe.Finding(Verdict.NOT_RUN, "the first flight was ignored; " + seen);
    }
    return new ServerProbe.Finding(
        r.well() && !s.earlyAccepted() && s.earlySent() > 0 ? Verdict.OK : Verdict.FAILED, seen);
  }

  /** The server may have seen one client that moved. */
  private static boolean sameConnection(@Nullable TlsMessage hello, Sight s) {
    return hello != null
        && s.messages().stream()
            .anyMatch(m ->
                m.type() == TlsMessage.SERVER_HELLO && Arrays.equals(m.bytes(), hello.bytes()));
  }
}
