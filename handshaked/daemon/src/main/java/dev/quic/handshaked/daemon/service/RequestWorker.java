package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.daemon.config.ConfigSource;
import dev.quic.handshaked.daemon.config.DaemonConfig;
import dev.quic.handshaked.daemon.config.LimitSettings;
import dev.quic.handshaked.daemon.log.DaemonLog;
import dev.quic.handshaked.daemon.log.RareWarning;
import dev.quic.handshaked.daemon.trace.CallTrace;
import dev.quic.handshaked.tls.HandshakeDriver;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.handshaked.tls.HandshakeResult;
import dev.quic.handshaked.tls.HandshakeTrace;
import dev.quic.handshaked.tls.cert.CredentialException;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The work on one request: takes it, runs its handshake, reports the end, and gives the grant back
 * whatever happens. Stateless; any number of threads.
 */
public final class RequestWorker {
  /** Time for a handshake whose consumer named none: what GnuTLS, and so tlshd, allows. */
  public static final long DEFAULT_TIMEOUT_MS = 40_000;

  /** Longest time a consumer can ask for. */
  public static final long MAX_TIMEOUT_MS = 3_600_000;

  private static final byte[] NO_BINDING = {};

  private final ConfigSource config;
  private final TlsPolicy policy;
  private final SharedTls shared;
  private final SessionTags tags;
  private final ReverseLookup names;
  private final CallTrace trace;
  private final DaemonLog log;
  private final RareWarning refusals;
  private final Endings endings = new Endings();
  private final PeerGate<Taken> gate =
      new PeerGate<>(LimitSettings.DEFAULT_PER_PEER, LimitSettings.DEFAULT_QUEUE);

  /** Without session tags, tickets of the daemon's own, or anything else that requests share. */
  public RequestWorker(
      ConfigSource config, TlsPolicy policy, ReverseLookup names, CallTrace trace, DaemonLog log) {
    this(config, policy, new SharedTls(log), SessionTags.NONE, names, trace, log);
  }

  public RequestWorker(
      ConfigSource config,
      TlsPolicy policy,
      SharedTls shared,
      SessionTags tags,
      ReverseLookup names,
      CallTrace trace,
      DaemonLog log) {
    this.config = config;
    this.policy = policy;
    this.shared = shared;
    this.tags = tags;
    this.names = names;
    this.trace = trace;
    this.log = log;
    this.refusals = new RareWarning(log, System::nanoTime);
  }

  /** Sets the limits for each peer; requests that were admitted stay so. Any thread. */
  public void limits(LimitSettings limits) {
    gate.limits(limits.perPeer(), limits.queue());
  }

  /** Logs what refusals were not logged yet; to be called about once a second. */
  public void flushRefusals() {
    refusals.flush();
  }

  /**
   * Waits for the answers to ended requests. Before the process ends, and when no more requests are
   * served.
   *
   * @return whether they came within the time
   */
  public boolean finish(Duration limit) {
    return endings.finish(limit);
  }

  /** Requests refused because their peer had too many. */
  public long refused() {
    return refusals.total();
  }

  /** Takes the next request of a connection, if there is one, and finishes it. Never throws. */
  public void serveOne(Bus bus) {
    HandshakeRequest request;
    try {
      request = bus.accept();
    } catch (IOException e) {
      log.warn("ACCEPT failed: " + e.getMessage());
      return;
    }
    if (request == null) {
      log.debug("ACCEPT: no request left, another daemon has it");
      return;
    }
    try {
      admit(bus, request, System.nanoTime());
    } catch (RuntimeException | Error e) {
      request.grant().close();
      defect(e);
    }
  }

  private void defect(Throwable e) {
    log.defect("a request's worker failed: a defect", e);
    if (e instanceof VirtualMachineError fatal) {
      throw fatal;
    }
  }

