package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.common.Mib;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.crypto.RetryTag;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.pair.PairTest.Ends;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program sees of a connection from its first packet to its end. */
class BehaviourTest {
  private static final long SECOND = 1_000_000_000;
  private static final int SOL = QuicUapi.SOL_QUIC;

  private static Ends established(World w) {
    Ends e = PairTest.connect(w);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    return e;
  }

  private static byte[] text(String s) {
    return s.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] closeOption(long code, String phrase) {
    byte[] v = new byte[72];
    v[0] = (byte) code;
    v[1] = (byte) (code >>> 8);
    System.arraycopy(text(phrase), 0, v, 8, phrase.length());
    return v;
  }

  private static void enable(Sock s, long now, int event) {
    byte[] v = {(byte) event, 1};
    assertThat(s.setsockopt(now, SOL, QuicUapi.QUIC_SOCKOPT_EVENT, v)).isZero();
  }

  private static int send(World w, Sock s, String data, int flags) {
    Msg m = new Msg();
    m.flags = flags;
    return s.sendmsg(w.now, m, text(data), 0, data.length());
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        QuicUapi.TLS_CIPHER_AES_GCM_128,
        QuicUapi.TLS_CIPHER_AES_GCM_256,
        QuicUapi.TLS_CIPHER_AES_CCM_128,
        QuicUapi.TLS_CIPHER_CHACHA20_POLY1305
      })
  void everyCipherCarriesData(int cipher) {
    World w = new World(3);
    w.cipher = cipher;
    Ends e = PairTest.connect(w);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    byte[] data = new byte[200_000];
    e.client.send(0, data);
    assertThat(w.run(10 * SECOND, () -> e.needServer().finished(0))).isTrue();
    assertThat(e.needServer().bytes(0)).isEqualTo(data);
  }

  @Test
  void clientInitialsArePaddedAndServerStaysUnderThreeTimes() {
    World w = new World(4);
    long[] up = new long[1];
    long[] down = new long[1];
    boolean[] validated = new boolean[1];
    w.wire =
        (from, to, bytes) -> {
          if (to.port() == 4433) {
            boolean isLong = bytes[0] < 0;
            if (isLong && (bytes[0] & 0x30) == 0) {
              assertThat(bytes.length).isGreaterThanOrEqualTo(1_200);
            }
            validated[0] |= isLong && (bytes[0] & 0x30) == 0x20 || up[0] > 6_000;
            up[0] += bytes.length;
          } else {
            down[0] += bytes.length;
            assertThat(validated[0] || down[0] <= 3 * up[0]).isTrue();
          }
          return bytes;
        };
    Ends e = PairTest.connect(w);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
  }

  @Test
  void largeFlightWaitsForValidationAndStillCompletes() {
    World w = new World(5);
    w.certificateBytes = 20_000;
    established(w);
  }

  @Test
  void plainSendAndReceiveWorkLikeTcp() {
    World w = new World(6);
    Ends e = established(w);
    assertThat(send(w, e.client.sock, "hello", 0)).isEqualTo(5);
    w.run(SECOND, () -> e.needServer().bytes(0).length == 5);
    assertThat(e.needServer().bytes(0)).isEqualTo(text("hello"));
    // The server answers on the stream the client opened.
    assertThat(send(w, e.needServer().sock, "world", QuicUapi.MSG_QUIC_STREAM_FIN)).isEqualTo(5);
    assertThat(w.run(SECOND, () -> e.client.finished(0))).isTrue();
    assertThat(e.client.bytes(0)).isEqualTo(text("world"));
  }

  @Test
  void applicationCloseReachesThePeerAfterItsData() {
    World w = new World(7);
    Ends e = established(w);
    Sock server = e.needServer().sock;
    enable(e.client.sock, w.now, QuicUapi.QUIC_EVENT_CONNECTION_CLOSE);
    server.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, closeOption(10, "bye"));
    e.client.sock.watch(null);
    Msg m = new Msg().stream(1, QuicUapi.MSG_QUIC_STREAM_NEW | QuicUapi.MSG_QUIC_STREAM_FIN);
    server.sendmsg(w.now, m, text("last words"), 0, 10);
    server.close(w.now);
    w.run(SECOND, () -> e.client.sock.state() == QuicUapi.QUIC_SS_CLOSED);
    byte[] buf = new byte[100];
    m.reset();
    int n = e.client.sock.recvmsg(w.now, m, buf, 0, buf.length);
    assertThat(m.flags & QuicUapi.MSG_QUIC_NOTIFICATION).isNotZero();
    assertThat(buf[0]).isEqualTo((byte) QuicUapi.QUIC_EVENT_CONNECTION_CLOSE);
    assertThat(buf[1]).isEqualTo((byte) 10);
    assertThat(new String(buf, 9, 3, StandardCharsets.US_ASCII)).isEqualTo("bye");
    m.reset();
    n = e.client.sock.recvmsg(w.now, m, buf, 0, buf.length);
    assertThat(new String(buf, 0, n, StandardCharsets.US_ASCII)).isEqualTo("last words");
    m.reset();
    assertThat(e.client.sock.recvmsg(w.now, m, buf, 0, 10)).isEqualTo(-Errno.ENOTCONN);
    assertThat(send(w, e.client.sock, "x", 0)).isEqualTo(-Errno.EPIPE);
    e.client.sock.close(w.now);
    w.run(60 * SECOND, () -> false);
    int[] left = new int[1];
    w.client.net.forEachSock(s -> left[0]++);
    assertThat(left[0]).as("sockets left").isZero();
    assertThat(w.server.net.counter(Mib.FRM_OUT_CLOSES)).isEqualTo(1);
    assertThat(w.client.net.counter(Mib.FRM_IN_CLOSES)).isEqualTo(1);
  }

  @Test
  void alertOfAnUnfinishedHandshakeTravelsAsCryptoError() {
    World w = new World(8);
    Ends e = PairTest.connect(w);
    enable(e.client.sock, w.now, QuicUapi.QUIC_EVENT_CONNECTION_CLOSE);
    w.run(10 * SECOND, () -> e.server() != null);
    Sock server = e.needServer().sock;
    server.setsockopt(
        w.now, SOL, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, closeOption(0x100 + 0x78, ""));
    server.close(w.now);
    w.run(10 * SECOND, () -> e.client.sock.state() == QuicUapi.QUIC_SS_CLOSED);
    assertThat(e.client.sock.error()).isEqualTo(Errno.EPROTO);
    byte[] event = e.client.events.get(0);
    assertThat((event[1] & 0xff) | (event[2] & 0xff) << 8).isEqualTo(0x178);
  }

  @Test
  void idleConnectionDiesSilently() {
    World w = new World(9);
    Ends e = established(w);
    enable(e.client.sock, w.now, QuicUapi.QUIC_EVENT_CONNECTION_CLOSE);
    long before = w.client.sentDatagrams;
    long start = w.now;
    w.run(100 * SECOND, () -> e.client.sock.state() == QuicUapi.QUIC_SS_CLOSED);
    assertThat(e.client.sock.error()).isEqualTo(Errno.ETIMEDOUT);
    assertThat(w.now - start).isBetween(29 * SECOND, 31 * SECOND);
    assertThat(w.client.sentDatagrams - before).isLessThan(5);
  }

  @Test
  void keepaliveHoldsAnIdleConnection() {
    World w = new World(9);
    Ends e = PairTest.connect(w);
    byte[] config = new byte[28];
    config[24] = (byte) 0x80;
    config[25] = (byte) 0x96;
    config[26] = (byte) 0x98;
    assertThat(e.client.sock.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_CONFIG, config)).isZero();
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    w.run(100 * SECOND, () -> false);
    assertThat(e.client.sock.state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHED);
  }

  @Test
  void backlogOverflowIsRefused() {
    World w = new World(10);
    Sock listener = w.server.net.socket(QuicUapi.AF_INET);
    listener.bind(w.now, w.serverAddress());
    listener.listen(w.now, 1);
    Sock[] socks = new Sock[2];
    for (int i = 0; i < 2; i++) {
      socks[i] = w.client.net.socket(QuicUapi.AF_INET);
      socks[i].connect(w.now, w.serverAddress());
      new FakeTls(socks[i], false).start(w.now);
      w.run(SECOND, () -> false);
    }
    assertThat(socks[0].state()).isEqualTo(QuicUapi.QUIC_SS_ESTABLISHING);
    assertThat(socks[1].state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);
    assertThat(socks[1].error()).isEqualTo(Errno.ECONNREFUSED);
  }

  @Test
  void unknownVersionIsNegotiated() {
    World w = new World(11);
    Sock listener = w.server.net.socket(QuicUapi.AF_INET);
    listener.bind(w.now, w.serverAddress());
    listener.listen(w.now, 1);
    Sock sock = w.client.net.socket(QuicUapi.AF_INET);
    byte[] config = new byte[28];
    config[0] = 123;
    sock.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_CONFIG, config);
    sock.connect(w.now, w.serverAddress());
    Peer client = new Peer(w, sock, false);
    Ends e = new Ends(w, listener, client);
    client.tls.start(w.now);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
  }

  @Test
  void keyUpdatesBothWays() {
    World w = new World(12);
    Ends e = established(w);
    Peer server = e.needServer();
    enable(server.sock, w.now, QuicUapi.QUIC_EVENT_KEY_UPDATE);
    e.client.send(0, new byte[50_000]);
    assertThat(w.run(10 * SECOND, () -> server.finished(0))).isTrue();
    w.run(SECOND, () -> false);
    byte[] none = new byte[0];
    assertThat(e.client.sock.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_KEY_UPDATE, none))
        .isZero();
    assertThat(e.client.sock.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_KEY_UPDATE, none))
        .isEqualTo(-Errno.EINVAL);
    e.client.send(4, new byte[50_000]);
    assertThat(w.run(10 * SECOND, () -> server.finished(4))).isTrue();
    assertThat(server.events).hasSize(1);
    assertThat(server.events.get(0)).containsExactly(QuicUapi.QUIC_EVENT_KEY_UPDATE, 1);
    server.send(1, new byte[50_000]);
    assertThat(w.run(10 * SECOND, () -> e.client.finished(1))).isTrue();
    w.run(10 * SECOND, () -> false);
    assertThat(server.sock.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_KEY_UPDATE, none)).isZero();
    server.send(5, new byte[50_000]);
    assertThat(w.run(10 * SECOND, () -> e.client.finished(5))).isTrue();
  }

  @Test
  void followsARebindingClient() {
    World w = new World(13);
    Ends e = established(w);
    Peer server = e.needServer();
    SockAddr old = e.client.sock.sockname();
    SockAddr nat = SockAddr.v4(0x0a000063, 777);
    w.wire = (from, to, bytes) -> bytes;
    w.translate(old, nat);
    byte[] data = new byte[300_000];
    e.client.send(0, data);
    assertThat(w.run(20 * SECOND, () -> server.finished(0))).isTrue();
    SockAddr seen = server.sock.peername();
    assertThat(seen != null && seen.sameEndpoint(nat)).isTrue();
    server.send(1, data);
    assertThat(w.run(20 * SECOND, () -> e.client.finished(1))).isTrue();
  }

  @Test
  void streamCreditGrowsAsStreamsClose() {
    World w = new World(14);
    Ends e = established(w);
    int done = 0;
    for (long id = 0; id < 4 * 350; id += 4) {
      e.client.send(id, text("request"));
      long stream = id;
      assertThat(w.run(10 * SECOND, () -> e.needServer().finished(stream))).isTrue();
      e.needServer().send(id, text("answer"));
      assertThat(w.run(10 * SECOND, () -> e.client.finished(stream))).isTrue();
      done++;
    }
    assertThat(done).isEqualTo(350);
  }

  @Test
  void resetAndStopSending() {
    World w = new World(15);
    Ends e = established(w);
    Peer server = e.needServer();
    enable(server.sock, w.now, QuicUapi.QUIC_EVENT_STREAM_UPDATE);
    Msg m = new Msg().stream(0, QuicUapi.MSG_QUIC_STREAM_NEW);
    assertThat(e.client.sock.sendmsg(w.now, m, text("abc"), 0, 3)).isEqualTo(3);
    w.run(SECOND, () -> server.bytes(0).length == 3);
    byte[] err = new byte[16];
    err[8] = 77;
    assertThat(e.client.sock.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_STREAM_RESET, err))
        .isZero();
    w.run(SECOND, () -> false);
    byte[] last = server.events.get(server.events.size() - 1);
    assertThat(last[9]).isEqualTo((byte) QuicUapi.QUIC_STREAM_RECV_STATE_RESET_RECVD);
    assertThat(last[13]).isEqualTo((byte) 77);
    // The other direction: the client asks the server to stop.
    m.reset().stream(0, 0);
    assertThat(server.sock.sendmsg(w.now, m, text("xyz"), 0, 3)).isEqualTo(3);
    w.run(SECOND, () -> e.client.bytes(0).length == 3);
    assertThat(e.client.sock.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_STREAM_STOP_SENDING, err))
        .isZero();
    w.run(SECOND, () -> false);
    m.reset().stream(0, 0);
    assertThat(server.sock.sendmsg(w.now, m, text("xyz"), 0, 3)).isEqualTo(-Errno.ENOSTR);
  }

  @Test
  void flowControlHoldsTheSenderUntilTheProgramReads() {
    World w = new World(16);
    Ends e = established(w);
    Peer server = e.needServer();
    server.sock.watch(null);
    Msg m = new Msg();
    byte[] chunk = new byte[65_536];
    long total = 0;
    for (int i = 0; i < 200; i++) {
      m.reset().stream(0, i == 0 ? QuicUapi.MSG_QUIC_STREAM_NEW : 0);
      int n = e.client.sock.sendmsg(w.now, m, chunk, 0, chunk.length);
      total += Math.max(n, 0);
      w.run(SECOND / 10, () -> false);
    }
    // The default stream window.
    assertThat(total).isEqualTo(65_535 * 16);
    m.reset().stream(0, 0);
    assertThat(e.client.sock.sendmsg(w.now, m, chunk, 0, 1)).isEqualTo(-Errno.ENOSPC);
    server.ready();
    w.run(SECOND, () -> false);
    m.reset().stream(0, 0);
    assertThat(e.client.sock.sendmsg(w.now, m, chunk, 0, 1)).isEqualTo(1);
  }

  @Test
  void statelessResetEndsTheConnection() {
    World w = new World(17);
    byte[] on = new byte[56];
    on[3] = 1;
    Sock listener = w.server.net.socket(QuicUapi.AF_INET);
    listener.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, on);
    listener.bind(w.now, w.serverAddress());
    listener.listen(w.now, 4);
    Sock sock = w.client.net.socket(QuicUapi.AF_INET);
    sock.connect(w.now, w.serverAddress());
    Peer client = new Peer(w, sock, false);
    Ends e = new Ends(w, listener, client);
    client.tls.start(w.now);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    w.run(SECOND, () -> false);
    // The server forgets the connection without a word, as after a crash.
    w.wire = (from, to, bytes) -> from.port() == 4433 ? null : bytes;
    e.needServer().sock.close(w.now);
    w.run(2 * SECOND, () -> false);
    w.wire = (from, to, bytes) -> bytes;
    client.send(0, new byte[1_000]);
    assertThat(w.run(20 * SECOND, () -> sock.state() == QuicUapi.QUIC_SS_CLOSED)).isTrue();
    assertThat(sock.error()).isEqualTo(Errno.ECONNRESET);
  }

  /** Ends that take datagrams of up to 1400 bytes. */
  private static Ends datagrams(World w) {
    Sock listener = w.server.net.socket(QuicUapi.AF_INET);
    byte[] tp = new byte[56];
    tp[8] = (byte) (1_400 & 0xff);
    tp[9] = (byte) (1_400 >> 8);
    listener.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, tp);
    listener.bind(w.now, w.serverAddress());
    listener.listen(w.now, 4);
    Sock sock = w.client.net.socket(QuicUapi.AF_INET);
    sock.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM, tp);
    sock.connect(w.now, w.serverAddress());
    Peer client = new Peer(w, sock, false);
    Ends e = new Ends(w, listener, client);
    client.tls.start(w.now);
    assertThat(w.run(10 * SECOND, e::established)).isTrue();
    w.run(SECOND, () -> false);
    e.needServer().sock.watch(null);
    return e;
  }

  private static int sendDatagram(World w, Sock sock, int bytes) {
    Msg m = new Msg();
    m.flags = QuicUapi.MSG_QUIC_DATAGRAM;
    return sock.sendmsg(w.now, m, new byte[bytes], 0, bytes);
  }

  private static int receiveDatagram(World w, Sock sock) {
    return sock.recvmsg(w.now, new Msg(), new byte[4_096], 0, 4_096);
  }

  /** Those that the path no longer carries make room for the others, and wake who waits for it. */
  @Test
  void datagramsBehindTooLargeOnesArrive() {
    World w = new World(18);
    Ends e = datagrams(w);
    Sock sock = e.client.sock;
    Sock server = e.needServer().sock;
    assertThat(sendDatagram(w, sock, 1_390)).isEqualTo(-Errno.EAGAIN);
    w.run(SECOND, () -> false);
    assertThat(sendDatagram(w, sock, 1_390)).isEqualTo(1_390);
    w.run(SECOND, () -> false);
    assertThat(receiveDatagram(w, server)).isEqualTo(1_390);
    w.wire = (from, to, bytes) -> bytes.length > 1_200 ? null : bytes;
    while (sendDatagram(w, sock, 1_390) > 0) {
      // until there is no more room
    }
    int[] woken = new int[1];
    sock.watch((s, mask) -> woken[0] |= mask);
    w.run(10 * SECOND, () -> false);
    assertThat(woken[0] & Sock.POLL_OUT).isNotZero();
    assertThat(sendDatagram(w, sock, 500)).isEqualTo(500);
    w.run(SECOND, () -> false);
    assertThat(receiveDatagram(w, server)).isEqualTo(500);
  }

  @Test
  void datagramsPassWhenBothAllowThem() {
    World w = new World(18);
    Ends e = datagrams(w);
    Sock sock = e.client.sock;
    Msg m = new Msg();
    m.flags = QuicUapi.MSG_QUIC_DATAGRAM;
    assertThat(sock.sendmsg(w.now, m, new byte[1_000], 0, 1_000)).isEqualTo(1_000);
    m.flags = QuicUapi.MSG_QUIC_DATAGRAM;
    assertThat(sock.sendmsg(w.now, m, new byte[4_096], 0, 4_096)).isEqualTo(-Errno.EMSGSIZE);
    w.run(SECOND, () -> false);
    m.reset();
    assertThat(e.needServer().sock.recvmsg(w.now, m, new byte[4_096], 0, 4_096)).isEqualTo(1_000);
    assertThat(m.flags).isEqualTo(QuicUapi.MSG_QUIC_DATAGRAM | QuicUapi.MSG_EOR);
  }

  /** Turns the first Initial away with a Retry, as a server that validates addresses does. */
  private static byte[] retry(byte[] initial, byte[] newId, byte[] token) {
    byte[] dcid = java.util.Arrays.copyOfRange(initial, 6, 14);
    byte[] scid = java.util.Arrays.copyOfRange(initial, 15, 23);
    byte[] p = new byte[7 + 8 + 8 + token.length + 16];
    dev.quic.dataplane.core.common.Writer out =
        new dev.quic.dataplane.core.common.Writer(p, 0, p.length);
    out.u8(0xf0).u32(1).u8(8).bytes(scid).u8(8).bytes(newId).bytes(token);
    out.bytes(RetryTag.compute(QuicVersion.V1, dcid, p, 0, p.length - 16));
    return p;
  }

  @Test
  void clientFollowsOneRetryAndChecksItsIds() {
    World w = new World(19);
    byte[] newId = {1, 2, 3, 4, 5, 6, 7, 8};
    byte[] token = text("come back with this");
    int[] seen = new int[2];
    w.wire =
        (from, to, bytes) -> {
          if (to.port() != 4433) {
            return bytes;
          }
          if (seen[0]++ == 0) {
            byte[] bad = retry(bytes, newId, token);
            bad[bad.length - 1] ^= 1;
            w.inject(to, from, bad);
            w.inject(to, from, retry(bytes, newId, token));
            w.inject(to, from, retry(bytes, new byte[8], token));
            return null;
          }
          boolean initial = bytes[0] < 0 && (bytes[0] & 0x30) == 0;
          if (initial && seen[1]++ == 0) {
            assertThat(java.util.Arrays.copyOfRange(bytes, 6, 14)).isEqualTo(newId);
            assertThat(java.util.Arrays.copyOfRange(bytes, 24, 24 + token.length)).isEqualTo(token);
          }
          return bytes;
        };
    Ends e = PairTest.connect(w);
    enable(e.client.sock, w.now, QuicUapi.QUIC_EVENT_CONNECTION_CLOSE);
    // The server never sent that Retry, so what it vouches for does not fit.
    w.run(10 * SECOND, () -> e.client.tls.failed != 0);
    assertThat(seen[1]).isPositive();
    assertThat(e.client.tls.failed).isEqualTo(-Errno.EINVAL);
    w.run(SECOND, () -> false);
    assertThat(e.needServer().sock.state()).isEqualTo(QuicUapi.QUIC_SS_CLOSED);
  }

  @Test
  void sameSeedSameTrace() {
    assertThat(trace(21)).isEqualTo(trace(21));
  }

  private static String trace(long seed) {
    World w = new World(seed);
    w.loss = 0.1;
    StringBuilder log = new StringBuilder();
    w.wire =
        (from, to, bytes) -> {
          log.append(w.now).append(' ').append(java.util.Arrays.hashCode(bytes)).append('\n');
          return bytes;
        };
    Ends e = PairTest.connect(w);
    w.run(60 * SECOND, e::established);
    e.client.send(0, new byte[100_000]);
    w.run(60 * SECOND, () -> e.needServer().finished(0));
    return log.toString();
  }

  /** RFC 9000 section 4.4: one direction ended, the other goes on and gets its credit. */
  @Test
  void aResetDirectionLeavesTheOtherItsWindow() {
    World w = new World(22);
    Ends e = established(w);
    e.client.send(0, new byte[3_000_000]);
    assertThat(w.run(SECOND, () -> e.needServer().bytes(0).length > 1_000)).isTrue();
    byte[] err = new byte[16];
    err[8] = 77;
    Sock server = e.needServer().sock;
    assertThat(server.setsockopt(w.now, SOL, QuicUapi.QUIC_SOCKOPT_STREAM_RESET, err)).isZero();
    // Three times the stream's first window.
    assertThat(w.run(60 * SECOND, () -> e.needServer().finished(0))).isTrue();
    assertThat(e.needServer().bytes(0)).hasSize(3_000_000);
  }
}
