package dev.quic.resumption.client;

import dev.quic.dataplane.core.frame.TransportParamError;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.handshaked.tls.TlsAlert;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.handshaked.tls.TlsGroup;
import dev.quic.resumption.CaseResult;
import dev.quic.resumption.Report;
import dev.quic.resumption.Verdict;
import dev.quic.resumption.wire.Sight;
import dev.quic.resumption.wire.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Puts a server through the cases. One thread; blocks it. */
public final class ServerProbe {
  /** A protocol nobody speaks. */
  private static final String NO_PROTOCOL = "quic-ticket-probe";

  private static final Duration STALE = Duration.ofHours(1);
  private static final long SECOND = 1_000_000_000L;

  /** A case that does not come to its point. */
  private static final class Unable extends Exception {
    private static final long serialVersionUID = 1;

    private final Verdict verdict;

    Unable(Verdict verdict, String why) {
      super(why);
      this.verdict = verdict;
    }

    static Unable notRun(String why) {
      return new Unable(Verdict.NOT_RUN, why);
    }
  }

  record Finding(Verdict verdict, String seen) {
    static Finding of(boolean ok, String seen) {
      return new Finding(ok ? Verdict.OK : Verdict.FAILED, seen);
    }
  }

  private final ProbeConfig config;
  private boolean heard;
  private boolean silent;

  public ServerProbe(ProbeConfig config) {
    this.config = config;
  }

  /**
   * Runs cases in the given order.
   *
   * @param progress told each result as it comes
   */
  public Report run(Collection<Case> cases, Consumer<CaseResult> progress) throws IOException {
    List<CaseResult> results = new ArrayList<>();
    for (Case c : cases) {
      CaseResult result = run(c);
      results.add(result);
      progress.accept(result);
    }
    return new Report(config.name(), results);
  }

  private CaseResult run(Case c) throws IOException {
    Finding finding;
    try {
      if (silent) {
        throw Unable.notRun("the server does not answer");
      }
      finding = find(c);
    } catch (Unable e) {
      String why = e.getMessage();
      finding = new Finding(e.verdict, why == null ? "" : why);
    }
    return new CaseResult(c.text(), c.expected(), finding.seen, finding.verdict);
  }

  private Finding find(Case c) throws IOException, Unable {
    return switch (c) {
      case FULL -> full();
      case RESUMED -> resumed(fresh(), config.target(), config.limits());
      case RESUMED_AGAIN -> resumedAgain();
      case EARLY_ACCEPTED -> earlyAccepted(config.limits());
      case EARLY_UNREADABLE -> earlyUnreadable();
      case EARLY_STALE -> earlyStale();
      case EARLY_RETRIED -> earlyRetried();
      case EARLY_REJECTED -> earlyRejected(c);
      case REPLAYED -> replayed(config.target());
      case REPLAYED_ELSEWHERE -> replayed(other(config.shared(), "--shared"));
      case EXPIRED -> expired();
      case WRONG_SNI -> wrongName();
      case WRONG_ALPN -> wrongProtocol();
      case OTHER_ALPN -> otherProtocol();
      case PARAMS_RAISED -> earlyAccepted(raised());
      case PARAMS_LOWERED -> lowered(c);
      case KEY_PREVIOUS ->
          afterHook(c, session -> resumed(session, config.target(), config.limits()));
      case KEY_GONE -> afterHook(c, session -> notResumed(session, config.target(), false));
      case SHARED -> resumed(fresh(), other(config.shared(), "--shared"), config.limits());
      case UNSHARED -> notResumed(fresh(), other(config.unshared(), "--unshared"), true);
    };
  }

  // --- steps

  private Attempt.Result connect(
      Target target,
      TlsConfig.Client tls,
      TransportParams limits,
      @Nullable Session session,
      boolean early)
      throws IOException {
    Attempt.Result result = new Attempt(config, tls, limits, session, early).run(target);
    heard |= result.heard();
    // Later on a server may be gone for a while, as its owner restarts it.
    silent = !heard;
    return result;
  }

  private static Target other(@Nullable Target target, String option) throws Unable {
    if (target == null) {
      throw Unable.notRun("needs " + option);
    }
    return target;
  }

  /** A session of a new full handshake. */
  private Session fresh() throws IOException, Unable {
    Attempt.Result first = connect(config.target(), config.tls(), config.limits(), null, false);
    if (!first.sight().complete()) {
      throw new Unable(Verdict.FAILED, "no session to begin with: " + Words.of(first));
    }
    Session session = first.session();
    if (session == null) {
      throw new Unable(Verdict.FAILED, "no session to begin with: the server sent no ticket");
    }
    return session;
  }

  /** A session that allows early data, with a request to send early. */
  private Session freshForEarly() throws IOException, Unable {
    if (config.request() == null) {
      throw Unable.notRun("needs --request: there is nothing to send early");
    }
    Session session = fresh();
    if (!session.tls().earlyData()) {
      session.destroy();
      throw Unable.notRun("the server's tickets allow no early data");
    }
    return session;
  }

