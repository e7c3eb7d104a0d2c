package dev.quic.dataplane.core.pair;

import static dev.quic.dataplane.core.pair.EarlyEnds.SECOND;
import static dev.quic.dataplane.core.pair.EarlyEnds.SOL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.connid.ConnId;
import dev.quic.dataplane.core.crypto.PacketProtection;
import dev.quic.dataplane.core.crypto.QuicCipher;
import dev.quic.dataplane.core.crypto.QuicVersion;
import dev.quic.dataplane.core.event.EventSink;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.packet.HeaderWriter;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be in 0-RTT packets, and what else RFC 9001 section 4.6 says of them. */
class ZeroRttRulesTest {
  private static final int INITIAL = QuicUapi.QUIC_CRYPTO_INITIAL;
  private static final int EARLY = QuicUapi.QUIC_CRYPTO_EARLY;
  private static final int APP = QuicUapi.QUIC_CRYPTO_APP;

  private static final class Watch implements EventSink {
    long closedWith = -1;
    int zeroRttSent;

    @Override
    public void packetSent(long now, long sock, int level, long pn, int bytes, boolean elicits) {
      zeroRttSent += level == EARLY ? 1 : 0;
    }

    @Override
    public void closed(long now, long sock, boolean local, boolean application, long code) {
      closedWith = local ? code : closedWith;
    }
  }

  private static byte[] zeroRtt(byte[] initial, byte[] frames) {
    ConnId dcid = ConnId.of(initial, 6, 8);
    ConnId scid = ConnId.of(initial, 15, 8);
    byte[] p = new byte[200];
    int pnOff = HeaderWriter.writeLong(p, 0, 1, EARLY, dcid, scid, new byte[0], 4);
    System.arraycopy(frames, 0, p, pnOff + 4, frames.length);
    int end = pnOff + 4 + frames.length;
    HeaderWriter.finishLong(p, pnOff, 4, 7, end + PacketProtection.TAG);
    byte[] secret = new byte[48];
    Arrays.fill(secret, (byte) (16 * EARLY + 1));
    PacketProtection.of(QuicCipher.AES_128_GCM, QuicVersion.V1, secret).seal(p, 0, pnOff, end, 7);
    return Arrays.copyOf(p, end + PacketProtection.TAG);
  }

  /** RFC 9000 table 3, and RFC 9001 section 8.3: 0-RTT has no CRYPTO frames. */
  @ParameterizedTest
  @CsvSource({
    "02 00 00 00 00, a",
    "03 00 00 00 00 00 00 00, a",
    "06 00 01 00, a",
    "07 01 00, a",
    "19 00, a",
    "1b 00 00 00 00 00 00 00 01, a",
    "1e, a",
    "01, ffffffffffffffff",
    "1a 00 00 00 00 00 00 00 01, ffffffffffffffff",
    "0a 08 01 41, ffffffffffffffff",
    "14 10, ffffffffffffffff",
  })
  void framesOfZeroRttPackets(String hex, String code) {
    World w = new World(1);
    w.serverTakesEarly = true;
    Watch server = new Watch();
    w.server.sink = server;
    byte[][] first = new byte[1][];
    w.wire =
        (from, to, bytes) -> {
          first[0] = first[0] == null ? bytes.clone() : first[0];
          return bytes;
        };
    EarlyEnds e = new EarlyEnds(w);
    e.start();
    assertThat(w.run(SECOND, e::accepted)).isTrue();
    byte[] frames = HexFormat.ofDelimiter(" ").parseHex(hex.trim());
    w.inject(e.sock.sockname(), w.serverAddress(), zeroRtt(first[0], frames));
    w.run(SECOND, () -> false);
    assertThat(Long.toHexString(server.closedWith)).isEqualTo(code.trim());
  }

  /** RFC 9001 section 4.6.1. */
  @ParameterizedTest
  @CsvSource({
    "ffffffff, ffffffffffffffff",
    "00000000, a",
    "00004000, a",
    "fffffffe, a",
  })
  void ticketsNameTheOnlyLimit(String limit, String code) {
    World w = new World(2);
    Watch client = new Watch();
    w.client.sink = client;
    PairTest.Ends e = PairTest.connect(w);
    assertThat(w.run(SECOND, e::established)).isTrue();
    // lifetime, age_add, nonce, ticket, an extension of no meaning, early_data
    String hex = "00000e10 01020304 01 05 0003 aabbcc 000e 1a1a 0002 0000 002a 0004 " + limit;
    byte[] body = HexFormat.of().parseHex(hex.replace(" ", ""));
    e.needServer().tls.send(w.now, APP, FakeTls.message(4, body), false);
    w.run(SECOND, () -> false);
    assertThat(Long.toHexString(client.closedWith)).isEqualTo(code.trim());
  }

  @Test
  void malformedTicketsAreLeftToTheTlsSide() {
    World w = new World(3);
    Watch client = new Watch();
    w.client.sink = client;
    PairTest.Ends e = PairTest.connect(w);
    assertThat(w.run(SECOND, e::established)).isTrue();
    for (int n = 0; n < 40; n++) {
      byte[] body = new byte[n];
      Arrays.fill(body, (byte) n);
      e.needServer().tls.send(w.now, APP, FakeTls.message(4, body), false);
    }
    w.run(SECOND, () -> false);
    assertThat(client.closedWith).isEqualTo(-1);
  }

  /** RFC 8446 section 4.2.10: a HelloRetryRequest refuses 0-RTT, whatever else comes. */
  @Test
  void aSecondClientHelloEndsZeroRtt() {
    World w = new World(4);
    Watch client = new Watch();
    w.client.sink = client;
    Sock listener = w.server.net.socket(QuicUapi.AF_INET);
    listener.bind(w.now, SockAddr.any(QuicUapi.AF_INET, 4433));
    listener.listen(w.now, 1);
    byte[] remembered = new byte[56];
    int name = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM;
    listener.getsockopt(w.now, SOL, name, remembered, 56);
    remembered[0] = 1;
    Sock sock = w.client.net.socket(QuicUapi.AF_INET);
    // Before connect it is remembered for it.
    assertThat(sock.setsockopt(w.now, SOL, name, remembered)).isZero();
    sock.connect(w.now, w.serverAddress());
    int flags = QuicUapi.MSG_QUIC_STREAM_NEW;
    assertThat(sock.sendmsg(w.now, new Msg().stream(0, flags), new byte[900], 0, 900))
        .isEqualTo(900);
    FakeTls tls = new FakeTls(sock, false);
    tls.early = true;
    tls.start(w.now);
    Sock[] child = new Sock[1];
    assertThat(w.run(SECOND, () -> (child[0] = listener.accept(w.now)) != null)).isTrue();
    new FakeTls(child[0], true).send(w.now, INITIAL, FakeTls.message(2, new byte[60]), false);
    byte[] buf = new byte[200];
    assertThat(w.run(SECOND, () -> sock.recvHandshake(w.now, new Msg(), buf, 0, buf.length) > 0))
        .isTrue();
    int before = client.zeroRttSent;
    assertThat(before).isPositive();
    assertThat(EarlyEnds.decision(w, sock)).isEqualTo(2);
    tls.send(w.now, INITIAL, FakeTls.message(1, new byte[60]), false);
    assertThat(EarlyEnds.decision(w, sock)).isZero();
    assertThat(sock.sendmsg(w.now, new Msg().stream(0, 0), new byte[900], 0, 900)).isEqualTo(900);
    w.run(SECOND, () -> false);
    assertThat(client.zeroRttSent).isEqualTo(before);
  }
}
