package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;

/** A client that knows the server from before, and the server. */
final class EarlyEnds {
  static final long SECOND = 1_000_000_000;
  static final int SOL = QuicUapi.SOL_QUIC;

  final World w;
  final Sock listener;
  final Sock sock;
  private final PairTest.Ends ends;

  EarlyEnds(World w) {
    this.w = w;
    listener = w.server.net.socket(QuicUapi.AF_INET);
    assertThat(listener.bind(w.now, SockAddr.any(QuicUapi.AF_INET, 4433))).isZero();
    assertThat(listener.listen(w.now, 16)).isZero();
    sock = w.client.net.socket(QuicUapi.AF_INET);
    assertThat(sock.connect(w.now, w.serverAddress())).isZero();
    Peer client = new Peer(w, sock, false);
    client.tls.early = true;
    ends = new PairTest.Ends(w, listener, client);
  }

  /** The server's parameters as a client remembers them. */
  byte[] remembered() {
    byte[] v = new byte[56];
    assertThat(listener.getsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, v, 56))
        .isEqualTo(56);
    v[0] = 1;
    return v;
  }

  void remember(byte[] v) {
    assertThat(sock.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, v)).isZero();
  }

  void deliverEarly() {
    byte[] on = {1, 0, 0, 0};
    int r = listener.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_EARLY_DELIVERY, on);
    assertThat(r).isZero();
  }

  /** Writes a whole stream before the handshake; returns what was taken. */
  int write(long id, byte[] data) {
    Msg m = new Msg();
    m.reset().stream(id, QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN);
    return sock.sendmsg(w.now, m, data, 0, data.length);
  }

  /** Sends the ClientHello. */
  void start() {
    ends.client.tls.start(w.now);
  }

  Peer client() {
    return ends.client;
  }

  Peer server() {
    return ends.needServer();
  }

  boolean accepted() {
    return ends.server() != null;
  }

  boolean established() {
    return ends.established();
  }

  static int decision(World w, Sock s) {
    byte[] v = new byte[4];
    assertThat(s.getsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_EARLY_DATA, v, 4)).isEqualTo(4);
    return v[0];
  }

  int decision() {
    return decision(w, sock);
  }

  static byte[] pattern(int n, int seed) {
    byte[] b = new byte[n];
    new java.util.Random(seed).nextBytes(b);
    return b;
  }
}