  /**
   * A request that is ours to end.
   *
   * @param start when it was accepted, from which its timeout counts
   */
  private record Taken(Bus bus, HandshakeRequest request, InetSocketAddress address, long start) {
    long deadline() {
      long timeoutMs = request.timeoutMs() > 0 ? request.timeoutMs() : DEFAULT_TIMEOUT_MS;
      return start + TimeUnit.MILLISECONDS.toNanos(Math.min(timeoutMs, MAX_TIMEOUT_MS));
    }
  }

  /** Works on a request now, or leaves it to the worker that ends one of the same peer. */
  private void admit(Bus bus, HandshakeRequest request, long start) {
    trace.call(start, request.grant().number(), "accept", null, role(request), 0);
    InetSocketAddress address;
    try {
      address = getpeername(request.grant());
    } catch (IOException e) {
      int status = e instanceof HandshakePortException port ? port.errno() : Errno.EIO;
      String peer = request.peername() == null ? "unknown peer" : request.peername();
      end(bus, request, failed(peer, status, reason(e)));
      return;
    }
    Taken taken = new Taken(bus, request, address, start);
    PeerKey key = PeerKey.of(address);
    switch (gate.enter(key, taken)) {
      case RUN -> {
        VirtualMachineError fatal = null;
        Taken next = taken;
        while (next != null) {
          try {
            serve(next);
          } catch (VirtualMachineError e) {
            // Those of the same peer that wait have nobody else.
            fatal = e;
          }
          next = gate.leave(key);
        }
        if (fatal != null) {
          throw fatal;
        }
      }
      case WAIT ->
          log.debug("a request of " + label(taken.request, taken.address) + " has to wait");
      case REFUSE -> refuse(taken);
    }
  }

  private void refuse(Taken taken) {
    try (Grant grant = taken.request.grant()) {
      refusals.warn(
          role(taken.request)
              + " handshake with "
              + label(taken.request, taken.address)
              + " refused: too many with that address are under way (EAGAIN)");
      done(taken.bus, taken.request, failed("", Errno.EAGAIN, ""));
      traceDone(taken.request, Errno.EAGAIN);
    } catch (IOException e) {
      log.debug("DONE of a refused request was not taken: " + e.getMessage());
    }
  }

  /** Throws a VirtualMachineError only. */
  private void serve(Taken taken) {
    try {
      DaemonConfig snapshot = config.current();
      Outcome outcome = handshake(taken, snapshot);
      delay(snapshot.delayDoneSeconds());
      end(taken.bus, taken.request, outcome);
    } catch (RuntimeException | Error e) {
      taken.request.grant().close();
      defect(e);
    }
  }

  /** Never throws. What a success is answered with is looked at later: nobody waits for it. */
  private void end(Bus bus, HandshakeRequest request, Outcome outcome) {
    if (outcome.status != 0) {
      conclude(bus, request, outcome, () -> done(bus, request, outcome));
      return;
    }
    Bus.Ending answer;
    try {
      answer = bus.tell(request, 0, outcome.peerIds, outcome.tags, outcome.binding);
    } catch (IOException e) {
      answer =
          () -> {
            throw e;
          };
    }
    Bus.Ending told = answer;
    if (told == Bus.Ending.ANSWERED) {
      conclude(bus, request, outcome, told);
    } else {
      endings.add(() -> conclude(bus, request, outcome, told));
    }
  }

  private void conclude(Bus bus, HandshakeRequest request, Outcome outcome, Bus.Ending ending) {
    try (Grant grant = request.grant()) {
      report(bus, request, outcome, ending);
    } catch (RuntimeException | Error e) {
      defect(e);
    }
  }

  /**
   * How a request ended.
   *
   * @param peer name or address for the log
   * @param alert the TLS alert that says why, negative for none
   * @param reason why it failed; after a success, what is worth saying of it
   */
  private record Outcome(
      String peer,
      int status,
      int alert,
      String reason,
      List<Integer> peerIds,
      List<String> tags,
      byte[] binding) {
    static Outcome failed(String peer, int status, int alert, String reason) {
      return new Outcome(peer, status, alert, reason, List.of(), List.of(), NO_BINDING);
    }
  }

