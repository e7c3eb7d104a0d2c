package dev.quic.fuzz.core;

import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.simnet.TwoNets;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;

/** An established connection, both ends real, to either of which anything can be sent. */
final class Ends {
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;
  private static final int ID = 8;
  private static final int PN_OFF = 1 + ID;
  private static final int PN = 4;
  private static final int LEAST = 4;

  /** What a few packets may make both nets hold, bytes. */
  private static final long HELD = 16L << 20;

  /** Turns in {@link #settle} that mean that somebody never has enough. */
  private static final long TURNS = 20_000;

  final TwoNets world = new TwoNets(30 * Sim.SECONDS, 1);
  final Sock client;
  final Sock server;
  private final byte[] serverId = new byte[ID];
  private final byte[] clientId = new byte[ID];
  private long pn = 5_000;

  Ends() {
    world.client.tap(d -> learn(d, serverId));
    world.server.tap(d -> learn(d, clientId));
    Sock[] ends = world.connect(0);
    client = ends[0];
    server = ends[1];
    world.pass(Sim.SECONDS);
  }

  private static void learn(byte[] d, byte[] id) {
    if (d[0] >= 0) {
      System.arraycopy(d, 1, id, 0, ID);
    }
  }

  /** A 1-RTT packet with these frames, as the other end would have sealed it. */
  void packet(boolean toServer, byte[] frames) {
    int body = PN_OFF + PN;
    int len = Math.max(frames.length, LEAST);
    byte[] p = new byte[body + len + PacketProtection.TAG];
    p[0] = 0x40 | PN - 1;
    System.arraycopy(toServer ? serverId : clientId, 0, p, 1, ID);
    long number = pn++;
    for (int i = 0; i < PN; i++) {
      p[PN_OFF + i] = (byte) (number >>> 8 * (PN - 1 - i));
    }
    System.arraycopy(frames, 0, p, body, frames.length);
    byte[] secret = FakeTls.constantSecret(APP, !toServer);
    PacketProtection key =
        PacketProtection.of(
            QuicCipher.AES_128_GCM,
            QuicVersion.V1,
            Arrays.copyOf(secret, QuicCipher.AES_128_GCM.secretLength()));
    key.seal(p, 0, PN_OFF, body + len, number);
    datagram(toServer, p);
  }

  /** Any datagram. */
  void datagram(boolean toServer, byte[] bytes) {
    SockAddr c = client.sockname();
    SockAddr s = Pair.SERVER.withPort(Pair.PORT);
    if (toServer) {
      world.server.deliver(bytes, c, s);
    } else {
      world.client.deliver(bytes, s, c);
    }
    world.turn();
  }

  /** Lets both come to rest and looks at what they hold. */
  void settle() {
    long turns = world.pass(2 * Sim.SECONDS);
    if (turns > TURNS) {
      throw new IllegalStateException(turns + " turns in two seconds");
    }
    long held = world.server.net.held() + world.client.net.held();
    if (held > HELD) {
      throw new IllegalStateException(held + " bytes held");
    }
  }

  /** Closes everything; nothing may stay. */
  void close() {
    world.closeAll();
    int left = world.server.socks() + world.client.socks();
    if (left > 0) {
      throw new IllegalStateException(left + " sockets stay");
    }
  }
}