  @FunctionalInterface
  private interface Step {
    Finding take(Session session) throws IOException, Unable;
  }

  private Finding afterHook(Case c, Step step) throws IOException, Unable {
    return afterHook(c, fresh(), step);
  }

  private Finding afterHook(Case c, Session session, Step step) throws IOException, Unable {
    boolean prepared;
    try {
      prepared = config.cooperation().prepare(c.text());
    } catch (IOException e) {
      session.destroy();
      restoreAfter(e);
      throw e;
    }
    if (!prepared) {
      session.destroy();
      throw Unable.notRun(
          config.cooperation() == Cooperation.NONE ? "needs --hook" : "the hook cannot do this");
    }
    try {
      return step.take(session);
    } finally {
      config.cooperation().prepare(Cooperation.RESTORE);
    }
  }

  /** A hook that failed may have changed something before it did. */
  private void restoreAfter(IOException failure) {
    try {
      config.cooperation().prepare(Cooperation.RESTORE);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  // --- cases

  private Finding full() throws IOException {
    Attempt.Result r = connect(config.target(), config.tls(), config.limits(), null, false);
    boolean ok =
        r.well() && r.sight().certificate() && !r.sight().keySelected() && r.session() != null;
    forget(r);
    return Finding.of(ok, Words.of(r));
  }

  private Finding resumed(Session session, Target target, TransportParams limits)
      throws IOException {
    Attempt.Result r = spend(target, config.tls(), limits, session, false);
    return Finding.of(r.well() && isResumed(r.sight()), Words.of(r));
  }

  private Finding resumedAgain() throws IOException, Unable {
    Session first = fresh();
    Attempt.Result r = connect(config.target(), config.tls(), config.limits(), first, false);
    first.destroy();
    Session second = r.session();
    if (!isResumed(r.sight()) || second == null) {
      forget(r);
      return new Finding(Verdict.FAILED, "no second ticket: " + Words.of(r));
    }
    return resumed(second, config.target(), config.limits());
  }

  private Finding earlyAccepted(TransportParams limits) throws IOException, Unable {
    Session session = freshForEarly();
    Attempt.Result r = spend(config.target(), config.tls(), limits, session, true);
    Sight s = r.sight();
    boolean ok = r.well() && isResumed(s) && s.earlyAccepted() && kept(session, s);
    if (ok && s.earlyAcked() == 0) {
      return new Finding(Verdict.WARNING, Words.of(r) + "; accepted, but never read");
    }
    return Finding.of(ok, Words.of(r));
  }

  private Finding earlyUnreadable() throws IOException, Unable {
    Session session = freshForEarly();
    Attempt.Result r =
        spend(config.target(), config.tls(), config.limits(), session.damaged(), true);
    Sight s = r.sight();
    boolean refused = s.certificate() && !s.keySelected() && !s.earlyAccepted();
    return Finding.of(r.well() && s.earlySent() > 0 && refused, Words.of(r));
  }

  private Finding earlyStale() throws IOException, Unable {
    Session session = freshForEarly();
    Attempt.Result r =
        spend(config.target(), config.tls(), config.limits(), session.older(STALE), true);
    if (r.well() && r.sight().earlyAccepted()) {
      // A server whose tickets work once needs no clock (RFC 8446 section 8.1).
      return new Finding(Verdict.WARNING, Words.of(r) + "; fine if tickets work once");
    }
    return Finding.of(r.well() && !r.sight().earlyAccepted(), Words.of(r));
  }

  private Finding earlyRetried() throws IOException, Unable {
    for (TlsGroup group : TlsGroup.values()) {
      List<TlsGroup> order = new ArrayList<>(List.of(TlsGroup.values()));
      order.remove(group);
      order.addFirst(group);
      if (group.isHybrid()) {
        // Its share would come with a classic one.
        continue;
      }
      Session session = freshForEarly().groupless();
      TlsConfig.Client tls = config.tls().withGroups(order);
      Attempt.Result r = spend(config.target(), tls, config.limits(), session, true);
      Sight s = r.sight();
      if (s.helloRetry() || !s.complete()) {
        // One that does not ask and does not go on either has not learned to ask.
        return Finding.of(s.helloRetry() && r.well() && onlySent(s), Words.of(r));
      }
    }
    throw Unable.notRun("the server takes a key share of every group");
  }

  private Finding earlyRejected(Case c) throws IOException, Unable {
    return afterHook(
        c,
        freshForEarly(),
        session -> {
          Attempt.Result r = spend(config.target(), config.tls(), config.limits(), session, true);
          return Finding.of(r.well() && onlySent(r.sight()), Words.of(r));
        });
  }

  private Finding replayed(Target second) throws IOException, Unable {
    Session session = freshForEarly();
    Finding finding = new Replay(config, session).run(second);
    session.destroy();
    return finding;
  }

  private Finding expired() throws IOException, Unable {
    Session session = fresh();
    long life = session.tls().lifetimeSeconds();
    if (life <= config.longestWait().toSeconds()) {
      config.target().pause((life + 1) * SECOND);
      return notResumed(session.longLived(), config.target(), false);
    }
    if (config.cooperation() == Cooperation.NONE) {
      session.destroy();
      throw Unable.notRun("needs --hook, or --wait " + (life + 1));
    }
    return afterHook(Case.EXPIRED, session, s -> notResumed(s.longLived(), config.target(), false));
  }

  private Finding wrongName() throws IOException, Unable {
    Session session = fresh().named(config.otherName());
    TlsConfig.Client tls = config.tls().withVerify(false).withPeerName(config.otherName());
    Attempt.Result r = spend(config.target(), tls, config.limits(), session, true);
    Sight s = r.sight();
    if (s.keySelected()) {
      // RFC 8446 section 4.6.1 leaves the check of the name to the client, and section 4.2.10 does
      // not ask for it either.
      return new Finding(Verdict.WARNING, Words.of(r));
    }
    return Finding.of(s.complete() || wasRefused(s), Words.of(r));
  }

  private Finding wrongProtocol() throws IOException, Unable {
    Session session = fresh().speaking(NO_PROTOCOL);
    TlsConfig.Client tls = config.tls().withAlpn(List.of(NO_PROTOCOL));
    Attempt.Result r = spend(config.target(), tls, config.limits(), session, true);
    Sight.Close close = r.sight().close();
    // RFC 9001 section 8.1.
    boolean ok =
        close != null && close.byPeer() && close.alert() == TlsAlert.NO_APPLICATION_PROTOCOL;
    boolean refused = !r.sight().complete() && close != null && close.byPeer();
    Verdict verdict = ok ? Verdict.OK : refused ? Verdict.WARNING : Verdict.FAILED;
    return new Finding(verdict, Words.of(r));
  }

  private Finding otherProtocol() throws IOException, Unable {
    String alpn = config.otherAlpn();
    if (alpn == null) {
      throw Unable.notRun("needs --other-alpn");
    }
    Session session = freshForEarly().speaking(alpn);
    TlsConfig.Client tls = config.tls().withAlpn(List.of(alpn));
    Attempt.Result r = spend(config.target(), tls, config.limits(), session, true);
    // RFC 8446 section 4.2.10: a session may be resumed, early data may not be taken.
    return Finding.of(r.sight().complete() && onlySent(r.sight()), Words.of(r));
  }

  private TransportParams raised() {
    TransportParams more = config.limits().copySettings();
    more.maxData *= 2;
    more.maxStreamsBidi *= 2;
    more.activeConnIdLimit++;
    return more;
  }

  private Finding lowered(Case c) throws IOException, Unable {
    return afterHook(
        c,
        freshForEarly(),
        session -> {
          Attempt.Result r = spend(config.target(), config.tls(), config.limits(), session, true);
          if (r.well() && kept(session, r.sight())) {
            throw new Unable(Verdict.FAILED, "the hook lowered no limit: " + Words.of(r));
          }
          return Finding.of(r.well() && !r.sight().earlyAccepted(), Words.of(r));
        });
  }

  /** Offers a session, with early data if it can be, that must not be taken. */
  private Finding notResumed(Session session, Target target, boolean early) throws IOException {
    Attempt.Result r = spend(target, config.tls(), config.limits(), session, early);
    Sight s = r.sight();
    boolean ok = s.certificate() && !s.keySelected() && !s.earlyAccepted();
    return Finding.of(r.well() && s.sessionOffered() && ok, Words.of(r));
  }

  // --- what is seen

  static boolean isResumed(Sight s) {
    return s.keySelected() && !s.certificate();
  }

  private static boolean wasRefused(Sight s) {
    Sight.Close close = s.close();
    return close != null && close.byPeer();
  }

  /** RFC 9000 section 7.4.1. */
  private static boolean kept(Session session, Sight s) {
    TransportParams now = s.peerParameters();
    return now != null && now.checkNotLowered(session.limits()) == TransportParamError.NONE;
  }

  /** Early data left and nothing came of it: it is refused and not acknowledged. */
  private static boolean onlySent(Sight s) {
    return s.earlySent() > 0 && !s.earlyAccepted() && s.earlyAcked() == 0;
  }

  /** A connection that offers a session for the last time; what it brings is not used either. */
  private Attempt.Result spend(
      Target target, TlsConfig.Client tls, TransportParams limits, Session session, boolean early)
      throws IOException {
    Attempt.Result r = connect(target, tls, limits, session, early);
    session.destroy();
    forget(r);
    return r;
  }

  private static void forget(Attempt.Result result) {
    Session session = result.session();
    if (session != null) {
      session.destroy();
    }
  }
}