  private Outcome handshake(Taken taken, DaemonConfig snapshot) {
    HandshakeRequest request = taken.request;
    long deadline = taken.deadline();
    InetSocketAddress address = taken.address;
    String peer = label(request, address);
    try {
      if (System.nanoTime() - deadline >= 0) {
        return failed(peer, Errno.ETIMEDOUT, "its time was over before its turn came");
      }
      int protocol = request.grant().protocol();
      trace.call(System.nanoTime(), request.grant().number(), "getsockopt", null, "SO_PROTOCOL", 4);
      if (protocol != QuicUapi.IPPROTO_QUIC) {
        return failed(
            peer, Errno.EOPNOTSUPP, "the socket's protocol is " + protocol + ", not QUIC");
      }
      TlsPolicy.Refusal refusal = policy.refusal(request);
      if (refusal != null) {
        return failed(peer, refusal.status(), refusal.reason());
      }
      try (RequestKeys keys = policy.keys(request, snapshot)) {
        return drive(request, snapshot, keys, peer, address, deadline);
      }
    } catch (HandshakePortException e) {
      return failed(peer, e.errno(), reason(e));
    } catch (CredentialException e) {
      return failed(peer, e.status(), reason(e));
    } catch (IOException e) {
      return failed(peer, Errno.EIO, reason(e));
    } catch (RuntimeException e) {
      // Nothing a peer sends should lead here; the consumer gets its answer all the same.
      log.defect("handshake with " + peer + ": a defect", e);
      return failed(peer, Errno.EIO, "a defect of the handshake daemon");
    }
  }

  private Outcome drive(
      HandshakeRequest request,
      DaemonConfig snapshot,
      RequestKeys keys,
      String peer,
      InetSocketAddress address,
      long deadline)
      throws IOException {
    Grant port = request.grant();
    HandshakeTrace driverTrace = driverTrace(port.number());
    HandshakeResult result;
    if (request.messageType() == HandshakeRequest.CLIENT_HELLO) {
      String name = request.peername();
      if (name == null && request.authMode() == HandshakeRequest.AUTH_X509) {
        name = names.nameOf(address.getAddress());
        if (name == null) {
          return failed(
              peer,
              Errno.EACCES,
              "the consumer gave no peer name and the address has none to check against");
        }
      }
      String checked = name;
      result =
          HandshakeDriver.client(
              port,
              () -> shared.client(policy.client(request, snapshot, checked, keys)),
              deadline,
              driverTrace);
    } else {
      result =
          HandshakeDriver.server(
              port,
              () -> shared.server(policy.server(request, snapshot, keys)),
              deadline,
              driverTrace);
    }
    try {
      return ended(request, snapshot, keys, peer, result);
    } finally {
      result.destroy();
    }
  }

  private Outcome ended(
      HandshakeRequest request,
      DaemonConfig snapshot,
      RequestKeys keys,
      String peer,
      HandshakeResult result) {
    CredentialException fault = keys.fault();
    if (!result.ok() && fault != null) {
      return Outcome.failed(peer, fault.status(), result.alert(), reason(fault));
    }
    if (!result.ok()) {
      return Outcome.failed(peer, result.status(), result.alert(), result.reason());
    }
    Grant port = request.grant();
    TlsPolicy.Refusal revoked = policy.revocation(request, snapshot, result);
    if (revoked != null) {
      policy.closeWith(port, TlsPolicy.ALERT_CERTIFICATE_REVOKED);
      return failed(peer, revoked.status(), revoked.reason());
    }
    byte[] binding = result.channelBinding();
    // Nobody looked at the certificate of an anonymous handshake.
    boolean verified = request.authMode() == HandshakeRequest.AUTH_X509;
    return new Outcome(
        peer,
        0,
        HandshakeResult.NO_ALERT,
        result.earlyDataAccepted() ? " (0-RTT)" : result.resumed() ? " (resumed)" : "",
        peerIds(request, keys, peer, result),
        verified ? tags.of(result.peerCertificates()) : List.of(),
        binding == null ? NO_BINDING : binding);
  }

