package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.QuicUapi;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The handshake of the kernel's self-test over a {@link QuicSocket}: constant secrets, messages of
 * a four-byte header and filler, the transport parameters inside. Blocking.
 */
public final class FakeTls {
  private static final int HEADER = 4;
  private static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;
  private static final int HANDSHAKE = QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;

  private final QuicSocket sock;
  private final boolean server;
  private final ByteArrayOutputStream initial = new ByteArrayOutputStream();
  private final ByteArrayOutputStream handshake = new ByteArrayOutputStream();
  private final byte[] buf = new byte[65_536];

  private FakeTls(QuicSocket sock, boolean server) {
    this.sock = sock;
    this.server = server;
  }

  public static void client(QuicSocket sock) throws QuicException {
    FakeTls t = new FakeTls(sock, false);
    t.send(INITIAL, message(1, t.params()));
    t.await(t.initial);
    t.secrets(HANDSHAKE);
    byte[] flight = t.await(t.handshake);
    t.params(flight);
    t.secrets(APP);
    t.send(HANDSHAKE, message(20, new byte[32]));
  }

  public static void server(QuicSocket sock) throws QuicException {
    FakeTls t = new FakeTls(sock, true);
    t.params(t.await(t.initial));
    t.secrets(HANDSHAKE);
    t.send(INITIAL, message(2, new byte[86]));
    t.send(HANDSHAKE, message(8, t.params()));
    t.await(t.handshake);
    t.secrets(APP);
  }

  private static byte[] message(int type, byte[] body) {
    byte[] m = new byte[HEADER + body.length];
    m[0] = (byte) type;
    m[2] = (byte) (body.length >> 8);
    m[3] = (byte) body.length;
    System.arraycopy(body, 0, m, HEADER, body.length);
    return m;
  }

  /** Reads until a whole message of a level is there; returns its body. */
  private byte[] await(ByteArrayOutputStream level) throws QuicException {
    while (true) {
      byte[] all = level.toByteArray();
      int len = all.length < HEADER ? -1 : (all[2] & 0xff) << 8 | all[3] & 0xff;
      if (len >= 0 && all.length >= HEADER + len) {
        level.reset();
        level.write(all, HEADER + len, all.length - HEADER - len);
        return Arrays.copyOfRange(all, HEADER, HEADER + len);
      }
      QuicMsg m = new QuicMsg();
      int n = sock.recvmsg(m, buf, 0, buf.length);
      (m.cryptoLevel == INITIAL ? initial : handshake).write(buf, 0, n);
    }
  }

  private byte[] params() throws QuicException {
    return sock.getsockopt(
        QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, new byte[0], 512);
  }

  private void params(byte[] peers) throws QuicException {
    sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, peers);
  }

  private void send(int level, byte[] bytes) throws QuicException {
    sock.sendmsg(QuicMsg.handshake(level), bytes, 0, bytes.length);
  }

  private void secrets(int level) throws QuicException {
    for (boolean send : new boolean[] {true, false}) {
      byte[] v = new byte[56];
      v[0] = (byte) (send ? 1 : 0);
      v[1] = (byte) level;
      v[4] = (byte) QuicUapi.TLS_CIPHER_AES_GCM_128;
      // One constant per level and direction, the same on both sides.
      Arrays.fill(v, 8, 56, (byte) (16 * level + (send != server ? 1 : 2)));
      sock.setsockopt(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, v);
    }
  }
}
