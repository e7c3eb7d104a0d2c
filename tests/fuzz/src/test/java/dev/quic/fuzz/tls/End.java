package dev.quic.fuzz.tls;

import dev.quic.fuzz.Allocation;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.TlsEngine;
import dev.quic.handshaked.tls.TlsEvent;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One engine under test: what it said, and whether it keeps the rules of an engine. */
final class End implements AutoCloseable {
  final TlsEngine engine;
  final ArrayDeque<TlsEvent.Crypto> out = new ArrayDeque<>();
  final Map<String, String> secrets = new TreeMap<>();
  private final Allocation allocation;
  private TlsEvent.@Nullable Alert alert;
  private boolean completeEvent;

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
    for (List<TlsEvent> events = engine.drain(); !events.isEmpty(); events = engine.drain()) {
      for (TlsEvent event : events) {
        if (alert != null) {
          throw new AssertionError(event + " after " + alert);
        }
        take(event);
      }
    }
    if (engine.isComplete() != completeEvent && alert == null) {
      throw new AssertionError("complete: " + engine.isComplete() + ", said: " + completeEvent);
    }
  }

  private void take(TlsEvent event) {
    switch (event) {
      case TlsEvent.Crypto crypto -> out.add(crypto);
      case TlsEvent.Secret secret ->
          secrets.put(
              secret.level() + (secret.send() ? " send" : " recv"),
              secret.cipher() + " " + HexFormat.of().formatHex(secret.secret()));
      case TlsEvent.NeedLocalTransportParameters ignored ->
          allocation.measure(() -> engine.localTransportParameters(Mode.SERVER_PARAMETERS));
      case TlsEvent.Complete ignored -> completeEvent = true;
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

  @Override
  public void close() {
    engine.close();
    if (!engine.drain().isEmpty()) {
      throw new AssertionError("events after close");
    }
  }
}
