package dev.quic.fuzz.tls;

import dev.quic.fuzz.Allocation;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.TlsEvent;
import dev.quic.handshaked.tls.session.TlsSession;
import java.util.ArrayList;
import java.util.List;

/** A handshake between two ends, message by message. */
final class Wire {
  /** Rounds after which a handshake counts as hanging. */
  private static final int MAX_ROUNDS = 50;

  /** One message on its way. */
  record Message(boolean fromClient, CryptoLevel level, byte[] bytes) {
    int type() {
      return bytes[0] & 0xff;
    }
  }

  /** What becomes of a message. */
  @FunctionalInterface
  interface Fate {
    List<Message> of(Message message);
  }

  private Wire() {}

  /** Runs until nobody has anything to say. */
  static void run(End client, End server, Fate fate) {
    for (int round = 0; round < MAX_ROUNDS; round++) {
      if (client.out.isEmpty() && server.out.isEmpty()) {
        return;
      }
      deliver(client, server, true, fate);
      deliver(server, client, false, fate);
    }
    throw new AssertionError("the handshake does not end");
  }

  private static void deliver(End from, End to, boolean fromClient, Fate fate) {
    for (TlsEvent.Crypto c = from.out.poll(); c != null; c = from.out.poll()) {
      for (Message m : fate.of(new Message(fromClient, c.level(), c.bytes()))) {
        to.receive(m.level, m.bytes);
      }
    }
  }

  /** The messages of an undisturbed handshake, which completes. */
  static List<Message> record(Mode mode) {
    List<Message> flight = new ArrayList<>();
    Allocation any = new Allocation(Long.MAX_VALUE);
    try (End client = new End(mode.client(), any);
        End server = new End(mode.server(), any)) {
      run(
          client,
          server,
          message -> {
            flight.add(message);
            return List.of(message);
          });
      if (!client.engine.isComplete() || !server.engine.isComplete()) {
        throw new AssertionError(mode + " does not work undisturbed");
      }
      checkAgree(client, server);
    }
    return List.copyOf(flight);
  }

  /** The session of an undisturbed handshake with a server that issues tickets. */
  static TlsSession session(Mode mode) {
    Allocation any = new Allocation(Long.MAX_VALUE);
    try (End client = new End(mode.client(), any);
        End server = new End(mode.server(), any)) {
      run(client, server, List::of);
      TlsSession session = client.session();
      if (session == null) {
        throw new AssertionError(mode + " made no session");
      }
      return session;
    }
  }

  /**
   * What must hold however a handshake was disturbed: an end that is complete has, in each
   * direction, the secret the other one has, if that got so far; two complete ends have all of
   * them, and export the same.
   */
  static void checkAgree(End client, End server) {
    boolean one = client.engine.isComplete() || server.engine.isComplete();
    boolean both = client.engine.isComplete() && server.engine.isComplete();
    for (String level : List.of("EARLY", "HANDSHAKE", "APP")) {
      for (String[] way : new String[][] {{" send", " recv"}, {" recv", " send"}}) {
        String a = client.secrets.get(level + way[0]);
        String b = server.secrets.get(level + way[1]);
        if (one && a != null && b != null && !a.equals(b)) {
          throw new AssertionError("complete, with differing secrets: " + level + way[0]);
        }
        if (both && !level.equals("EARLY") && (a == null || b == null)) {
          throw new AssertionError("complete, without a secret: " + level + way[0]);
        }
      }
    }
    if (both && !client.exported().equals(server.exported())) {
      throw new AssertionError("complete, with differing exporters");
    }
    if (both && client.earlyAccepted() != server.secrets.containsKey("EARLY recv")) {
      throw new AssertionError("complete, of two minds about early data");
    }
  }
}
