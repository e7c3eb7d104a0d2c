package dev.quic.fuzz.door;

import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.door.Door;
import dev.quic.uapi.door.DoorData;
import dev.quic.uds.SeqPacket;
import dev.quic.uds.door.DoorClient;
import dev.quic.uds.door.DoorSocket;
import dev.quic.uds.door.RunDir;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;

/**
 * A program with a listener and both ends of an established connection, on a control connection of
 * its own. The handshake is the kernel self-test's: constant secrets, no TLS.
 */
final class Wired implements AutoCloseable {
  private static final int PATIENCE_MS = 60_000;
  private static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;
  private static final int HANDSHAKE = QuicUapi.QUIC_CRYPTO_HANDSHAKE;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int HEADER = 4;

  final DoorClient door;
  final DoorSocket listener;
  final DoorSocket client;
  final DoorSocket server;
  private final byte[] in = new byte[SeqPacket.MAX_PACKET];

  Wired(RunDir dir) throws IOException {
    door = DoorClient.connect(dir);
    listener = socket();
    listener.bind(new InetSocketAddress("127.0.0.1", 0));
    listener.listen(8);
    client = socket();
    client.connect(listener.getsockname());
    send(client, INITIAL, message(1, params(client)));
    server = door.adopt(accepted());
    set(server, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, receive(server));
    secrets(server, HANDSHAKE, true);
    send(server, INITIAL, message(2, new byte[86]));
    send(server, HANDSHAKE, message(8, params(server)));
    receive(client);
    secrets(client, HANDSHAKE, false);
    set(client, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, receive(client));
    secrets(client, APP, false);
    send(client, HANDSHAKE, message(20, new byte[32]));
    receive(server);
    secrets(server, APP, true);
  }

  private DoorSocket socket() throws IOException {
    return door.socket(QuicUapi.AF_INET, QuicUapi.SOCK_STREAM, QuicUapi.IPPROTO_QUIC);
  }

  private static byte[] message(int type, byte[] body) {
    byte[] m = new byte[HEADER + body.length];
    m[0] = (byte) type;
    m[2] = (byte) (body.length >> 8);
    m[3] = (byte) body.length;
    System.arraycopy(body, 0, m, HEADER, body.length);
    return m;
  }

  private int accepted() throws IOException {
    packet(listener, Door.DATA_ACCEPT);
    return listener.data().takeDescriptor();
  }

  /** The body of the next handshake message. */
  private byte[] receive(DoorSocket s) throws IOException {
    int n = packet(s, Door.DATA_RECV);
    return Arrays.copyOfRange(in, Door.DATA_HEADER + HEADER, n);
  }

  private int packet(DoorSocket s, int type) throws IOException {
    int n = s.data().receive(in, PATIENCE_MS);
    DoorData header = new DoorData();
    if (!header.read(in, 0, n) || header.type != type) {
      throw new IOException("no packet of type " + type + ", but " + header.type + ", " + n);
    }
    return n;
  }

  private static byte[] params(DoorSocket s) throws IOException {
    int name = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT;
    return s.getsockopt(QuicUapi.SOL_QUIC, name, new byte[0], 512);
  }

  private static void set(DoorSocket s, int name, byte[] value) throws IOException {
    s.setsockopt(QuicUapi.SOL_QUIC, name, value);
  }

  private static void send(DoorSocket s, int level, byte[] bytes) throws IOException {
    DoorData h = new DoorData().reset(Door.DATA_SEND);
    h.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
    h.streamFlags = level;
    s.sendmsg(h, bytes);
  }

  private static void secrets(DoorSocket s, int level, boolean server) throws IOException {
    for (boolean send : new boolean[] {true, false}) {
      byte[] v = new byte[56];
      v[0] = (byte) (send ? 1 : 0);
      v[1] = (byte) level;
      v[4] = (byte) QuicUapi.TLS_CIPHER_AES_GCM_128;
      // One constant per level and direction, the same on both sides.
      Arrays.fill(v, 8, 56, (byte) (16 * level + (send != server ? 1 : 2)));
      set(s, QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, v);
    }
  }

  @Override
  public void close() {
    client.data().close();
    server.data().close();
    listener.data().close();
    door.close();
  }
}
