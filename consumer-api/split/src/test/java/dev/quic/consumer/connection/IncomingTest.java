package dev.quic.consumer.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import dev.quic.uapi.option.QuicEvent;
import java.lang.reflect.Proxy;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a peer can have kept by a program that waits for something else. */
@Timeout(60)
class IncomingTest {
  private static final Duration WAIT = Duration.ofSeconds(1);

  /** Says what a peer has sent: the n-th message. It wants nothing. */
  private interface Peer {
    int message(long n, QuicMsg into, byte[] buf);
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
                  case "recvmsg" -> peer.message(count[0]++, (QuicMsg) args[0], (byte[]) args[1]);
                  case "sendmsg" -> throw new QuicException(Errno.EINVAL, "sendmsg");
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
    QuicConnection c = connection((n, into, buf) -> stream(into, 4 * n + 3, fin, 0));
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
    QuicConnection c = connection((n, into, buf) -> stream(into, 3, 0, 1));
    QuicStream s = c.acceptStream(WAIT);
    assertThatThrownBy(() -> c.receiveDatagram(WAIT)).isInstanceOf(SocketTimeoutException.class);
    assertThat(s.inputStream().available()).isLessThan(1 << 20);
    byte[] all = new byte[s.inputStream().available()];
    assertThat(s.inputStream().readNBytes(all, 0, all.length)).isEqualTo(all.length);
    assertThat(s.inputStream().read()).isZero();
  }

  /** A data plane that has a STOP_SENDING of which its program has not read yet. */
  private static QuicStream stopped() throws Exception {
    byte[] stop =
        new QuicEvent.StreamUpdate(1, QuicUapi.QUIC_STREAM_SEND_STATE_RESET_SENT, 9, 0).encode();
    return connection(
            (n, into, buf) -> {
              if (n == 0) {
                return stream(into, 1, 0, 1);
              }
              into.flags = QuicUapi.MSG_QUIC_NOTIFICATION;
              System.arraycopy(stop, 0, buf, 0, stop.length);
              return stop.length;
            })
        .acceptStream(WAIT);
  }

  @Test
  void aWriteTellsWithWhatCodeThePeerStopped() throws Exception {
    QuicStream s = stopped();
    assertThatThrownBy(() -> s.outputStream().write(1))
        .isInstanceOfSatisfying(StreamResetException.class, e -> assertThat(e.code()).isEqualTo(9));
    s.outputStream().close();
  }

  /** An HTTP/3 server that has answered already wants no more of the request. */
  @Test
  void whatThePeerStoppedClosesQuietly() throws Exception {
    QuicStream s = stopped();
    s.outputStream().close();
    assertThatThrownBy(() -> s.outputStream().write(1))
        .isInstanceOfSatisfying(StreamResetException.class, e -> assertThat(e.code()).isEqualTo(9));
  }
}
