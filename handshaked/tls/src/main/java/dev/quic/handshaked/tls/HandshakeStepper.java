package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.session.RotatingTicketKeys;
import dev.quic.handshaked.tls.session.SessionMaker;
import dev.quic.handshaked.tls.session.TicketIssuer;
import dev.quic.handshaked.tls.session.TlsSession;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One split handshake as a sequence of steps, in the order in which tlshd makes its calls: sans-IO,
 * so that a blocking driver, an event loop and a simulation use the same one. Confined to one
 * thread.
 */
public final class HandshakeStepper implements AutoCloseable {
  /** RFC 9001 section 4.8 has no alert for "not started"; this is the nearest. */
  private static final int NOT_STARTED = TlsAlert.INTERNAL_ERROR;

  /** Of tickets under a socket's own key. */
  private static final Duration SOCKET_TICKET_LIFETIME = Duration.ofHours(6);

  private final ArrayDeque<HandshakeStep> steps = new ArrayDeque<>();
  private TlsConfig config;
  private @Nullable TlsEngine engine;
  private @Nullable HandshakeStep last;
  private @Nullable RotatingTicketKeys socketKeys;
  private @Nullable TlsOutcome complete;
  private int ticketSeconds;
  private boolean ended;

  private HandshakeStepper(TlsConfig config) {
    this.config = config;
    steps.add(new HandshakeStep.Get(HandshakeStep.Option.ALPN));
    steps.add(new HandshakeStep.Get(ticketOption(config)));
    steps.add(new HandshakeStep.Get(HandshakeStep.Option.CONFIG));
    if (config instanceof TlsConfig.Client) {
      steps.add(new HandshakeStep.Get(HandshakeStep.Option.TRANSPORT_PARAMETERS));
    }
  }

  /** A server with an issuer of its own only wants to know of a key that somebody chose. */
  private static HandshakeStep.Option ticketOption(TlsConfig config) {
    return config instanceof TlsConfig.Server server && server.tickets() != null
        ? HandshakeStep.Option.SET_TICKET_KEY
        : HandshakeStep.Option.SESSION_TICKET;
  }

  /** The socket's ALPN and cipher type, when set, take precedence over the configuration's. */
  public static HandshakeStepper client(TlsConfig.Client config) {
    return new HandshakeStepper(config);
  }

  /** As {@link #client}; the socket's certificate_request does too. */
  public static HandshakeStepper server(TlsConfig.Server config) {
    return new HandshakeStepper(config);
  }

  /**
   * Goes on. The first call takes {@link HandshakeInput.Proceed}; after {@link HandshakeStep.Done}
   * or {@link HandshakeStep.Failed} the same step is returned for ever.
   *
   * @throws IllegalArgumentException when the input does not answer the last step
   */
  public HandshakeStep step(HandshakeInput input) {
    HandshakeStep previous = last;
    if (ended && previous != null) {
      return previous;
    }
    take(previous, input);
    HandshakeStep next = steps.poll();
    if (next == null) {
      next = new HandshakeStep.Receive();
    }
    last = next;
    if (next instanceof HandshakeStep.Done || next instanceof HandshakeStep.Failed) {
      ended = true;
      close();
    }
    return next;
  }

  private void take(@Nullable HandshakeStep previous, HandshakeInput input) {
    switch (input) {
      case HandshakeInput.Value value when previous instanceof HandshakeStep.Get get ->
          value(get.option(), value.bytes());
      case HandshakeInput.Value value when previous instanceof HandshakeStep.AwaitTicket ->
          ticketCame(value.bytes());
      case HandshakeInput.Received got when previous instanceof HandshakeStep.Receive -> {
        TlsEngine tls = running();
        tls.receive(got.level(), got.bytes(), 0, got.bytes().length);
        collect(tls);
      }
      case HandshakeInput.Proceed ignored
          when !(previous instanceof HandshakeStep.Get
              || previous instanceof HandshakeStep.AwaitTicket
              || previous instanceof HandshakeStep.Receive) -> {}
      default ->
          throw new IllegalArgumentException(
              input.getClass().getSimpleName() + " does not answer " + previous);
    }
  }

  private void value(HandshakeStep.Option option, byte[] value) {
    switch (option) {
      case ALPN -> {
        List<String> names = SocketOptions.alpnNames(value);
        if (!names.isEmpty()) {
          config = config.withAlpn(names);
        }
      }
      case SESSION_TICKET, SET_TICKET_KEY -> sessionTicket(value);
      case CONFIG -> socketConfig(value);
      case TRANSPORT_PARAMETERS -> transportParameters(value);
    }
  }

  /** A session of the client's, or the key the server's tickets are sealed with. */
  private void sessionTicket(byte[] value) {
    switch (config) {
      case TlsConfig.Client client when client.session() == null && value.length > 0 -> {
        TlsSession session = TlsSession.parse(value);
        Arrays.fill(value, (byte) 0);
        config = session == null ? client : client.withSession(session).withEarlyData(true);
      }
      case TlsConfig.Server server -> {
        // A key that the socket's owner set goes before the issuer's, as in the kernel.
        if (value.length >= RotatingTicketKeys.MIN_MASTER && server.psks() == null) {
          // The socket's key lasts as long as its listener: there is nothing to rotate to.
          RotatingTicketKeys keys =
              RotatingTicketKeys.ofMaster(value, server.clock(), TicketIssuer.MAX_LIFETIME);
          socketKeys = keys;
          config = server.withTickets(TicketIssuer.of(keys, SOCKET_TICKET_LIFETIME));
        } else if (server.tickets() == TicketIssuer.NONE) {
          config = server.withTickets(null);
        }
        Arrays.fill(value, (byte) 0);
      }
      default -> Arrays.fill(value, (byte) 0);
    }
  }

