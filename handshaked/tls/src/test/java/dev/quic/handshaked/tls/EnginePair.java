package dev.quic.handshaked.tls;

import dev.quic.handshaked.tls.session.SessionMaker;
import dev.quic.handshaked.tls.session.TlsSession;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Two engines and the wire between them: no threads, no time. */
public final class EnginePair implements AutoCloseable {
  /** Rounds after which a handshake counts as hanging. */
  private static final int MAX_ROUNDS = 50;

  /** One end: its engine and all it has said. */
  public static final class End {
    public final TlsEngine engine;
    public final List<TlsEvent> events = new ArrayList<>();
    public final Map<String, String> secrets = new TreeMap<>();
    private final ArrayDeque<TlsEvent.Crypto> out = new ArrayDeque<>();

    End(TlsEngine engine) {
      this.engine = engine;
    }

    /** The first event of a kind, which must be there. */
    public <T extends TlsEvent> T first(Class<T> type) {
      return events.stream()
          .filter(type::isInstance)
          .map(type::cast)
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " in " + events));
    }

    /** What the complete handshake agreed on. */
    public TlsOutcome outcome() {
      return first(TlsEvent.Complete.class).outcome();
    }

    /** Whether this end sent a handshake message of a type. */
    public boolean sent(int type) {
      return events.stream()
          .anyMatch(e -> e instanceof TlsEvent.Crypto c && (c.bytes()[0] & 0xff) == type);
    }

    public boolean has(Class<? extends TlsEvent> type) {
      return events.stream().anyMatch(type::isInstance);
    }

    public TlsEvent.@Nullable Alert alert() {
      return has(TlsEvent.Alert.class) ? first(TlsEvent.Alert.class) : null;
    }
  }

  public final End client;
  public final End server;
  private final int piece;
  private final Function<TlsEvent.Crypto, List<TlsEvent.Crypto>> wire;

  public EnginePair(TlsConfig.Client client, TlsConfig.Server server) {
    this(client, server, Integer.MAX_VALUE, List::of);
  }

  /**
   * @param piece bytes handed to an engine at once
   * @param wire what becomes of a message on its way
   */
  public EnginePair(
      TlsConfig.Client client,
      TlsConfig.Server server,
      int piece,
      Function<TlsEvent.Crypto, List<TlsEvent.Crypto>> wire) {
    this(TlsEngines.client(client, clientParameters()), TlsEngines.server(server), piece, wire);
  }

  public EnginePair(
      TlsEngine client,
      TlsEngine server,
      int piece,
      Function<TlsEvent.Crypto, List<TlsEvent.Crypto>> wire) {
    this.client = new End(client);
    this.server = new End(server);
    this.piece = piece;
    this.wire = wire;
  }

  /** A body of the extension; engines do not look into it. */
  public static byte[] clientParameters() {
    return new byte[] {0x01, 0x02, 0x67, 0x10};
  }

  public static byte[] serverParameters() {
    return new byte[] {0x04, 0x01, 0x20};
  }

  /** Runs until nobody has anything to say. */
  public EnginePair run() {
    client.engine.start();
    server.engine.start();
    for (int round = 0; round < MAX_ROUNDS; round++) {
      drain(client);
      drain(server);
      if (client.out.isEmpty() && server.out.isEmpty()) {
        return this;
      }
      deliver(client, server);
      deliver(server, client);
    }
    throw new AssertionError("the handshake does not end");
  }

  private static void drain(End end) {
    for (boolean more = true; more; ) {
      more = false;
      for (TlsEvent event : end.engine.drain()) {
        end.events.add(event);
        switch (event) {
          case TlsEvent.Crypto crypto -> end.out.add(crypto);
          case TlsEvent.Secret secret ->
              end.secrets.put(
                  secret.level() + (secret.send() ? " send" : " recv"),
                  secret.cipher() + " " + HexFormat.of().formatHex(secret.secret()));
          case TlsEvent.NeedLocalTransportParameters ignored -> {
            end.engine.localTransportParameters(serverParameters());
            more = true;
          }
          default -> {}
        }
      }
    }
  }

  private void deliver(End from, End to) {
    while (!from.out.isEmpty()) {
      for (TlsEvent.Crypto crypto : wire.apply(from.out.poll())) {
        byte[] bytes = crypto.bytes();
        for (int off = 0, len; off < bytes.length; off += len) {
          len = Math.min(piece, bytes.length - off);
          to.engine.receive(crypto.level(), bytes, off, len);
          drain(to);
        }
      }
    }
  }

  /** The session the client can make of the server's ticket. */
  public TlsSession session() {
    SessionMaker maker = client.outcome().sessions();
    TlsSession session =
        maker == null ? null : maker.session(client.first(TlsEvent.Ticket.class).raw());
    if (session == null) {
      throw new AssertionError("no session");
    }
    // As a user keeps it.
    byte[] blob = session.encode();
    return Objects.requireNonNull(TlsSession.parse(Objects.requireNonNull(blob)));
  }

  public boolean bothComplete() {
    return client.engine.isComplete() && server.engine.isComplete();
  }

  /** Whether each end's sending secrets are the other's receiving ones. */
  public boolean secretsAgree() {
    for (String level : List.of("HANDSHAKE", "APP")) {
      for (String[] way : new String[][] {{" send", " recv"}, {" recv", " send"}}) {
        String a = client.secrets.get(level + way[0]);
        String b = server.secrets.get(level + way[1]);
        if (a == null || !a.equals(b)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Closes both engines. */
  @Override
  public void close() {
    client.engine.close();
    server.engine.close();
  }
}
