package dev.quic.consumer.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.QuicUapi;
import java.lang.reflect.Proxy;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer can have kept by a program that waits for something else. */
@Timeout(60)
class IncomingTest {
  private static final Duration WAIT = Duration.ofSeconds(1);

  /** Says what a peer has sent: the n-th message. */
  private interface Peer {
    int message(long n, QuicMsg into);
  }

  private static QuicSocket socket(Peer peer) {
    long[] count = new long[1];
    return (QuicSocket)
        Proxy.newProxyInstance(
            QuicSocket.class.getClassLoader(),
            new Class<?>[] {QuicSocket.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "pollIn" -> true;
                  case "recvmsg" -> peer.message(count[0]++, (QuicMsg) args[0]);
                  default -> null;
                });
  }

  @SuppressWarnings("NullAway") // nobody asks for the handshake
  private static QuicConnection connection(Peer peer) throws Exception {
    return new QuicConnection(socket(peer), false, null, () -> {});
  }

  private static int stream(QuicMsg into, long id, int flags, int len) {
    into.cmsg = QuicUapi.QUIC_STREAM_INFO;
    into.streamId = id;
    into.streamFlags = flags;
    return len;
  }

  /** Each gives its credit back at once, so the peer may open the next one. */
  @Test
  void streamsThatNobodyAcceptsAreBounded() throws Exception {
    int fin = QuicUapi.MSG_QUIC_STREAM_FIN;
    QuicConnection c = connection((n, into) -> stream(into, 4 * n + 3, fin, 0));
    assertThatThrownBy(() -> c.receiveDatagram(WAIT)).isInstanceOf(SocketTimeoutException.class);
    assertThat(c.incoming().arrived()).hasSizeBetween(1_000, 1 << 15);
    // Room for others as they are accepted.
    int had = c.incoming().arrived().size();
    long last = 4L * had + 3;
    for (int i = 0; i <= had; i++) {
      QuicStream s = c.acceptStream(WAIT);
      assertThat(s.id()).isEqualTo(4L * i + 3);
      assertThat(s.inputStream().read()).isEqualTo(-1);
      last = s.id();
    }
    assertThat(last).isEqualTo(4L * had + 3);
  }

  /** A byte in a message of its own costs more than a byte. */
  @Test
  void smallMessagesCountWithWhatTheyCost() throws Exception {
    QuicConnection c = connection((n, into) -> stream(into, 3, 0, 1));
    QuicStream s = c.acceptStream(WAIT);
    assertThatThrownBy(() -> c.receiveDatagram(WAIT)).isInstanceOf(SocketTimeoutException.class);
    assertThat(s.inputStream().available()).isLessThan(1 << 20);
    byte[] all = new byte[s.inputStream().available()];
    assertThat(s.inputStream().readNBytes(all, 0, all.length)).isEqualTo(all.length);
    assertThat(s.inputStream().read()).isZero();
  }
}
