package dev.quic.dataplane.core.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.family.SockAddrCodec;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Every option in every state of a socket, set and get, with what the kernel answers. */
class OptionStatesTest {
  /** The columns of the tables below. */
  private enum State {
    FRESH,
    LISTENING,
    CLIENT_BEGUN,
    SERVER_BEGUN,
    CLIENT,
    SERVER,
    CLIENT_CLOSED,
    SERVER_CLOSED
  }

  private static final String SET =
      """
      EVENT                0      0      0      0      0      0      0      0
      STREAM_OPEN          NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT
      STREAM_RESET         INVAL  INVAL  INVAL  INVAL  0      0      INVAL  INVAL
      STREAM_STOP_SENDING  INVAL  INVAL  INVAL  INVAL  0      0      INVAL  INVAL
      CONNECTION_ID        INVAL  INVAL  INVAL  INVAL  0      0      INVAL  INVAL
      CONNECTION_CLOSE     0      0      0      0      0      0      0      0
      CONNECTION_MIGRATION PIPE   PIPE   INVAL  0      0      0      PIPE   PIPE
      KEY_UPDATE           PIPE   PIPE   PIPE   PIPE   0      0      PIPE   PIPE
      TRANSPORT_PARAM      0      0      0      0      INVAL  INVAL  0      0
      CONFIG               0      0      0      0      INVAL  INVAL  0      0
      TOKEN                0      INVAL  0      INVAL  0      0      0      INVAL
      ALPN                 0      INVAL  0      0      0      0      0      0
      SESSION_TICKET       0      0      0      0      0      0      0      0
      CRYPTO_SECRET        INVAL  INVAL  0      0      INVAL  INVAL  INVAL  INVAL
      TRANSPORT_PARAM_EXT  INVAL  INVAL  INVAL  INVAL  INVAL  INVAL  INVAL  INVAL
      UNKNOWN              NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT
      """;

  private static final String GET =
      """
      EVENT                2      2      2      2      2      2      2      2
      STREAM_OPEN          PIPE   PIPE   INVAL  INVAL  16     16     PIPE   PIPE
      STREAM_RESET         NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT
      STREAM_STOP_SENDING  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT
      CONNECTION_ID        INVAL  INVAL  12     12     12     12     12     12
      CONNECTION_CLOSE     72     72     72     72     72     72     72     72
      CONNECTION_MIGRATION NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT
      KEY_UPDATE           NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT
      TRANSPORT_PARAM      56     56     56     56     56     56     56     56
      CONFIG               28     28     28     28     28     28     28     28
      TOKEN                0      INVAL  0      INVAL  some   INVAL  some   INVAL
      ALPN                 0      0      0      0      0      0      0      0
      SESSION_TICKET       0      PIPE   0      64     0      64     0      PIPE
      CRYPTO_SECRET        NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT
      TRANSPORT_PARAM_EXT  INVAL  INVAL  some   some   INVAL  INVAL  INVAL  INVAL
      UNKNOWN              NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT  NOOPT
      """;

  private static final List<String> NAMES =
      List.of(
          "EVENT",
          "STREAM_OPEN",
          "STREAM_RESET",
          "STREAM_STOP_SENDING",
          "CONNECTION_ID",
          "CONNECTION_CLOSE",
          "CONNECTION_MIGRATION",
          "KEY_UPDATE",
          "TRANSPORT_PARAM",
          "CONFIG",
          "TOKEN",
          "ALPN",
          "SESSION_TICKET",
          "CRYPTO_SECRET",
          "TRANSPORT_PARAM_EXT");

  private static Program in(State state, long seed) {
    return switch (state) {
      case FRESH, LISTENING, CLIENT_BEGUN, SERVER_BEGUN -> early(state, seed);
      case CLIENT -> Programs.established(seed).client;
      case SERVER -> Programs.established(seed).server;
      case CLIENT_CLOSED -> closed(Programs.established(seed), false);
      case SERVER_CLOSED -> closed(Programs.established(seed), true);
    };
  }

  private static Program early(State state, long seed) {
    World w = new World(seed);
    Sock s = w.server.net.socket(QuicUapi.AF_INET);
    if (state == State.FRESH) {
      return new Program(w, s);
    }
    s.bind(w.now, w.serverAddress());
    s.listen(w.now, 1);
    if (state == State.LISTENING) {
      return new Program(w, s);
    }
    Sock client = w.client.net.socket(QuicUapi.AF_INET);
    client.connect(w.now, w.serverAddress());
    if (state == State.CLIENT_BEGUN) {
      return new Program(w, client);
    }
    new FakeTls(client, false).start(w.now);
    List<Sock> got = new ArrayList<>();
    s.watch((x, mask) -> got.add(x.accept(w.now)));
    w.run(Programs.SECOND, () -> !got.isEmpty());
    return new Program(w, got.get(0));
  }

  private static Program closed(Programs p, boolean server) {
    Program gone = server ? p.client : p.server;
    gone.sock.close(p.world.now);
    p.client.pause(Programs.SECOND);
    return server ? p.server : p.client;
  }

