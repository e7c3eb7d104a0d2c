package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.sim.Chart.Curve;
import dev.quic.simnet.Network;
import dev.quic.simnet.Node;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Draws window, round trip and goodput of one flow. With {@code -Dsim.pictures=docs/pictures} the
 * pictures are written there.
 */
class CongestionCurvesTest {
  private static final long ENDLESS = 1L << 40;
  private static final long IDLE = 10 * Sim.MINUTES;
  private static final long ONE_WAY = 25 * Sim.MILLIS;
  private static final int SECONDS = 30;
  private static final int SAMPLES_PER_SECOND = 5;
  private static final double KILO = 1_000;
  private static final double MEGA = 1_000_000;
  private static final String DIRECTORY = System.getProperty("sim.pictures", "");

  /** The sender's side. */
  private static final class Curves implements EventSink {
    final Curve window = new Curve("window");
    final Curve inFlight = new Curve("in flight");
    final Curve latest = new Curve("latest");
    final Curve smoothed = new Curve("smoothed");

    private static double seconds(long now) {
      return (now - Sim.START) / 1e9;
    }

    @Override
    public void recoveryUpdated(
        long now, long sock, long cwnd, long flight, long smoothedRttNs, long ssthresh) {
      window.add(seconds(now), cwnd / KILO);
      inFlight.add(seconds(now), flight / KILO);
    }

    @Override
    public void rttUpdated(long now, long sock, long last, long min, long srtt, long variance) {
      latest.add(seconds(now), last / MEGA);
      smoothed.add(seconds(now), srtt / MEGA);
    }
  }

  private static Peer peer(Sock s, boolean server) {
    return new Peer(
        s,
        new FakeTls(s, server, TlsScript.plain()),
        new Transfer(s, server, 1, server ? 0 : ENDLESS, server ? ENDLESS : 0, 1));
  }

  @ParameterizedTest
  @CsvSource({
    "reno,queue,0",
    "cubic,queue,0",
    "bbr,queue,0",
    "reno,loss,0.01",
    "cubic,loss,0.01",
    "bbr,loss,0.01"
  })
  void draws(String name, String what, double loss) throws Exception {
    long rate = 10_000_000;
    int queue = (int) (rate / 8 * 2 * ONE_WAY / Sim.SECONDS);
    Network network = Network.clean(ONE_WAY).withRate(rate, queue).withLoss(loss);
    Curves curves = new Curves();
    SplittableRandom r = new SplittableRandom(1);
    List<Node> there = network.nodes(r);
    List<Node> back = Network.clean(ONE_WAY).nodes(r);
    Pair pair = new Pair(1, there, back, curves, EventSink.NONE);
    pair.congestionControl(algorithm(name));
    pair.listen(IDLE, s -> peer(s, true));
    pair.connect(IDLE, s -> peer(s, false));
    Curve goodput = new Curve("stream bytes");
    long before = 0;
    for (int i = 0; i < SECONDS * SAMPLES_PER_SECOND; i++) {
      pair.sim().runFor(Sim.SECONDS / SAMPLES_PER_SECOND);
      long now = pair.accepted().isEmpty() ? 0 : pair.accepted().getFirst().transfer().received();
      double megabits = (now - before) * 8 * SAMPLES_PER_SECOND / MEGA;
      goodput.add((i + 1.0) / SAMPLES_PER_SECOND, megabits);
      before = now;
    }
    String title =
        name.toUpperCase(java.util.Locale.ROOT)
            + ": 10 Mbit/s, 50 ms, queue of one bandwidth-delay product"
            + (loss == 0 ? "" : ", " + loss * 100 + " % random loss");
    Chart chart = new Chart(title, SECONDS);
    chart.panel("kilobytes", curves.window, curves.inFlight);
    chart.panel("round trip, ms", curves.latest, curves.smoothed);
    chart.panel("goodput, Mbit/s", goodput);
    write("congestion-" + what + "-" + name + ".svg", chart.svg());
    assertThat(curves.window.points()).hasSizeGreaterThan(100);
    assertThat(before).isPositive();
  }

  private static int algorithm(String name) {
    return List.of("reno", "cubic", "bbr").indexOf(name) + QuicUapi.QUIC_CONG_ALG_RENO;
  }

  private static void write(String file, String svg) throws Exception {
    byte[] bytes = svg.getBytes(StandardCharsets.UTF_8);
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(bytes));
    if (!DIRECTORY.isEmpty()) {
      Path dir = Files.createDirectories(Path.of(DIRECTORY));
      Files.write(dir.resolve(file), bytes);
    }
  }
}
