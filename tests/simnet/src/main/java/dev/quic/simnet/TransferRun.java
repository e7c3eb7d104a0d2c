package dev.quic.simnet;

import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One connection that carries bytes both ways through a network, everything decided by one seed;
 * then both sides close and must leave nothing behind.
 */
public final class TransferRun {
  /** The virtual time a transfer may take. */
  private static final long LONGEST = 24L * 60 * Sim.MINUTES;

  private static final int[] CIPHERS = {
    QuicUapi.TLS_CIPHER_AES_GCM_128,
    QuicUapi.TLS_CIPHER_AES_GCM_256,
    QuicUapi.TLS_CIPHER_CHACHA20_POLY1305
  };

  private final long seed;
  private final Network network;
  private final TlsScript script;
  private final int streams;
  private final long bytes;
  private final long idle;
  private final Pair pair;
  private @Nullable Peer peer;

  /**
   * With a network the seed decides.
   *
   * @param bytes in each direction
   * @param idle the idle timeout, nanoseconds
   */
  public TransferRun(long seed, long bytes, long idle, @Nullable EventLog log) {
    this(seed, Network.random(new SplittableRandom(seed)), bytes, idle, log);
  }

  /** With a given network; the seed decides the rest. */
  public TransferRun(long seed, Network network, long bytes, long idle, @Nullable EventLog log) {
    this.seed = seed;
    this.network = network;
    this.idle = idle;
    SplittableRandom r = new SplittableRandom(~seed);
    streams = r.nextInt(1, 5);
    this.bytes = bytes / streams;
    script =
        new TlsScript(
            CIPHERS[r.nextInt(4) % CIPHERS.length],
            r.nextInt(300, 8_000),
            r.nextBoolean(),
            r.nextBoolean(),
            r.nextBoolean(),
            r.nextBoolean(),
            false);
    pair = Pair.over(network, seed, log);
  }

  public Pair pair() {
    return pair;
  }

  /** Runs to the end; returns what went wrong, or an empty text. */
  public String run() {
    pair.listen(idle, s -> new Peer(s, new FakeTls(s, true, script), transfer(s, true)));
    Peer client =
        pair.connect(idle, s -> new Peer(s, new FakeTls(s, false, script), transfer(s, false)));
    peer = client;
    Sim.End end = pair.sim().run(() -> client.over() || finished(client), LONGEST);
    if (!finished(client)) {
      return "transfer ended with " + end + "; " + this;
    }
    client.close(pair.sim().now());
    pair.client().kick();
    pair.sim().run(() -> pair.accepted().getFirst().over(), idle + Sim.MINUTES);
    pair.closeServer();
    pair.sim().run(pair::empty, idle + Sim.MINUTES);
    if (!pair.empty()) {
      return "sockets left: "
          + pair.client().socks()
          + " and "
          + pair.server().socks()
          + "; "
          + this;
    }
    if (pair.client().boundPorts() + pair.server().boundPorts() > 0) {
      return "UDP ports left; " + this;
    }
    return "";
  }

  private boolean finished(Peer client) {
    return client.done() && !pair.accepted().isEmpty() && pair.accepted().getFirst().done();
  }

  private Transfer transfer(Sock s, boolean server) {
    return new Transfer(s, server, streams, bytes, bytes, seed);
  }

  @Override
  public String toString() {
    return "seed "
        + seed
        + " at "
        + (pair.sim().now() - Sim.START) / Sim.MILLIS
        + " ms: "
        + network
        + "; "
        + script
        + "; "
        + streams
        + " streams of "
        + bytes
        + "; client: "
        + peer
        + "; server: "
        + pair.accepted();
  }
}