  /** A value that is good for the option, or the caller's room. */
  private static byte[] value(String name, boolean set, Program p) {
    return switch (name) {
      case "EVENT" -> new byte[] {1, 1};
      case "STREAM_OPEN" -> Program.bytes(16, -1L, 0);
      case "STREAM_RESET", "STREAM_STOP_SENDING" -> Program.bytes(16, firstId(p), 1);
      case "CONNECTION_ID", "CONFIG" -> new byte[name.equals("CONFIG") ? 28 : 12];
      case "CONNECTION_CLOSE" -> new byte[72];
      case "CONNECTION_MIGRATION" -> {
        SockAddr at = p.sock.sockname();
        yield SockAddrCodec.encode(SockAddr.v4(at.v4Bits(), 9_999));
      }
      case "TRANSPORT_PARAM" -> new byte[56];
      case "ALPN" -> set ? new byte[] {'x'} : new byte[128];
      case "SESSION_TICKET" -> new byte[set ? 64 : 4_096];
      case "TOKEN" -> new byte[set ? 8 : 512];
      case "CRYPTO_SECRET" -> Program.bytes(56, (byte) 1, (byte) 2, (short) 0, 51);
      case "TRANSPORT_PARAM_EXT" -> new byte[set ? 5 : 512];
      default -> new byte[4];
    };
  }

  private static long firstId(Program p) {
    return p.sock.isServer() ? 1 : 0;
  }

  private static int call(String name, boolean set, Program p) {
    int number = name.equals("UNKNOWN") ? 99 : NAMES.indexOf(name);
    if (set && (name.equals("STREAM_RESET") || name.equals("STREAM_STOP_SENDING"))) {
      p.send("x", firstId(p), Programs.NEW);
    }
    byte[] v = value(name, set, p);
    return set ? p.set(number, v) : p.get(number, v);
  }

  private static void check(String table, boolean set) {
    SoftAssertions all = new SoftAssertions();
    long seed = 1;
    for (String line : table.lines().toList()) {
      String[] cells = line.split(" +");
      for (State state : State.values()) {
        int got = call(cells[0], set, in(state, seed++));
        String wanted = cells[1 + state.ordinal()];
        String what = (set ? "set " : "get ") + cells[0] + " " + state;
        if (wanted.equals("some")) {
          all.assertThat(got).as(what).isPositive();
        } else {
          all.assertThat(got).as(what).isEqualTo(number(wanted));
        }
      }
    }
    all.assertAll();
  }

  private static int number(String cell) {
    return switch (cell) {
      case "INVAL" -> -Errno.EINVAL;
      case "PIPE" -> -Errno.EPIPE;
      case "NOOPT" -> -Errno.ENOPROTOOPT;
      default -> Integer.parseInt(cell);
    };
  }

  @Test
  void setInEveryState() {
    check(SET, true);
  }

  @Test
  void getInEveryState() {
    check(GET, false);
  }

  @Test
  void pollIoctlAndNamesInEveryState() {
    int in = Sock.POLL_IN;
    int out = Sock.POLL_OUT;
    int over = in | out | Sock.POLL_ERR | Sock.POLL_HUP | Sock.POLL_RDHUP;
    SoftAssertions all = new SoftAssertions();
    for (State state : State.values()) {
      Program p = in(state, 100 + state.ordinal());
      int shown = p.sock.poll() & ~Sock.POLL_HANDSHAKE;
      int wanted =
          switch (state) {
            case FRESH, CLIENT_CLOSED, SERVER_CLOSED -> over;
            case LISTENING, CLIENT_BEGUN -> 0;
            case SERVER_BEGUN -> in;
            case CLIENT, SERVER -> out;
          };
      all.assertThat(shown).as("poll " + state).isEqualTo(wanted);
      for (int request : new int[] {0x541b, 0x5411, 0x894b}) {
        long n = state == State.LISTENING ? -Errno.EINVAL : 0;
        all.assertThat(p.sock.ioctl(request)).as("ioctl " + state).isEqualTo(n);
      }
      boolean connected = state.ordinal() >= State.CLIENT_BEGUN.ordinal();
      all.assertThat(p.sock.peername() != null).as("getpeername " + state).isEqualTo(connected);
      boolean named = state != State.FRESH;
      all.assertThat(p.sock.sockname().port() != 0).as("getsockname " + state).isEqualTo(named);
    }
    all.assertAll();
    Program p = in(State.FRESH, 1);
    assertThat(p.sock.ioctl(0x1234)).as("an unknown request").isEqualTo(-25);
  }

  @Test
  void sendAndReceiveInEveryState() {
    SoftAssertions all = new SoftAssertions();
    for (State state : State.values()) {
      Program p = in(state, 200 + state.ordinal());
      boolean closed = state == State.CLIENT_CLOSED || state == State.SERVER_CLOSED;
      boolean dead = closed || state == State.FRESH || state == State.LISTENING;
      int sent = p.send("x", firstId(p), Programs.NEW);
      boolean live = state == State.CLIENT || state == State.SERVER;
      int wanted = dead ? -Errno.EPIPE : live ? 1 : -Errno.EINVAL;
      all.assertThat(sent).as("send " + state).isEqualTo(wanted);
      all.assertThat(p.plain(new byte[1], 0x1)).as("MSG_OOB " + state).isEqualTo(-Errno.EINVAL);
      all.assertThat(p.strange()).as("cmsg " + state).isEqualTo(-Errno.EINVAL);
      all.assertThat(p.send("x", 0, 1)).as("stream flag " + state).isEqualTo(-Errno.EINVAL);
      if (state != State.SERVER_BEGUN) {
        int none = dead ? -Errno.ENOTCONN : -Errno.EAGAIN;
        all.assertThat(p.recvNow(10, 0).n()).as("recv " + state).isEqualTo(none);
      }
      int shut = dead ? -Errno.ENOTCONN : 0;
      all.assertThat(p.sock.shutdown(p.world.now, 3)).as("shutdown 3").isEqualTo(-Errno.EINVAL);
      all.assertThat(p.sock.shutdown(p.world.now, 1)).as("shutdown " + state).isEqualTo(shut);
    }
    all.assertAll();
  }
}
