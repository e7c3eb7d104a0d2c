package dev.quic.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.packet.PacketHeader.Kind;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Datagram;
import dev.quic.simnet.Network;
import dev.quic.simnet.Sim;
import dev.quic.simnet.peer.FakeTls;
import dev.quic.simnet.peer.Peer;
import dev.quic.simnet.peer.TlsScript;
import dev.quic.simnet.peer.Transfer;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a server must answer to each violation of a client's: h3spec's list, its transport part. The
 * handshake is real, the violation is the client's next packet, and the code is read where a client
 * reads it, out of the server's CONNECTION_CLOSE.
 */
class TransportViolationsTest {
  private static final long IDLE = 30 * Sim.SECONDS;

  private final Scenario s = new Scenario(Network.clean(20 * Sim.MILLIS));
  private final ForgedClient forged = new ForgedClient();

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", "").replace("-", ""));
  }

  /** What a program was told the peer closed with; -1 while it has not. */
  static long closedWith(Sock sock) {
    byte[] v = new byte[72];
    sock.getsockopt(0, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, v, 72);
    boolean closed = sock.state() == QuicUapi.QUIC_SS_CLOSED;
    return closed ? ByteBuffer.wrap(v).order(ByteOrder.LITTLE_ENDIAN).getInt() : -1;
  }

  private void toServer(Datagram d) {
    s.pair.server().accept(s.sim().now(), d);
  }

  private Peer established() {
    s.toServer =
        d -> {
          forged.learn(d);
          return true;
        };
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    assertThat(s.sim().run(() -> s.finished(client), Sim.MINUTES)).isEqualTo(Sim.End.GOAL);
    s.sim().runFor(Sim.SECONDS);
    return client;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "STREAM beyond the connection's window, 0e 80000004 80200000 01 00, 3",
    "STREAM beyond the stream's window, 0e 80000004 80100000 01 00, 3",
    "STREAM beyond 2^62, 0e 04 ffffffffffffffff 01 00, 3|7",
    "STREAM with an id beyond the limit, 0a a0001000 01 00, 4",
    "an unknown frame, 40 ff 00, 7",
    "MAX_STREAMS (bidi) above 2^60, 12 d000000000000001, 7",
    "MAX_STREAMS (uni) above 2^60, 13 d000000000000001, 7",
    "STREAMS_BLOCKED (bidi) above 2^60, 16 d000000000000001, 7",
    "STREAMS_BLOCKED (uni) above 2^60, 17 d000000000000001, 7",
    "Retire Prior To above the sequence number, "
        + "18 05 06 04 01020304 00000000000000000000000000000000, 7",
    "NEW_CONNECTION_ID without an id, 18 05 00 00 00000000000000000000000000000000, 7",
    "NEW_CONNECTION_ID with 21 bytes, "
        + "18 05 00 15 000000000000000000000000000000000000000000"
        + " 00000000000000000000000000000000, 7",
    "a packet without frames, -, a",
    "NEW_TOKEN from a client, 07 01 00, a",
    "NEW_TOKEN from a client without a token, 07 00, a|7",
    "HANDSHAKE_DONE from a client, 1e, a",
    "RESET_STREAM of a send-only stream, 04 03 00 00, 5",
    "STOP_SENDING of a stream that does not exist, 05 09 00, 5",
    "STOP_SENDING of a receive-only stream, 05 02 00, 5",
    "STREAM of a stream the server has not created, 0a 09 01 00, 5",
    "STREAM of a send-only stream, 0a 03 01 00, 5",
    "MAX_STREAM_DATA of a stream not created, 11 09 10, 5",
    "MAX_STREAM_DATA of a receive-only stream, 11 02 10, 5",
    "STREAM_DATA_BLOCKED of a send-only stream, 15 03 10, 5",
    "RETIRE_CONNECTION_ID never issued, 19 3f, a",
    "ACK of a packet never sent, 02 7fff 00 00 00, a",
    "RESET_STREAMs beyond the connection's window, 04 04 00 800ffff0 04 08 00 800ffff0, 3",
    "data before an unknown frame, 0a 04 03 414141 40 ff, 7",
    "KeyUpdate in 1-RTT CRYPTO, 06 00 05 18 00 00 01 00, 10a",
  })
  void framesInOneRtt(String what, String frames, String codes) {
    Peer client = established();
    toServer(forged.packet(QuicUapi.QUIC_CRYPTO_APP, hex(frames), 0));
    s.sim().runFor(Sim.SECONDS);
    assertThat(codes.split("\\|")).contains(Long.toHexString(closedWith(client.sock())));
  }

  @ParameterizedTest(name = "reserved bits {0} in a short header")
  @CsvSource({"08", "10", "18"})
  void reservedBitsInShort(String bits) {
    Peer client = established();
    toServer(forged.packet(QuicUapi.QUIC_CRYPTO_APP, hex("01"), Integer.parseInt(bits, 16)));
    s.sim().runFor(Sim.SECONDS);
    assertThat(closedWith(client.sock())).isEqualTo(0xa);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "reserved bits in Handshake, 01, 4, a",
    "reserved bits in Handshake, 01, 8, a",
    "PATH_CHALLENGE in Handshake, 1a 0102030405060708, 0, a",
    "PATH_RESPONSE in Handshake, 1b 0102030405060708, 0, a",
    "STREAM in Handshake, 0a 00 01 41, 0, a",
    "MAX_DATA in Handshake, 10 4100, 0, a",
    "NEW_CONNECTION_ID in Handshake, 18 05 00 04 01020304 00000000000000000000000000000000, 0, a",
    "HANDSHAKE_DONE in Handshake, 1e, 0, a",
    "an application's close in Handshake, 1d 00 00, 0, a",
    "a packet without frames in Handshake, -, 0, a",
    "an unknown frame in Handshake, 40 ff, 0, 7",
    "ACK of a packet never sent in Handshake, 02 7fff 00 00 00, 0, a",
  })
  void packetsInHandshake(String what, String frames, int bits, String code) {
    Peer client = atHandshake(QuicUapi.QUIC_CRYPTO_HANDSHAKE, frames, bits);
    assertThat(Long.toHexString(closedWith(client.sock()))).isEqualTo(code);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "reserved bits in Initial, 01, 4, a",
    "STREAM in Initial, 0a 00 01 41, 0, a",
    "PATH_CHALLENGE in Initial, 1a 0102030405060708, 0, a",
    "HANDSHAKE_DONE in Initial, 1e, 0, a",
    "an unknown frame in Initial, 40 ff, 0, 7",
    "CRYPTO behind the ClientHello, 06 5388 01 41, 0, a",
  })
  void packetsInInitial(String what, String frames, int bits, String code) {
    Peer client = atHandshake(QuicUapi.QUIC_CRYPTO_INITIAL, frames, bits);
    assertThat(Long.toHexString(closedWith(client.sock()))).isEqualTo(code);
  }

  /** The client's first answer to the server's flight is replaced. */
  private Peer atHandshake(int level, String frames, int bits) {
    boolean[] sent = new boolean[1];
    s.toServer =
        d -> {
          forged.learn(d);
          if (!sent[0] && forged.knowsServer()) {
            sent[0] = true;
            toServer(forged.packet(level, hex(frames), bits));
          }
          return !sent[0];
        };
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client = s.connect(TlsScript.plain(), IDLE, 1, 1_000);
    s.sim().run(client::over, Sim.MINUTES);
    return client;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "CRYPTO in 0-RTT, 06 00 01 00, a",
    "ACK in 0-RTT, 02 00 00 00 00, a",
    "HANDSHAKE_DONE in 0-RTT, 1e, a",
    "NEW_TOKEN in 0-RTT, 07 01 00, a",
    "PATH_RESPONSE in 0-RTT, 1b 0102030405060708, a",
    "RETIRE_CONNECTION_ID in 0-RTT, 19 00, a",
  })
  void framesInEarlyData(String what, String frames, String code) {
    TlsScript script = TlsScript.plain().granted().withEarly(true);
    boolean[] sent = new boolean[1];
    s.toServer =
        d -> {
          if (forged.learn(d) == Kind.INITIAL && !sent[0] && forged.knowsServer()) {
            sent[0] = true;
            toServer(forged.packet(QuicUapi.QUIC_CRYPTO_EARLY, hex(frames), 0));
          }
          return !sent[0];
        };
    s.listen(script, IDLE, 1, 1_000);
    s.pair.remember();
    Peer client = s.connect(script, IDLE, 1, 1_000);
    s.sim().run(client::over, Sim.MINUTES);
    assertThat(Long.toHexString(closedWith(client.sock()))).isEqualTo(code);
  }

  // --- transport parameters

  /** A client's TLS whose transport parameters are changed on their way into the ClientHello. */
  private static final class Editor extends FakeTls {
    private final long without;
    private final byte[] more;

    Editor(Sock sock, long without, byte[] more) {
      super(sock, false, TlsScript.plain());
      this.without = without;
      this.more = more;
    }

    @Override
    protected byte[] localParameters(long now) {
      ByteBuffer in = ByteBuffer.wrap(super.localParameters(now));
      ByteBuffer out = ByteBuffer.allocate(512);
      while (in.hasRemaining()) {
        int start = in.position();
        long id = varint(in);
        int length = (int) varint(in);
        in.position(in.position() + length);
        if (id != without) {
          out.put(in.array(), start, in.position() - start);
        }
      }
      out.put(more);
      return Arrays.copyOf(out.array(), out.position());
    }

    private static long varint(ByteBuffer in) {
      int first = in.get() & 0xff;
      long v = first & 0x3f;
      for (int n = (1 << (first >> 6)) - 1; n > 0; n--) {
        v = v << 8 | in.get() & 0xff;
      }
      return v;
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "initial_source_connection_id missing, f, -",
    "initial_source_connection_id of somebody else, f, 0f 08 0102030405060708",
    "original_destination_connection_id from a client, ff, 00 08 0102030405060708",
    "stateless_reset_token from a client, ff, 02 10 00000000000000000000000000000000",
    "retry_source_connection_id from a client, ff, 10 08 0102030405060708",
    "preferred_address from a client, ff, 0d 2d 7f000001 01bb"
        + " 00000000000000000000000000000001 01bb 04 01020304"
        + " 00000000000000000000000000000000",
    "max_udp_payload_size below 1200, 3, 03 02 44af",
    "ack_delay_exponent above 20, a, 0a 01 15",
    "max_ack_delay of 2^14, b, 0b 04 80004000",
    "active_connection_id_limit of 1, e, 0e 01 01",
    "initial_max_streams_bidi above 2^60, 8, 08 08 d000000000000001",
    "a parameter twice, ff, 04 01 10",
    "a parameter cut short, ff, 0b 04 80",
    "a value that is no variable-length integer, 4, 04 01 40",
    "a flag with a value, c, 0c 01 00",
  })
  void transportParameters(String what, String without, String more) {
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client =
        s.pair.connect(
            IDLE,
            k ->
                new Peer(
                    k,
                    new Editor(k, Long.parseLong(without, 16), hex(more)),
                    new Transfer(k, false, 1, 1_000, 1_000, Scenario.SEED)));
    s.sim().run(client::over, Sim.MINUTES);
    assertThat(closedWith(client.sock())).isEqualTo(8);
  }

  /** RFC 9000 section 7.4.2. */
  @ParameterizedTest(name = "parameter {0}")
  @CsvSource({"1b 00", "405b 03 010203", "c0000000000dead1 0a 00000000000000000000"})
  void unknownParametersAreIgnored(String more) {
    s.listen(TlsScript.plain(), IDLE, 1, 1_000);
    Peer client =
        s.pair.connect(
            IDLE,
            k ->
                new Peer(
                    k,
                    new Editor(k, -1, hex(more)),
                    new Transfer(k, false, 1, 1_000, 1_000, Scenario.SEED)));
    s.sim().run(() -> s.finished(client) || client.over(), Sim.MINUTES);
    assertThat(s.finished(client)).as("%s", client).isTrue();
  }
}
