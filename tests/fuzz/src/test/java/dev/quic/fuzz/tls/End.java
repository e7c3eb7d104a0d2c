package dev.quic.fuzz.tls;

import dev.quic.fuzz.Allocation;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.TlsOutcome;
import dev.quic.handshaked.tls.session.SessionMaker;
import dev.quic.handshaked.tls.session.TlsSession;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One engine under test: what it said, and whether it keeps the rules of an engine. */
final class End implements AutoCloseable {
  /** Events an engine may have for what came at once; one more and it would never end. */
  private static final int MAX_EVENTS = 100;

  final TlsEngine engine;
  final ArrayDeque<TlsEvent.Crypto> out = new ArrayDeque<>();
  final Map<String, String> secrets = new TreeMap<>();
  private final Allocation allocation;
  private TlsEvent.@Nullable Alert alert;
  private @Nullable TlsOutcome outcome;
  private byte @Nullable [] ticket;
  private boolean earlyAccepted;
  private int events;

  End(TlsEngine engine, Allocation allocation) {
    this.engine = engine;
    this.allocation = allocation;
    allocation.measure(engine::start);
    drain();
  }

  void receive(CryptoLevel level, byte[] bytes) {
    receive(level, bytes, 0, bytes.length);
  }

  void receive(CryptoLevel level, byte[] bytes, int off, int len) {
    allocation.measure(() -> engine.receive(level, bytes, off, len));
    drain();
  }

  private void drain() {
    events = 0;
    for (List<TlsEvent> some = engine.drain(); !some.isEmpty(); some = engine.drain()) {
      for (TlsEvent event : some) {
        if (alert != null) {
          throw new AssertionError(event + " after " + alert);
        }
        if (++events > MAX_EVENTS) {
          throw new AssertionError("events without end, last " + event);
        }
        take(event);
      }
    }
    if (engine.isComplete() != (outcome != null) && alert == null) {
      throw new AssertionError("complete: " + engine.isComplete() + ", said: " + outcome);
    }
  }

  private void take(TlsEvent event) {
    switch (event) {
      case TlsEvent.Crypto crypto -> out.add(crypto);
      case TlsEvent.Secret secret -> {
        String name = secret.level() + (secret.send() ? " send" : " recv");
        String value = secret.cipher() + " " + HexFormat.of().formatHex(secret.secret());
        if (secrets.put(name, value) != null) {
          throw new AssertionError("a second secret: " + name);
        }
      }
      case TlsEvent.NeedLocalTransportParameters ignored ->
          allocation.measure(() -> engine.localTransportParameters(Mode.SERVER_PARAMETERS));
      case TlsEvent.Complete done -> outcome = done.outcome();
      case TlsEvent.EarlyData said -> earlyAccepted = said.accepted();
      case TlsEvent.Ticket came -> ticket = came.raw();
      case TlsEvent.Alert said -> check(said);
      default -> {}
    }
  }

  private void check(TlsEvent.Alert said) {
    alert = said;
    boolean named = !said.reason().isBlank() && !said.reason().contains("\n");
    // 80 would be internal_error: a peer's message is the peer's fault.
    if (said.alert() < 1 || said.alert() > 255 || said.alert() == 80 || !named) {
      throw new AssertionError("a bad alert: " + said);
    }
    if (engine.isComplete()) {
      throw new AssertionError("complete in spite of " + said);
    }
  }

  boolean refused() {
    return alert != null;
  }

  boolean earlyAccepted() {
    return earlyAccepted;
  }

  /** A client's session of the last ticket, null without one that can be used. */
  @Nullable TlsSession session() {
    TlsOutcome done = outcome;
    byte[] raw = ticket;
    SessionMaker maker = done == null ? null : done.sessions();
    return maker == null || raw == null ? null : maker.session(raw);
  }

  /** What a complete handshake exports, in hex. */
  String exported() {
    TlsOutcome done = outcome;
    return done == null ? "" : HexFormat.of().formatHex(done.exporter().channelBinding());
  }

  @Override
  public void close() {
    engine.close();
    if (!engine.drain().isEmpty()) {
      throw new AssertionError("events after close");
    }
  }
}
