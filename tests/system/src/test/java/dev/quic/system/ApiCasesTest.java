package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cases of the kernel's function test through the Java interface, inside the data plane and out.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@SuppressWarnings("NullAway.Init") // JUnit
final class ApiCasesTest {
  private static final int SOL = QuicUapi.SOL_QUIC;
  private static final int NEW = QuicUapi.MSG_QUIC_STREAM_NEW;
  private static final int FIN = QuicUapi.MSG_QUIC_STREAM_FIN;
  private static final int UNI = QuicUapi.MSG_QUIC_STREAM_UNI;
  private static final int DONTWAIT = QuicUapi.MSG_QUIC_STREAM_DONTWAIT;
  private static final int SIOCINQ = 0x541b;

  @TempDir Path dir;
  private SplitPair pair;
  private QuicSocket listener;
  private QuicSocket client;
  private QuicSocket server;

  private void open(boolean inside) throws Exception {
    pair = new SplitPair(dir, inside);
    listener = pair.listener;
    pair.listen();
  }

  private void connect() throws Exception {
    pair.connect();
    client = pair.client;
    server = pair.server;
  }

  @AfterEach
  void close() throws Exception {
    pair.close();
  }

  private static void refused(int errno, ThrowingCallable call) {
    QuicException e = catchThrowableOfType(QuicException.class, call);
    assertThat(e).as("a refusal with %s", Errno.name(errno)).isNotNull();
    assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno);
  }

  /** From another process a send that may wait is told of its refusal later; so none waits here. */
  private static int say(QuicSocket s, String text, long stream, int flags) throws QuicException {
    byte[] b = text.getBytes(StandardCharsets.US_ASCII);
    QuicMsg m = QuicMsg.stream(stream, flags);
    m.flags = QuicUapi.MSG_DONTWAIT;
    return s.sendmsg(m, b, 0, b.length);
  }

  /** A stream to its end. */
  private static String hear(QuicSocket s) throws QuicException {
    StringBuilder all = new StringBuilder();
    QuicMsg m = QuicMsg.plain();
    byte[] b = new byte[1_000];
    do {
      m.flags = 0;
      int n = s.recvmsg(m, b, 0, b.length);
      assertThat(m.isNotification()).isFalse();
      all.append(new String(b, 0, n, StandardCharsets.US_ASCII));
    } while (!m.isFin());
    return all.append(" on ").append(m.streamId).toString();
  }

  private void ask(String text, long stream, int flags) throws QuicException {
    say(client, text, stream, flags | FIN);
    assertThat(hear(server)).isEqualTo(text + " on " + stream);
    long answer = (stream & 2) == 0 ? stream : stream + 1;
    say(server, text, answer, answer == stream ? FIN : NEW | FIN);
    assertThat(hear(client)).isEqualTo(text + " on " + answer);
  }

  private static long streamOpen(QuicSocket s, long id, int flags) throws QuicException {
    byte[] v = struct(16).putLong(id).putInt(flags).array();
    byte[] got = s.getsockopt(SOL, QuicUapi.QUIC_SOCKOPT_STREAM_OPEN, v, 16);
    return ByteBuffer.wrap(got).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static ByteBuffer struct(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void set(QuicSocket s, int name, ByteBuffer value) throws QuicException {
    s.setsockopt(SOL, name, value.array());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void socketsThatAreNotConnected(boolean inside) throws Exception {
    open(inside);
    byte[] b = new byte[72];
    QuicSocket s = pair.fresh();
    refused(Errno.EPIPE, () -> say(s, "x", 0, NEW));
    refused(Errno.ENOTCONN, s::getpeername);
    refused(Errno.ENOTCONN, () -> s.shutdown(1));
    refused(Errno.EINVAL, () -> s.shutdown(3));
    refused(Errno.EPIPE, () -> streamOpen(s, -1, 0));
    refused(Errno.EPIPE, () -> s.setsockopt(SOL, QuicUapi.QUIC_SOCKOPT_KEY_UPDATE, new byte[0]));
    refused(Errno.ENOPROTOOPT, () -> s.setsockopt(SOL, 99, b));
    refused(Errno.ENOPROTOOPT, () -> s.getsockopt(QuicUapi.IPPROTO_QUIC, 0, b, 2));
    refused(Errno.EINVAL, () -> listener.ioctl(SIOCINQ));
    refused(Errno.EPIPE, () -> say(listener, "x", 0, NEW));
    refused(Errno.EINVAL, () -> listener.setsockopt(SOL, QuicUapi.QUIC_SOCKOPT_ALPN, b));
    refused(
        Errno.EPIPE, () -> listener.getsockopt(SOL, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, b, 72));
    refused(Errno.EINVAL, () -> listener.getsockopt(SOL, QuicUapi.QUIC_SOCKOPT_TOKEN, b, 72));
    assertThat(s.getsockopt(SOL, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, b, 72)).hasSize(72);
    listener.setNonBlocking(true);
    refused(Errno.EAGAIN, listener::accept);
    s.close();
    refused(Errno.EBADF, () -> say(s, "x", 0, NEW));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void streams(boolean inside) throws Exception {
    open(inside);
    connect();
    say(client, "a", -1, NEW);
    refused(Errno.EINVAL, () -> say(client, "x", -1, NEW));
    say(client, "b", -1, FIN);
    assertThat(hear(server)).isEqualTo("ab on 0");
    say(server, "ab", 0, FIN);
    assertThat(hear(client)).isEqualTo("ab on 0");
    refused(Errno.ENOSTR, () -> streamOpen(client, 0, 0));
    assertThat(streamOpen(client, -1, 0)).isEqualTo(4);
    assertThat(streamOpen(client, -1, UNI)).isEqualTo(2);
    refused(Errno.EINVAL, () -> streamOpen(client, 4, 0));
    refused(Errno.EINVAL, () -> streamOpen(client, 1, 0));
    ask("chosen", 4, 0);
    ask("uni", 2, 0);
    refused(Errno.ENOSTR, () -> say(client, "x", 4, 0));
    refused(Errno.EINVAL, () -> say(client, "x", 40, 0));
    refused(Errno.EMSGSIZE, () -> say(client, "", 8, NEW));
    refused(Errno.EAGAIN, () -> say(client, "x", 4 * 200, NEW | DONTWAIT));
    if (inside) {
      QuicMsg m = QuicMsg.stream(4 * 200, NEW | DONTWAIT);
      refused(Errno.EAGAIN, () -> client.sendmsg(m, new byte[1], 0, 1));
    }
    refused(Errno.EAGAIN, () -> streamOpen(client, 4 * 200 + 2, DONTWAIT));
    say(client, "open", 8, NEW);
    set(client, QuicUapi.QUIC_SOCKOPT_STREAM_RESET, struct(16).putLong(8).putInt(1));
    refused(Errno.EINVAL, () -> say(client, "x", 8, 0));
    refused(
        Errno.EINVAL,
        () -> set(client, QuicUapi.QUIC_SOCKOPT_STREAM_RESET, struct(16).putLong(40).putInt(1)));
    refused(
        Errno.ENOSTR,
        () -> set(client, QuicUapi.QUIC_SOCKOPT_STREAM_RESET, struct(16).putLong(4).putInt(1)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void partsPeeksAndWaiting(boolean inside) throws Exception {
    open(inside);
    connect();
    byte[] b = new byte[64];
    QuicMsg m = QuicMsg.plain();
    m.flags = QuicUapi.MSG_DONTWAIT;
    refused(Errno.EAGAIN, () -> client.recvmsg(m, b, 0, b.length));
    client.setNonBlocking(true);
    m.flags = 0;
    refused(Errno.EAGAIN, () -> client.recvmsg(m, b, 0, b.length));
    client.setNonBlocking(false);
    say(server, "abcdef", 1, NEW | FIN);
    assertThat(client.pollIn(SplitHouse.TIMEOUT_MS)).isTrue();
    m.flags = QuicUapi.MSG_PEEK;
    assertThat(client.recvmsg(m, b, 0, 4)).isEqualTo(4);
    m.flags = 0;
    assertThat(client.recvmsg(m, b, 0, 4)).isEqualTo(4);
    assertThat(m.isFin()).isFalse();
    m.flags = 0;
    assertThat(client.recvmsg(m, b, 4, 4)).isEqualTo(2);
    assertThat(m.isFin()).isTrue();
    assertThat(new String(b, 0, 6, StandardCharsets.US_ASCII)).isEqualTo("abcdef");
    assertThat(client.ioctl(SIOCINQ)).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void eventsAndTheEnd(boolean inside) throws Exception {
    open(inside);
    connect();
    byte[] b = new byte[128];
    QuicMsg m = QuicMsg.plain();
    for (int type : new int[] {0, 10}) {
      refused(
          Errno.EINVAL,
          () -> client.setsockopt(SOL, QuicUapi.QUIC_SOCKOPT_EVENT, new byte[] {(byte) type, 1}));
    }
    byte[] on = {QuicUapi.QUIC_EVENT_CONNECTION_CLOSE, 1};
    client.setsockopt(SOL, QuicUapi.QUIC_SOCKOPT_EVENT, on);
    assertThat(client.getsockopt(SOL, QuicUapi.QUIC_SOCKOPT_EVENT, on, 2)).isEqualTo(on);
    ByteBuffer info = struct(72).putInt(10).putInt(0).put((byte) 'a');
    set(server, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, info);
    say(server, "last", 1, NEW | FIN);
    server.close();
    String data = null;
    byte[] event = null;
    while (data == null || event == null) {
      m.flags = 0;
      int n = client.recvmsg(m, b, 0, b.length);
      if (m.isNotification()) {
        event = java.util.Arrays.copyOf(b, n);
      } else {
        data = new String(b, 0, n, StandardCharsets.US_ASCII);
      }
    }
    assertThat(data).isEqualTo("last");
    assertThat(event).hasSize(73).startsWith(QuicUapi.QUIC_EVENT_CONNECTION_CLOSE, 10);
    refused(Errno.ENOTCONN, () -> client.recvmsg(m, b, 0, b.length));
    refused(Errno.EPIPE, () -> say(client, "x", 0, NEW));
    refused(Errno.EPIPE, () -> streamOpen(client, -1, 0));
    assertThat(client.getpeername()).isEqualTo(listener.getsockname());
  }
}
