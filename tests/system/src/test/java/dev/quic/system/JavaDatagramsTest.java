package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.connection.QuicClient;
import dev.quic.consumer.connection.QuicConnection;
import dev.quic.consumer.connection.QuicServer;
import dev.quic.consumer.connection.QuicStream;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams (RFC 9221) through the Java API, inside the data plane and out of descriptors. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // JUnit
final class JavaDatagramsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final int LARGEST = 1_400;

  @TempDir Path dir;
  private SplitHouse house;
  private QuicServer server;
  private QuicConnection client;
  private QuicConnection far;

  private void connect(boolean inside, boolean clientTakes, boolean serverTakes) throws Exception {
    house = new SplitHouse(dir);
    QuicServer.Builder b = QuicServer.with(house.file("server.pem"), house.file("server.key"));
    QuicClient to;
    b.protocols("datagrams");
    if (serverTakes) {
      b.datagrams(LARGEST);
    }
    if (inside) {
      b.sockets(house.plane.sockets());
    } else {
      b.runDir(house.file("run"));
    }
    server = b.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    to =
        QuicClient.to("127.0.0.1", server.localAddress().getPort())
            .serverName(SplitHouse.NAME)
            .protocols("datagrams")
            .tls(t -> t.withTrustAnchors(java.util.List.of(house.ca.certificate())));
    if (clientTakes) {
      to.datagrams(LARGEST);
    }
    client = (inside ? to.sockets(house.plane.sockets()) : to.runDir(house.file("run"))).connect();
    far = server.accept(PATIENCE);
  }

  @AfterEach
  void close() {
    client.close();
    far.close();
    server.close();
    house.close();
  }

  private static byte[] numbered(int number, int size) {
    return ByteBuffer.allocate(size).putInt(number).array();
  }

  private static void refused(int errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable c) {
    assertThatThrownBy(c)
        .isInstanceOfSatisfying(QuicException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void thereAndBackWholeAndOneAtATime(boolean inside) throws Exception {
    connect(inside, true, true);
    for (int size : new int[] {4, 100, 1_000}) {
      client.sendDatagram(numbered(size, size));
      assertThat(far.receiveDatagram(PATIENCE)).isEqualTo(numbered(size, size));
      far.sendDatagram(numbered(-size, size));
      assertThat(client.receiveDatagram(PATIENCE)).isEqualTo(numbered(-size, size));
    }
    assertThatThrownBy(() -> client.receiveDatagram(SHORT))
        .isInstanceOf(SocketTimeoutException.class);
    QuicStream s = client.openStream();
    client.sendDatagram(numbered(7, 8));
    s.outputStream().write(numbered(8, 8));
    assertThat(far.acceptStream(PATIENCE).inputStream().readNBytes(8)).isEqualTo(numbered(8, 8));
    assertThat(far.receiveDatagram(PATIENCE)).isEqualTo(numbered(7, 8));
    far.close(9, "over");
    assertThatThrownBy(() -> client.receiveDatagram(PATIENCE)).isInstanceOf(IOException.class);
  }

  /** The errno may come out of a later call: sends to another process are pipelined. */
  private static int refusalOf(QuicConnection c, int size) {
    for (int i = 0; i < 1_000_000; i++) {
      try {
        c.sendDatagram(new byte[size]);
      } catch (QuicException e) {
        return e.errno();
      } catch (IOException e) {
        return 0;
      }
    }
    return 0;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nobodyIsSentWhatItDoesNotTake(boolean inside) throws Exception {
    connect(inside, true, false);
    assertThat(refusalOf(client, 10)).isEqualTo(Errno.EINVAL);
    far.sendDatagram(numbered(1, 10));
    assertThat(client.receiveDatagram(PATIENCE)).isEqualTo(numbered(1, 10));
    refused(Errno.EMSGSIZE, () -> far.sendDatagram(new byte[70_000]));
    assertThat(refusalOf(far, LARGEST + 1)).isEqualTo(Errno.EMSGSIZE);
    assertThat(refusalOf(far, 0)).isEqualTo(Errno.EMSGSIZE);
  }

  /** More than the path takes at once: the sender waits, nothing is out of order or torn. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFastSenderIsHeldBack(boolean inside) throws Exception {
    connect(inside, true, true);
    int count = 20_000;
    Future<?> sending =
        house.pool.submit(() -> {
          for (int i = 0; i < count; i++) {
            client.sendDatagram(numbered(i, 1_000));
          }
          return true;
        });
    BitSet came = new BitSet();
    int last = -1;
    while (last < count - 1) {
      byte[] d;
      try {
        d = far.receiveDatagram(sending.isDone() ? Duration.ofSeconds(2) : PATIENCE);
      } catch (SocketTimeoutException e) {
        // The last ones were lost, as datagrams may be.
        break;
      }
      assertThat(d).hasSize(1_000);
      last = ByteBuffer.wrap(d).getInt();
      assertThat(came.get(last)).as("twice: %d", last).isFalse();
      came.set(last);
    }
    sending.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(came.cardinality()).isBetween(count / 20, count);
  }
}
