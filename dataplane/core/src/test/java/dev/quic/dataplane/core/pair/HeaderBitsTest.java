package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Spin bit (RFC 9000 section 17.4) and greased fixed bit (RFC 9287), seen on the wire. */
class HeaderBitsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int TRANSPORT_PARAM_BYTES = 56;

  private final List<Integer> fromClient = new ArrayList<>();
  private int clearedByClient;
  private int clearedByServer;
  private int shorts;

  private Peer transfer(long seed, boolean clientGreases, boolean serverGreases, boolean spin) {
    World w = new World(seed);
    w.wire =
        (from, to, bytes) -> {
          boolean client = from.sameEndpoint(w.serverAddress()) == false;
          boolean isShort = bytes[0] >= 0;
          shorts += isShort ? 1 : 0;
          boolean cleared = (bytes[0] & 0x40) == 0;
          clearedByClient += client && cleared ? 1 : 0;
          clearedByServer += !client && cleared ? 1 : 0;
          if (client && isShort) {
            fromClient.add(bytes[0] >> 5 & 1);
          }
          return bytes;
        };
    Sock listener = w.server.net.socket(QuicUapi.AF_INET);
    configure(w, listener, serverGreases, spin);
    assertThat(listener.bind(w.now, SockAddr.any(QuicUapi.AF_INET, 4433))).isZero();
    assertThat(listener.listen(w.now, 16)).isZero();
    Sock sock = w.client.net.socket(QuicUapi.AF_INET);
    configure(w, sock, clientGreases, spin);
    assertThat(sock.connect(w.now, w.serverAddress())).isZero();
    Peer client = new Peer(w, sock, false);
    PairTest.Ends ends = new PairTest.Ends(w, listener, client);
    client.tls.start(w.now);
    assertThat(w.run(10 * SECOND, ends::established)).isTrue();
    client.send(0, new byte[400_000]);
    assertThat(w.run(60 * SECOND, () -> ends.needServer().finished(0))).isTrue();
    return client;
  }

  private static void configure(World w, Sock s, boolean greases, boolean spin) {
    byte[] v = new byte[TRANSPORT_PARAM_BYTES];
    v[2] = (byte) (greases ? 1 : 0);
    int sol = QuicUapi.SOL_QUIC;
    assertThat(s.setsockopt(w.now, sol, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, v)).isZero();
    byte[] on = {(byte) (spin ? 1 : 0), 0, 0, 0};
    assertThat(s.setsockopt(w.now, sol, QuicUapi.QUIC_SOCKOPT_SPIN_BIT, on)).isZero();
  }

  private int changes() {
    int n = 0;
    for (int i = 1; i < fromClient.size(); i++) {
      n += fromClient.get(i).equals(fromClient.get(i - 1)) ? 0 : 1;
    }
    return n;
  }

  @Test
  void theSpinBitSpinsOnceARoundTrip() {
    int spinning = 0;
    for (int seed = 1; seed <= 48; seed++) {
      fromClient.clear();
      transfer(seed, false, false, true);
      int n = changes();
      spinning += n > 2 ? 1 : 0;
      // 400 kB in a growing window are about six round trips of 10 ms; it flips once in each.
      assertThat(n).isLessThan(30);
    }
    // One end in sixteen keeps still: of 48 pairs about 42 are left.
    assertThat(spinning).isBetween(30, 47);
  }

  @Test
  void switchedOffItStands() {
    for (int seed = 1; seed <= 5; seed++) {
      fromClient.clear();
      transfer(seed, false, false, false);
      assertThat(changes()).isZero();
    }
  }

  @Test
  void theFixedBitIsClearedOnlyForWhoAllowsIt() {
    transfer(1, false, false, true);
    assertThat(clearedByClient + clearedByServer).isZero();
    transfer(1, false, true, true);
    assertThat(clearedByClient).isPositive();
    assertThat(clearedByServer).isZero();
    clearedByClient = 0;
    transfer(1, true, false, true);
    assertThat(clearedByClient).isZero();
    assertThat(clearedByServer).isPositive();
    shorts = 0;
    clearedByServer = 0;
    transfer(1, true, true, true);
    assertThat((double) (clearedByClient + clearedByServer) / shorts).isBetween(0.4, 0.6);
  }

  @Test
  void aClearedFixedBitNobodyAllowedIsDropped() {
    World w = new World(1);
    PairTest.Ends e = PairTest.connect(w);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    // Until it is confirmed, Handshake packets may come first in datagrams.
    w.run(SECOND, () -> false);
    long dropped = w.server.net.counter(dev.quic.dataplane.core.common.Mib.PKT_DEC_DROP);
    w.wire =
        (from, to, bytes) -> {
          if (bytes[0] >= 0) {
            bytes[0] &= ~0x40;
          }
          return bytes;
        };
    e.client.send(0, new byte[1_000]);
    assertThat(w.run(SECOND, () -> e.needServer().finished(0))).isFalse();
    // Refused before it was decrypted, which would have failed.
    assertThat(w.server.net.counter(dev.quic.dataplane.core.common.Mib.PKT_DEC_DROP))
        .isEqualTo(dropped);
  }
}
