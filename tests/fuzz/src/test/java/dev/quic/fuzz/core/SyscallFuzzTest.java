package dev.quic.fuzz.core;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.simnet.Pair;
import dev.quic.simnet.Sim;
import dev.quic.uapi.QuicUapi;

/** The calls of a program, in any order and with any arguments. */
class SyscallFuzzTest {
  private static final int CALLS = 64;
  private static final int ROOM = 2_048;
  private static final int MAX_ERRNO = 4_095;

  private final byte[] buf = new byte[ROOM];

  static void check(String call, long rc) {
    if (rc < -MAX_ERRNO) {
      throw new IllegalStateException(call + " answers " + rc);
    }
  }

  /** Input: for each call a byte for what, one for whom, then its arguments. */
  @FuzzTest(maxDuration = "10m")
  void calls(byte[] data) {
    Input in = new Input(data);
    Ends e = new Ends();
    Sock fresh = e.world.client.net.socket(QuicUapi.AF_INET);
    Sock begun = e.world.begin(1);
    Sock[] socks = {e.client, e.server, e.world.listener(), fresh, begun};
    for (int i = 0; in.more() && i < CALLS; i++) {
      int what = in.u8();
      Sock s = socks[in.u8() % socks.length];
      call(in, e, s, what);
      if ((what & 0x80) != 0) {
        e.world.pass(Sim.MILLIS);
      }
    }
    e.settle();
    e.close();
  }

  private void call(Input in, Ends e, Sock s, int what) {
    long now = e.world.now();
    switch (what & 0x0f) {
      case 0, 1, 2 -> check("setsockopt", s.setsockopt(now, level(in), option(in), value(in)));
      case 3 -> get(in, s, now);
      case 4, 5, 6 -> send(in, s, now);
      case 7 -> receive(in, s, now);
      case 8 -> check("shutdown", s.shutdown(now, in.u8() - 1));
      case 9 -> check("ioctl", s.ioctl(in.u8() < 128 ? 0x541b : in.u16()));
      case 10 -> check("bind", s.bind(now, Pair.CLIENT.withPort(in.u16())));
      case 11 -> check("connect", s.connect(now, Pair.SERVER.withPort(in.u16())));
      case 12 -> check("listen", s.listen(now, in.u8() - 1));
      case 13 -> s.handshakeOwnedElsewhere((in.u8() & 1) != 0);
      case 14 -> check("recvHandshake", s.recvHandshake(now, new Msg(), buf, 0, in.u8()));
      default -> {
        Sock a = s.accept(now);
        if (a != null) {
          a.close(now);
        }
        if (in.u8() == 1) {
          s.close(now);
        }
      }
    }
    int unused = s.poll();
    s.sockname();
    s.peername();
  }

  private static int level(Input in) {
    return in.u8() < 250 ? QuicUapi.SOL_QUIC : 1;
  }

  /** The kernel's numbers from 0, ours from 0x1000. */
  private static int option(Input in) {
    int n = in.u8();
    return n < 64 ? n : 0x1000 + (n - 64);
  }

  private static byte[] value(Input in) {
    return in.take(in.u8());
  }

  private void get(Input in, Sock s, long now) {
    int level = level(in);
    int name = option(in);
    byte[] v = value(in);
    byte[] room = java.util.Arrays.copyOf(v, Math.max(v.length, in.u8() * 4));
    int rc = s.getsockopt(now, level, name, room, room.length);
    check("getsockopt", rc);
    if (rc > room.length) {
      throw new IllegalStateException("getsockopt " + name + " answers " + rc);
    }
  }

  private static Msg msg(Input in) {
    Msg m = new Msg();
    m.flags = in.u16() << 16 | in.u16();
    int kind = in.u8() % 4;
    if (kind == 1) {
      m.cmsg = QuicUapi.QUIC_STREAM_INFO;
      m.streamId = in.u8() - 2L;
      m.streamFlags = in.u16() << 16;
    } else if (kind == 2) {
      m.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
      m.cryptoLevel = in.u8() - 1;
    } else if (kind == 3) {
      m.cmsg = in.u8();
    }
    return m;
  }

  private void send(Input in, Sock s, long now) {
    Msg m = msg(in);
    byte[] bytes = in.take(in.u8() * 4);
    int rc = s.sendmsg(now, m, bytes, 0, bytes.length);
    check("sendmsg", rc);
    if (rc > bytes.length) {
      throw new IllegalStateException("sendmsg took " + rc + " of " + bytes.length);
    }
  }

  private void receive(Input in, Sock s, long now) {
    Msg m = new Msg();
    m.flags = in.u16();
    int len = in.u8() * 8;
    int rc = s.recvmsg(now, m, buf, 0, len);
    check("recvmsg", rc);
    if (rc > len) {
      throw new IllegalStateException("recvmsg gave " + rc + " of " + len);
    }
  }
}
