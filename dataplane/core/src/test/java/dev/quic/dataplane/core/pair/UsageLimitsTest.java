package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.packet.Stateless;
import dev.quic.dataplane.core.pair.PairTest.Ends;
import dev.quic.dataplane.core.socket.WornOut;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and numbers that are used up: RFC 9001 section 6.6, RFC 9000 section 12.3. */
class UsageLimitsTest {
  private static final long SECOND = 1_000_000_000;
  private static final long LIMIT = QuicCipher.AES_128_GCM.confidentialityLimit();

  private static final class Watch implements EventSink {
    long closedWith = -1;

    @Override
    public void closed(long now, long sock, boolean local, boolean application, long code) {
      closedWith = local ? code : closedWith;
    }
  }

  private final World w = new World(5);
  private final Watch server = new Watch();
  private Ends ends;
  private int toClient;
  private int lastLength;

  UsageLimitsTest() {
    w.server.sink = server;
    ends = PairTest.connect(w);
    assertThat(w.run(10 * SECOND, ends::established)).isTrue();
    w.run(SECOND, () -> false);
    count(false);
  }

  private void count(boolean spoil) {
    w.wire =
        (from, to, bytes) -> {
          boolean up = to.port() == 4433;
          toClient += up ? 0 : 1;
          lastLength = up ? lastLength : bytes.length;
          if (up && spoil) {
            bytes[bytes.length - 1] ^= 1;
          }
          return bytes;
        };
  }

  /** One forged packet too many ends it: one close, then what a stranger gets. */
  @Test
  void forgedPacketsEndTheConnection() {
    WornOut.failed(ends.needServer().sock, QuicCipher.AES_128_GCM.integrityLimit() - 2);
    count(true);
    ends.client.send(0, new byte[10]);
    w.run(SECOND / 100, () -> toClient > 0);
    assertThat(server.closedWith).as("one below the limit").isEqualTo(-1);
    assertThat(w.run(10 * SECOND, () -> server.closedWith >= 0)).isTrue();
    assertThat(server.closedWith).isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_AEAD_LIMIT);
    assertThat(toClient).as("the close").isEqualTo(1);
    w.run(2 * SECOND, () -> ends.client.sock.state() == QuicUapi.QUIC_SS_CLOSED);
    assertThat(ends.client.sock.state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);
    // What comes later finds nobody: at most a stateless reset answers it.
    byte[] late = new byte[60];
    Arrays.fill(late, (byte) 0x41);
    int before = toClient;
    w.inject(ends.client.sock.sockname(), w.serverAddress(), late);
    w.run(SECOND, () -> false);
    assertThat(toClient).isEqualTo(before + 1);
    assertThat(lastLength).isBetween(Stateless.TOKEN + 5, late.length - 1);
  }

  /** A key near its limit is replaced; nobody is closed. */
  @Test
  void aWornKeyIsReplaced() {
    ends.needServer().send(1, new byte[1_000]);
    w.run(SECOND, () -> ends.client.finished(1));
    WornOut.sealed(ends.needServer().sock, LIMIT - LIMIT / 8);
    ends.needServer().send(5, new byte[100_000]);
    assertThat(w.run(10 * SECOND, () -> ends.client.finished(5))).isTrue();
    assertThat(WornOut.sealed(ends.needServer().sock)).isLessThan(1_000);
    assertThat(server.closedWith).isEqualTo(-1);
  }

  /** Where the peer lets no update happen, the connection ends before the key is used up. */
  @Test
  void aKeyThatCannotBeReplacedEndsTheConnection() {
    // The peer's acknowledgements are lost: no update is allowed.
    WornOut.sealed(ends.needServer().sock, LIMIT - LIMIT / 8);
    ends.needServer().send(1, new byte[1_000]);
    assertThat(w.run(SECOND, () -> ends.client.finished(1))).isTrue();
    w.wire = (from, to, bytes) -> to.port() == 4433 ? null : bytes;
    WornOut.sealed(ends.needServer().sock, LIMIT - 365);
    ends.needServer().send(5, new byte[2_000_000]);
    assertThat(w.run(60 * SECOND, () -> server.closedWith >= 0)).isTrue();
    assertThat(server.closedWith).isEqualTo(QuicUapi.QUIC_TRANSPORT_ERROR_AEAD_LIMIT);
    assertThat(WornOut.sealed(ends.needServer().sock)).isLessThanOrEqualTo(LIMIT);
  }

  /** RFC 9000 section 12.3: no close, no further packet. */
  @ParameterizedTest
  @ValueSource(longs = {(1L << 62) - 1, (1L << 62) - 1_000})
  void numbersThatRunOutEndTheConnectionWithoutAWord(long next) {
    WornOut.number(ends.needServer().sock, next);
    int before = toClient;
    ends.needServer().send(1, new byte[1_000]);
    w.run(5 * SECOND, () -> false);
    assertThat(ends.needServer().sock.state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);
    assertThat(server.closedWith).as("nothing was closed towards the peer").isEqualTo(-1);
    assertThat(toClient).isEqualTo(before);
  }
}