  /** Without a key that stands for the peer a handshake is as good. */
  private List<Integer> peerIds(
      HandshakeRequest request, RequestKeys keys, String peer, HandshakeResult result) {
    String name = request.peername();
    try {
      return policy.peerIds(request, result, keys, name == null ? peer : name);
    } catch (CredentialException e) {
      log.debug("no key stands for " + peer + ": " + reason(e));
      return List.of();
    }
  }

  private InetSocketAddress getpeername(Grant grant) throws IOException {
    InetSocketAddress address = grant.getpeername();
    trace.call(System.nanoTime(), grant.number(), "getpeername", null, "", 0);
    return address;
  }

  private HandshakeTrace driverTrace(long sock) {
    if (trace == CallTrace.NONE) {
      return HandshakeTrace.NONE;
    }
    return (nanoTime, call, level, bytes, detail) -> {
      // The end of the driver is not a call of the socket: DONE follows with its own line.
      if (!call.equals("done") && !call.equals("failed")) {
        String name = level == null ? null : level.name().toLowerCase(Locale.ROOT);
        trace.call(nanoTime, sock, call, name, detail, bytes);
      }
    };
  }

  private static Outcome failed(String peer, int status, String reason) {
    return Outcome.failed(peer, status, HandshakeResult.NO_ALERT, reason);
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  private static String label(HandshakeRequest request, InetSocketAddress address) {
    String where = address.getAddress() == null ? "?" : address.getAddress().getHostAddress();
    return request.peername() == null
        ? where + " port " + address.getPort()
        : "'" + request.peername() + "' (" + where + ")";
  }

  private static String role(HandshakeRequest request) {
    return switch (request.messageType()) {
      case HandshakeRequest.CLIENT_HELLO -> "client";
      case HandshakeRequest.SERVER_HELLO -> "server";
      default -> "type " + request.messageType();
    };
  }

  private static void delay(int seconds) {
    try {
      TimeUnit.SECONDS.sleep(seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void report(Bus bus, HandshakeRequest request, Outcome outcome, Bus.Ending ending) {
    Outcome told = outcome;
    IOException refused = null;
    try {
      ending.await();
      traceDone(request, told.status);
    } catch (HandshakePortException e) {
      told = told.status == 0 ? failed(told.peer, e.errno(), reason(e)) : told;
      refused = again(bus, request, told);
    } catch (IOException e) {
      refused = e;
    }
    String line = role(request) + " handshake with " + told.peer;
    if (told.status == 0) {
      String tagged = told.tags.isEmpty() ? "" : ", tags " + String.join(", ", told.tags);
      log.info(line + " succeeded" + told.reason + tagged);
    } else {
      String alert = told.alert < 0 ? "" : ", alert " + told.alert;
      String status = Errno.name(told.status) + alert;
      log.warn(line + " failed: " + told.reason + " (" + status + ")");
    }
    if (refused != null) {
      log.warn(line + ": DONE was not taken: " + reason(refused));
    }
  }

  /** DONE after a call before it failed; returns why it was not taken, if it was not. */
  private @Nullable IOException again(Bus bus, HandshakeRequest request, Outcome outcome) {
    try {
      done(bus, request, outcome);
      traceDone(request, outcome.status);
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  private void done(Bus bus, HandshakeRequest request, Outcome outcome) throws IOException {
    bus.done(request, outcome.status, outcome.peerIds, outcome.tags, outcome.binding);
  }

  private void traceDone(HandshakeRequest request, int status) {
    String name = status == 0 ? "OK" : Errno.name(status);
    trace.call(System.nanoTime(), request.grant().number(), "done", null, name, 0);
  }
}
