package dev.quic.fuzz.tls;

import dev.quic.fuzz.Allocation;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.TlsEvent;
import java.util.ArrayList;
import java.util.List;

/** A handshake between two ends, message by message. */
final class Wire {
  /** Rounds after which a handshake counts as hanging. */
  private static final int MAX_ROUNDS = 50;

  /** One message on its way. */
  record Message(boolean fromClient, CryptoLevel level, byte[] bytes) {}

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
    try (End client = new End(mode.client().get(), any);
        End server = new End(mode.server().get(), any)) {
      run(
          client,
          server,
          message -> {
            flight.add(message);
            return List.of(message);
          });
      if (!agree(client, server)) {
        throw new AssertionError(mode + " does not work undisturbed");
      }
    }
    return List.copyOf(flight);
  }

  /** Whether both are complete with each end's sending secrets the other's receiving ones. */
  static boolean agree(End client, End server) {
    if (!client.engine.isComplete() || !server.engine.isComplete()) {
      return false;
    }
    for (String level : List.of("HANDSHAKE", "APP")) {
      for (String[] way : new String[][] {{" send", " recv"}, {" recv", " send"}}) {
        String a = client.secrets.get(level + way[0]);
        if (a == null || !a.equals(server.secrets.get(level + way[1]))) {
          return false;
        }
      }
    }
    return true;
  }
}
