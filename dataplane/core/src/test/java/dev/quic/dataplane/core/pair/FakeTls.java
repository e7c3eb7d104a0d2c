package dev.quic.dataplane.core.pair;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The handshake of the kernel's self-test: constant secrets and filler messages of four bytes
 * header, with the transport parameters inside.
 */
final class FakeTls {
  private static final int HEADER = 4;
  private static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;
  private static final int HANDSHAKE = QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;

  final Sock sock;
  final boolean server;
  int cipher = QuicUapi.TLS_CIPHER_AES_GCM_128;
  int certificateBytes = 3_000;
  int failed;

  /** A client offers 0-RTT, a server takes it. */
  boolean early;

  /** The TLS side tells the socket what became of 0-RTT. */
  boolean tells = true;

  private final ByteArrayOutputStream initial = new ByteArrayOutputStream();
  private final ByteArrayOutputStream handshake = new ByteArrayOutputStream();
  private final Msg msg = new Msg();
  private final byte[] buf = new byte[65_536];
  boolean done;

  FakeTls(Sock sock, boolean server) {
    this.sock = sock;
    this.server = server;
  }

  static byte[] message(int type, byte[] body) {
    byte[] m = new byte[HEADER + body.length];
    m[0] = (byte) type;
    m[1] = (byte) (body.length >> 16);
    m[2] = (byte) (body.length >> 8);
    m[3] = (byte) body.length;
    System.arraycopy(body, 0, m, HEADER, body.length);
    return m;
  }

  void start(long now) {
    send(now, INITIAL, message(1, ext(now)), false);
    if (early) {
      secret(now, QuicUapi.QUIC_CRYPTO_EARLY, true);
    }
  }

  byte[] ext(long now) {
    byte[] out = new byte[512];
    int n =
        sock.getsockopt(
            now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, out, 512);
    if (n < 0) {
      throw new IllegalStateException("EXT: " + n);
    }
    return Arrays.copyOf(out, n);
  }

  void send(long now, int level, byte[] bytes, boolean more) {
    msg.reset().handshake(level);
    msg.flags = more ? QuicUapi.MSG_MORE : 0;
    int n = sock.sendmsg(now, msg, bytes, 0, bytes.length);
    failed = n != bytes.length ? n : failed;
  }

  private void decide(long now, boolean accepted) {
    byte[] v = {(byte) (accepted ? 1 : 0), 0, 0, 0};
    int r = sock.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_EARLY_DATA, v);
    failed = r != 0 ? r : failed;
  }

  void secret(long now, int level, boolean send) {
    byte[] v = new byte[56];
    v[0] = (byte) (send ? 1 : 0);
    v[1] = (byte) level;
    v[4] = (byte) cipher;
    // One constant per level and direction, the same on both sides.
    boolean fromClient = send != server;
    Arrays.fill(v, 8, 56, (byte) (16 * level + (fromClient ? 1 : 2)));
    int r = sock.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, v);
    failed = r != 0 ? r : failed;
  }

  /** Reads what came and answers. Call whenever POLL_HANDSHAKE may be set. */
  void step(long now) {
    int n;
    msg.reset();
    while ((n = sock.recvHandshake(now, msg, buf, 0, buf.length)) >= 0) {
      if (n == 0) {
        start(now);
      }
      (msg.cryptoLevel == INITIAL ? initial : handshake).write(buf, 0, n);
      msg.reset();
    }
    if (done || failed != 0) {
      return;
    }
    if (server) {
      serverStep(now);
    } else {
      clientStep(now);
    }
  }

  private static byte[] take(ByteArrayOutputStream in) {
    byte[] all = in.toByteArray();
    if (all.length < HEADER) {
      return new byte[0];
    }
    int len = (all[1] & 0xff) << 16 | (all[2] & 0xff) << 8 | all[3] & 0xff;
    if (all.length < HEADER + len) {
      return new byte[0];
    }
    in.reset();
    in.write(all, HEADER + len, all.length - HEADER - len);
    return Arrays.copyOf(all, HEADER + len);
  }

  private boolean params(long now, byte[] m, int skip) {
    byte[] body = Arrays.copyOfRange(m, HEADER + skip, m.length);
    failed =
        sock.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, body);
    return failed == 0;
  }

  private void serverStep(long now) {
    byte[] hello = take(initial);
    if (hello.length > 0 && params(now, hello, 0)) {
      if (early) {
        secret(now, QuicUapi.QUIC_CRYPTO_EARLY, false);
      }
      secret(now, HANDSHAKE, true);
      secret(now, HANDSHAKE, false);
      send(now, INITIAL, message(2, new byte[86]), true);
      byte[] ext = ext(now);
      byte[] flight = new byte[certificateBytes + ext.length];
      flight[0] = (byte) (early ? 1 : 0);
      System.arraycopy(ext, 0, flight, certificateBytes, ext.length);
      send(now, HANDSHAKE, message(8, flight), false);
    }
    if (take(handshake).length > 0) {
      secret(now, APP, true);
      secret(now, APP, false);
      done = true;
    }
  }

  private boolean helloSeen;

  private void clientStep(long now) {
    if (!helloSeen && take(initial).length > 0) {
      helloSeen = true;
      secret(now, HANDSHAKE, true);
      secret(now, HANDSHAKE, false);
      step(now);
      return;
    }
    byte[] flight = helloSeen ? take(handshake) : new byte[0];
    if (flight.length > 0 && early && tells) {
      decide(now, flight[HEADER] == 1);
    }
    if (flight.length > 0 && params(now, flight, certificateBytes)) {
      secret(now, APP, true);
      secret(now, APP, false);
      send(now, HANDSHAKE, message(20, new byte[32]), false);
      done = true;
    }
  }
}