  private void socketConfig(byte[] value) {
    config = config.withQuicVersion(SocketOptions.configVersion(value));
    ticketSeconds = SocketOptions.configReceiveSessionTicket(value);
    int cipher = SocketOptions.configCipher(value);
    switch (cipher) {
      case 0 -> {}
      case 51, 52, 54 -> config = config.withCipher(cipher);
      default -> {
        refuse(SocketOptions.EOPNOTSUPP, "cipher type " + cipher + " is not supported");
        return;
      }
    }
    if (config instanceof TlsConfig.Server server) {
      server(server, SocketOptions.configCertificateRequest(value));
    }
  }

  private void server(TlsConfig.Server server, int certificateRequest) {
    TlsConfig.Server own = server;
    if (certificateRequest != 0) {
      if (server.trust() == null) {
        refuse(
            SocketOptions.ENOKEY,
            "the socket asks for client certificates but no trust store is configured");
        return;
      }
      TlsConfig.ClientAuth auth =
          certificateRequest == 1 ? TlsConfig.ClientAuth.REQUEST : TlsConfig.ClientAuth.REQUIRE;
      own = server.withClientAuth(auth, server.trust());
    }
    TlsEngine tls = TlsEngines.server(own);
    engine = tls;
    tls.start();
    collect(tls);
  }

  private void transportParameters(byte[] value) {
    TlsEngine tls = engine;
    if (config instanceof TlsConfig.Client client) {
      tls = TlsEngines.client(client, value);
      engine = tls;
      tls.start();
    } else {
      tls = running();
      tls.localTransportParameters(value);
    }
    collect(tls);
  }

  private void refuse(int status, String reason) {
    steps.clear();
    // A client has sent nothing yet, and says nothing.
    int alert = config instanceof TlsConfig.Client ? HandshakeResult.NO_ALERT : NOT_STARTED;
    steps.add(new HandshakeStep.Failed(status, alert, reason));
  }

  private void collect(TlsEngine tls) {
    List<TlsEvent> events = tls.drain();
    int lastCrypto = -1;
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof TlsEvent.Crypto) {
        lastCrypto = i;
      }
    }
    for (int i = 0; i < events.size(); i++) {
      add(events.get(i), i < lastCrypto);
    }
  }

  private void add(TlsEvent event, boolean more) {
    switch (event) {
      case TlsEvent.Crypto c -> steps.add(new HandshakeStep.Send(c.level(), c.bytes(), more));
      case TlsEvent.Secret s ->
          steps.add(new HandshakeStep.InstallSecret(s.level(), s.send(), s.cipher(), s.secret()));
      case TlsEvent.PeerTransportParameters p ->
          steps.add(new HandshakeStep.SetTransportParameters(p.body()));
      case TlsEvent.AlpnSelected a -> steps.add(new HandshakeStep.SetAlpn(a.alpn()));
      case TlsEvent.NeedLocalTransportParameters ignored ->
          steps.add(new HandshakeStep.Get(HandshakeStep.Option.TRANSPORT_PARAMETERS));
      case TlsEvent.EarlyData e -> steps.add(new HandshakeStep.SetEarlyData(e.accepted()));
      case TlsEvent.Complete c -> completed(c.outcome());
      case TlsEvent.Ticket ignored -> {
        // The socket keeps what comes after the handshake: it is asked for it there.
      }
      case TlsEvent.Alert a ->
          steps.add(new HandshakeStep.Failed(TlsAlert.status(a.alert()), a.alert(), a.reason()));
    }
  }

  private void completed(TlsOutcome outcome) {
    complete = outcome;
    if (outcome.sessions() != null && ticketSeconds > 0) {
      steps.add(new HandshakeStep.AwaitTicket(ticketSeconds * 1000));
    } else {
      steps.add(new HandshakeStep.Done(outcome));
    }
  }

  /** Replaces the raw ticket by a session, which the socket's owner keeps. */
  private void ticketCame(byte[] raw) {
    TlsOutcome outcome = complete;
    if (outcome == null) {
      throw new IllegalStateException("a ticket before the end of the handshake");
    }
    SessionMaker maker = outcome.sessions();
    TlsSession session = maker == null || raw.length == 0 ? null : maker.session(raw);
    byte[] blob = session == null ? null : session.encode();
    if (session != null) {
      session.destroy();
    }
    if (blob != null) {
      steps.add(new HandshakeStep.SetSession(blob));
    }
    steps.add(new HandshakeStep.Done(outcome));
  }

  private TlsEngine running() {
    TlsEngine tls = engine;
    if (tls == null) {
      throw new IllegalStateException("the handshake has not started");
    }
    return tls;
  }

  /** Wipes secrets that were not handed out. */
  @Override
  public void close() {
    for (HandshakeStep step : steps) {
      switch (step) {
        case HandshakeStep.InstallSecret install -> install.destroy();
        case HandshakeStep.SetSession session -> session.destroy();
        default -> {}
      }
    }
    steps.clear();
    TlsEngine tls = engine;
    if (tls != null) {
      tls.close();
    }
    RotatingTicketKeys keys = socketKeys;
    if (keys != null) {
      keys.destroy();
    }
    TlsOutcome outcome = complete;
    if (outcome != null && !(last instanceof HandshakeStep.Done)) {
      outcome.destroy();
    }
  }
}
