package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Endpoint;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.RoutedTls;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/** Programs that listen at one endpoint, and clients that ask for one of them. */
final class Listeners {
  private static final int SO_REUSEPORT = 15;
  private static final long BYTES = 10_000;
  private static final int CONFIG = 32;
  private static final int VALIDATE_PEER_ADDRESS_OFFSET = 17;

  private final Scenario scenario;
  private final Map<Sock, List<Peer>> accepted = new HashMap<>();
  private boolean validate;

  Listeners(Scenario scenario) {
    this.scenario = scenario;
  }

  Scenario scenario() {
    return scenario;
  }

  Sim sim() {
    return scenario.sim();
  }

  long now() {
    return sim().now();
  }

  private Endpoint server() {
    return scenario.pair.server();
  }

  /** Listeners from now on send a Retry. */
  void validate() {
    validate = true;
  }

  Sock socket(int family) {
    return server().net().socket(family);
  }

  int set(Sock s, int level, int name, String text) {
    return s.setsockopt(now(), level, name, text.getBytes(StandardCharsets.US_ASCII));
  }

  int set(Sock s, int level, int name, int n) {
    return s.setsockopt(now(), level, name, new byte[] {(byte) n, 0, 0, 0});
  }

  /** A socket with its address and what it is for, not listening yet. */
  Sock bound(SockAddr at, String alpn, String names) {
    Sock s = socket(at.family());
    prepare(s, alpn, names);
    assertThat(s.bind(now(), at)).isZero();
    return s;
  }

  private void prepare(Sock s, String alpn, String names) {
    if (!alpn.isEmpty()) {
      assertThat(set(s, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, alpn)).isZero();
    }
    assertThat(set(s, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_SERVER_NAME, names)).isZero();
    if (validate) {
      byte[] config = new byte[CONFIG];
      config[VALIDATE_PEER_ADDRESS_OFFSET] = 1;
      assertThat(s.setsockopt(now(), QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, config))
          .isZero();
    }
  }

  Sock reusing(SockAddr at, String alpn) {
    Sock s = bound(at, alpn, "");
    assertThat(set(s, QuicUapi.SOL_SOCKET, SO_REUSEPORT, 1)).isZero();
    return s;
  }

  Sock listen(SockAddr at, String alpn) {
    return listen(at, alpn, "");
  }

  Sock listen(SockAddr at, String alpn, String names) {
    Sock s = bound(at, alpn, names);
    assertThat(s.listen(now(), 64)).isZero();
    take(s);
    return s;
  }

  /** Has a program take what the listener gets. */
  void take(Sock listener) {
    List<Peer> list = new ArrayList<>();
    accepted.put(listener, list);
    server()
        .attach(
            listener,
            (now, sock, mask) -> {
              for (Sock n = sock.accept(now); n != null; n = sock.accept(now)) {
                Peer p =
                    new Peer(
                        n,
                        new FakeTls(n, true, TlsScript.plain()),
                        new Transfer(n, true, 1, BYTES, BYTES, Scenario.SEED));
                list.add(p);
                server().attach(n, p);
              }
            });
    server().kick();
  }

  int accepted(Sock listener) {
    return peers(listener).size();
  }

  private List<Peer> peers(Sock listener) {
    return Objects.requireNonNull(accepted.get(listener));
  }

  /** The program is gone, with all it had. */
  void close(Sock listener) {
    listener.close(now());
    peers(listener).forEach(p -> p.close(now()));
    server().kick();
  }

  Peer connect(String protocols) {
    return connect(protocols, "", 0);
  }

  Peer connect(String protocols, String name, int padding) {
    return connect(Pair.SERVER.withPort(Pair.PORT), protocols, name, padding);
  }

  Peer connectTo(SockAddr to, String protocols) {
    return connect(to, protocols, "", 0);
  }

  private Peer connect(SockAddr to, String protocols, String name, int padding) {
    Endpoint client = scenario.pair.client();
    Sock s = client.net().socket(to.family());
    assertThat(s.connect(now(), to)).isZero();
    List<String> list = protocols.isEmpty() ? List.of() : Arrays.asList(protocols.split(","));
    Peer p =
        new Peer(
            s,
            new RoutedTls(s, list, name, padding),
            new Transfer(s, false, 1, BYTES, BYTES, Scenario.SEED));
    client.attach(s, p);
    client.kick();
    return p;
  }

  void run(BooleanSupplier goal) {
    sim().run(goal, 5 * Sim.MINUTES);
  }

  void finish(Peer... clients) {
    run(() -> Arrays.stream(clients).allMatch(p -> p.done() || p.over()));
    for (Peer p : clients) {
      assertThat(p.done()).as("%s", p).isTrue();
    }
  }
}
