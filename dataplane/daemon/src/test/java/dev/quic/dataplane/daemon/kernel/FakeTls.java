package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.QuicUapi;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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

  /** The socket of the handshake: a QuicSocket, or a grant. */
  public interface Port {
    void send(int level, byte[] bytes) throws IOException;

    /** Waits for a handshake message. @return its level in {@code level[0]} */
    int receive(int[] level, byte[] buf) throws IOException;

    byte[] get(int name, int max) throws IOException;

    void set(int name, byte[] value) throws IOException;
  }

  private final Port port;
  private final boolean server;
  private final ByteArrayOutputStream initial = new ByteArrayOutputStream();
  private final ByteArrayOutputStream handshake = new ByteArrayOutputStream();
  private final byte[] buf = new byte[65_536];

  private FakeTls(Port port, boolean server) {
    this.port = port;
    this.server = server;
  }

  public static void client(QuicSocket sock) throws IOException {
    client(of(sock));
  }

  public static void server(QuicSocket sock) throws IOException {
    server(of(sock));
  }

  /** With 0-RTT, which the server takes. */
  public static void earlyClient(QuicSocket sock) throws IOException {
    client(of(sock), true);
  }

  public static void earlyServer(QuicSocket sock) throws IOException {
    server(of(sock), true);
  }

  public static void client(Port port) throws IOException {
    client(port, false);
  }

  private static void client(Port port, boolean early) throws IOException {
    FakeTls t = new FakeTls(port, false);
    t.send(INITIAL, message(1, t.params()));
    if (early) {
      t.secret(QuicUapi.QUIC_CRYPTO_EARLY, true);
    }
    t.await(t.initial);
    t.secrets(HANDSHAKE);
    byte[] flight = t.await(t.handshake);
    if (early) {
      port.set(QuicUapi.QUIC_SOCKOPT_EARLY_DATA, new byte[] {1, 0, 0, 0});
    }
    t.params(flight);
    t.secrets(APP);
    t.send(HANDSHAKE, message(20, new byte[32]));
  }

  public static void server(Port port) throws IOException {
    server(port, false);
  }

  private static void server(Port port, boolean early) throws IOException {
    FakeTls t = new FakeTls(port, true);
    t.params(t.await(t.initial));
    if (early) {
      t.secret(QuicUapi.QUIC_CRYPTO_EARLY, false);
    }
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
  private byte[] await(ByteArrayOutputStream level) throws IOException {
    while (true) {
      byte[] all = level.toByteArray();
      int len = all.length < HEADER ? -1 : (all[2] & 0xff) << 8 | all[3] & 0xff;
      if (len >= 0 && all.length >= HEADER + len) {
        level.reset();
        level.write(all, HEADER + len, all.length - HEADER - len);
        return Arrays.copyOfRange(all, HEADER, HEADER + len);
      }
      int[] from = new int[1];
      int n = port.receive(from, buf);
      (from[0] == INITIAL ? initial : handshake).write(buf, 0, n);
    }
  }

  private byte[] params() throws IOException {
    return port.get(QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, 512);
  }

  private void params(byte[] peers) throws IOException {
    port.set(QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, peers);
  }

  private void send(int level, byte[] bytes) throws IOException {
    port.send(level, bytes);
  }

  private void secrets(int level) throws IOException {
    secret(level, true);
    secret(level, false);
  }

  private void secret(int level, boolean send) throws IOException {
    byte[] v = new byte[56];
    v[0] = (byte) (send ? 1 : 0);
    v[1] = (byte) level;
    v[4] = (byte) QuicUapi.TLS_CIPHER_AES_GCM_128;
    // One constant per level and direction, the same on both sides.
    Arrays.fill(v, 8, 56, (byte) (16 * level + (send != server ? 1 : 2)));
    port.set(QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, v);
  }

  private static Port of(QuicSocket sock) {
    return new Port() {
      @Override
      public void send(int level, byte[] bytes) throws IOException {
        sock.sendmsg(QuicMsg.handshake(level), bytes, 0, bytes.length);
      }

      @Override
      public int receive(int[] level, byte[] buf) throws IOException {
        QuicMsg m = new QuicMsg();
        int n = sock.recvmsg(m, buf, 0, buf.length);
        level[0] = m.cryptoLevel;
        return n;
      }

      @Override
      public byte[] get(int name, int max) throws IOException {
        return sock.getsockopt(QuicUapi.SOL_QUIC, name, new byte[0], max);
      }

      @Override
      public void set(int name, byte[] value) throws IOException {
        sock.setsockopt(QuicUapi.SOL_QUIC, name, value);
      }
    };
  }
}
