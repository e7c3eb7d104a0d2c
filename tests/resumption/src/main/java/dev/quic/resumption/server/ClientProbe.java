package dev.quic.resumption.server;

import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.StrikeRegister;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.resumption.CaseResult;
import dev.quic.resumption.Report;
import dev.quic.resumption.Verdict;
import dev.quic.resumption.wire.Request;
import dev.quic.resumption.wire.WireConnection;
import dev.quic.resumption.wire.WireServer;
import java.net.SocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server that goes through a plan, one step for each connection of a client, and judges what the
 * client does with its sessions. One thread.
 */
public final class ClientProbe {
  private static final Duration ROTATION = Duration.ofHours(1);

  private final TlsConfig.Server base;
  private final List<Step> plan;
  private final TicketIssuer issuer;
  private final ShiftedClock tlsTime;
  private final ShiftedClock keyTime;
  private final Duration lifetime;
  private final Clock realTime;
  private final StrikeRegister guard =
      new StrikeRegister(StrikeRegister.DEFAULT_WINDOW, StrikeRegister.DEFAULT_ENTRIES);
  private final IssuedTickets issued;
  private final Consumer<CaseResult> progress;
  private final List<CaseResult> results = new ArrayList<>();
  private final WireServer server = new WireServer(this::next);
  private final List<Visit> visits = new ArrayList<>();
  private TransportParams limits = WireConnection.limits();
  private int begun;

  /**
   * @param base credentials and protocols, with the clock that tells the real time
   * @param plan at least one step
   * @param lifetime of the tickets
   * @param progress told each result as it comes
   */
  public ClientProbe(
      TlsConfig.Server base, List<Step> plan, Duration lifetime, Consumer<CaseResult> progress) {
    this.plan = List.copyOf(plan);
    this.lifetime = lifetime;
    this.progress = progress;
    this.realTime = base.clock();
    this.issued = new IssuedTickets();
    this.tlsTime = new ShiftedClock(base.clock());
    this.keyTime = new ShiftedClock(base.clock());
    this.issuer = TicketIssuer.of(RotatingTicketKeys.random(keyTime, ROTATION), lifetime);
    this.base = base.withClock(tlsTime).withTickets(issuer);
  }

  /** The server: to be given datagrams. */
  public WireServer server() {
    return server;
  }

  /** The plan is done. */
  public boolean done() {
    return results.size() >= plan.size();
  }

  /** The table so far; steps that no client came for are not run. */
  public Report report(String peer) {
    List<CaseResult> all = new ArrayList<>(results);
    for (int i = begun; i < plan.size(); i++) {
      Step step = plan.get(i);
      all.add(new CaseResult(name(i, step), step.expected(), "no client came", Verdict.NOT_RUN));
    }
    return new Report(peer, all);
  }

  private static String name(int number, Step step) {
    return (number + 1) + " " + step.text();
  }

  private WireServer.Setup next(SocketAddress from) {
    int number = begun++;
    // Who comes after the end of the plan is served, too.
    boolean planned = number < plan.size();
    Step step = planned ? plan.get(number) : Step.ACCEPT;
    switch (step) {
      case ROTATE -> keyTime.forward(ROTATION);
      case FORGET -> keyTime.forward(ROTATION.multipliedBy(2));
      case EXPIRE -> tlsTime.forward(lifetime);
      case LOWER -> {
        limits = limits.copySettings();
        limits.maxData /= 2;
      }
      case ACCEPT, REJECT -> {}
    }
    Visit visit = new Visit(number, step, planned);
    visits.add(visit);
    return visit;
  }

  /** One connection. */
  private final class Visit implements WireServer.Setup {
    private final int number;
    private final Step step;
    private final boolean planned;
    private final long begun = realTime.millis();
    private @Nullable WireConnection connection;
    private int early;
    private int late;

    Visit(int number, Step step, boolean planned) {
      this.number = number;
      this.step = step;
      this.planned = planned;
    }

    @Override
    public TlsConfig.Server tls() {
      return base.withEarlyData(step == Step.REJECT ? null : guard);
    }

    @Override
    public TransportParams limits() {
      return limits;
    }

    @Override
    public void begun(WireConnection own) {
      connection = own;
      Answers.prepare(base.alpn(), own);
    }

    @Override
    public byte[] answer(Request request) {
      if (request.early()) {
        early++;
      } else {
        late++;
      }
      return Answers.to(request);
    }

    @Override
    public void ended(WireConnection own) {
      // A client may use a ticket before it leaves the connection that it came from.
      for (Visit visit : visits) {
        visit.noteTickets();
      }
      visits.remove(this);
      CaseResult result =
          new Judgement(step, own, begun, early, late).result(name(number, step), issued);
      if (planned) {
        results.add(result);
        progress.accept(result);
      }
    }

    private void noteTickets() {
      if (connection != null) {
        issued.note(connection.sight(), begun);
      }
    }
  }

  /** A clock that can be put forward. */
  private static final class ShiftedClock extends Clock {
    private final Clock real;
    private Duration shift = Duration.ZERO;

    ShiftedClock(Clock real) {
      this.real = real;
    }

    void forward(Duration by) {
      shift = shift.plus(by);
    }

    @Override
    public ZoneId getZone() {
      return real.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return Clock.offset(real.withZone(zone), shift);
    }

    @Override
    public Instant instant() {
      return real.instant().plus(shift);
    }
  }
}
