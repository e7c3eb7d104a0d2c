package dev.quic.simnet.peer;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * A TLS that keeps the form of the handshake and nothing else, as in the kernel's selftest:
 * constant secrets, filler messages, transport parameters carried through. Drives one socket, never
 * blocks.
 */
public class FakeTls {
  private static final int SECRET_BYTES = 56;
  private static final int MAX_MESSAGE = 70_000;

  private record Message(int level, byte[] bytes, long arrived) {}

  private final Sock sock;
  private final boolean server;
  private final TlsScript script;
  private final byte[][] partial = new byte[QuicUapi.QUIC_CRYPTO_MAX][0];
  private final ArrayDeque<Message> inbox = new ArrayDeque<>();
  private final byte[] buf = new byte[16_384];
  private final Msg msg = new Msg();
  private boolean started;
  private boolean done;
  private int error;
  private String failedAt = "";
  private long born = -1;

  public FakeTls(Sock sock, boolean server, TlsScript script) {
    this.sock = sock;
    this.server = server;
    this.script = script;
    if (script.grant()) {
      sock.handshakeOwnedElsewhere(true);
    }
  }

  protected final Sock sock() {
    return sock;
  }

  protected final boolean server() {
    return server;
  }

  protected final TlsScript script() {
    return script;
  }

  /** Whether data may go before the handshake is done. */
  final boolean early() {
    return script.early();
  }

  private void earlyData(long now, boolean taken) {
    byte[] v = {(byte) (taken ? 1 : 0), 0, 0, 0};
    int rc = sock.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_EARLY_DATA, v);
    if (rc < 0) {
      fail("EARLY_DATA", rc);
    }
  }

  /** Every secret is installed and every message sent. */
  public final boolean done() {
    return done;
  }

  /** Positive errno of the call that failed, 0 while all is well. */
  public final int error() {
    return error;
  }

  /** What failed, in words. */
  public final String failure() {
    return failedAt + " " + Errno.name(error);
  }

  /** How long an answer takes, virtual nanoseconds. */
  protected long thinkingTime() {
    return 0;
  }

  /** When a late answer is ready. */
  public final long deadline() {
    if (done || error != 0) {
      return Long.MAX_VALUE;
    }
    if (!server && !started && born >= 0) {
      return born + thinkingTime();
    }
    Message m = inbox.peek();
    return m == null ? Long.MAX_VALUE : m.arrived + thinkingTime();
  }

  /** Goes on as far as possible. */
  public final void step(long now) {
    if (born < 0) {
      born = now;
    }
    if (!server && !started && error == 0 && now >= born + thinkingTime()) {
      started = true;
      hello(now, script.early());
    }
    while (!done && error == 0) {
      read(now);
      Message m = inbox.peek();
      if (m == null || now < m.arrived + thinkingTime()) {
        return;
      }
      inbox.remove();
      onMessage(now, m.level, m.bytes);
    }
  }

  private void hello(long now, boolean early) {
    byte[] params = localParameters(now);
    send(now, QuicUapi.QUIC_CRYPTO_INITIAL, clientHello(params));
    if (early) {
      secret(now, QuicUapi.QUIC_CRYPTO_EARLY, true);
    }
  }

  /** The first message of a client. */
  protected byte[] clientHello(byte[] params) {
    return TlsMessages.clientHello(params, "fake");
  }

  private void read(long now) {
    while (error == 0) {
      msg.reset();
      int n =
          script.grant()
              ? sock.recvHandshake(now, msg, buf, 0, buf.length)
              : sock.recvmsg(now, msg, buf, 0, buf.length);
      if (n == -Errno.EAGAIN) {
        return;
      }
      if (n < 0) {
        fail("recvmsg", n);
        return;
      }
      if (msg.cmsg != QuicUapi.QUIC_HANDSHAKE_INFO) {
        fail("data before the handshake was over", -Errno.EPROTO);
        return;
      }
      if (n == 0) {
        // The socket went on in another QUIC version: the handshake begins anew.
        hello(now, false);
        continue;
      }
      append(now, msg.cryptoLevel, n);
    }
  }

  private void append(long now, int level, int n) {
    byte[] have = partial[level];
    byte[] all = Arrays.copyOf(have, have.length + n);
    System.arraycopy(buf, 0, all, have.length, n);
    int at = 0;
    while (all.length - at >= TlsMessages.HEADER) {
      int len = (all[at + 1] & 0xff) << 16 | (all[at + 2] & 0xff) << 8 | all[at + 3] & 0xff;
      if (len > MAX_MESSAGE) {
        fail("a message of " + len + " bytes", -Errno.EPROTO);
        break;
      }
      int end = at + TlsMessages.HEADER + len;
      if (all.length < end) {
        break;
      }
      inbox.add(new Message(level, Arrays.copyOfRange(all, at, end), now));
      at = end;
    }
    partial[level] = at == 0 ? all : Arrays.copyOfRange(all, at, all.length);
  }

  private void onMessage(long now, int level, byte[] m) {
    int type = m[0];
    if (server && level == QuicUapi.QUIC_CRYPTO_INITIAL && type == TlsMessages.CLIENT_HELLO) {
      onClientHello(now, m);
    } else if (!server
        && level == QuicUapi.QUIC_CRYPTO_INITIAL
        && type == TlsMessages.SERVER_HELLO) {
      secret(now, QuicUapi.QUIC_CRYPTO_HANDSHAKE, true);
      secret(now, QuicUapi.QUIC_CRYPTO_HANDSHAKE, false);
    } else if (!server && type == TlsMessages.ENCRYPTED_EXTENSIONS) {
      if (script.early()) {
        earlyData(now, TlsMessages.takesEarly(m));
      }
      peerParameters(now, TlsMessages.params(m));
    } else if (!server && type == TlsMessages.CERTIFICATE) {
      return;
    } else if (level == QuicUapi.QUIC_CRYPTO_HANDSHAKE && type == TlsMessages.FINISHED) {
      onFinished(now);
    } else {
      fail("unexpected message " + type + " at level " + level, -Errno.EPROTO);
    }
  }

  private void onClientHello(long now, byte[] m) {
    peerParameters(now, TlsMessages.params(m));
    if (script.early()) {
      secret(now, QuicUapi.QUIC_CRYPTO_EARLY, false);
    }
    secret(now, QuicUapi.QUIC_CRYPTO_HANDSHAKE, true);
    secret(now, QuicUapi.QUIC_CRYPTO_HANDSHAKE, false);
    send(now, QuicUapi.QUIC_CRYPTO_INITIAL, TlsMessages.filler(TlsMessages.SERVER_HELLO, 86));
    byte[] ee = TlsMessages.encryptedExtensions(localParameters(now), script.early());
    send(now, QuicUapi.QUIC_CRYPTO_HANDSHAKE, ee);
    byte[] certificate = TlsMessages.filler(TlsMessages.CERTIFICATE, script.flightBytes());
    send(now, QuicUapi.QUIC_CRYPTO_HANDSHAKE, certificate);
    send(now, QuicUapi.QUIC_CRYPTO_HANDSHAKE, TlsMessages.filler(TlsMessages.FINISHED, 32));
    if (script.earlyAppSend()) {
      secret(now, QuicUapi.QUIC_CRYPTO_APP, true);
    }
  }

  private void onFinished(long now) {
    int app = QuicUapi.QUIC_CRYPTO_APP;
    if (server) {
      if (!script.earlyAppSend()) {
        secret(now, app, true);
      }
      secret(now, app, false);
      if (script.ticket()) {
        send(now, app, TlsMessages.filler(TlsMessages.NEW_SESSION_TICKET, 200));
      }
    } else {
      byte[] finished = TlsMessages.filler(TlsMessages.FINISHED, 32);
      if (script.secretsFirst()) {
        secret(now, app, true);
        secret(now, app, false);
        send(now, QuicUapi.QUIC_CRYPTO_HANDSHAKE, finished);
      } else {
        send(now, QuicUapi.QUIC_CRYPTO_HANDSHAKE, finished);
        secret(now, app, true);
        secret(now, app, false);
      }
    }
    if (error == 0) {
      done = true;
      if (script.grant()) {
        sock.handshakeOwnedElsewhere(false);
      }
    }
  }

  // --- the calls, each of which a liar may change

  protected void send(long now, int level, byte[] message) {
    if (error != 0) {
      return;
    }
    int n = sock.sendmsg(now, new Msg().handshake(level), message, 0, message.length);
    if (n != message.length) {
      fail("sendmsg at level " + level, n < 0 ? n : -Errno.ENOSPC);
    }
  }

  protected void secret(long now, int level, boolean send) {
    install(now, level, send, script.cipher(), secretBytes(level, send));
  }

  /** The constant secret of a level and of a direction as this side sees it. */
  protected final byte[] secretBytes(int level, boolean send) {
    return constantSecret(level, send == server);
  }

  /** The secret of a level and direction, for those who forge packets. */
  public static byte[] constantSecret(int level, boolean fromServer) {
    byte[] s = new byte[48];
    for (int i = 0; i < s.length; i++) {
      s[i] = (byte) (level * 67 + (fromServer ? 31 : 0) + i);
    }
    return s;
  }

  protected final void install(long now, int level, boolean send, int cipher, byte[] secret) {
    if (error != 0) {
      return;
    }
    byte[] v = new byte[SECRET_BYTES];
    v[0] = (byte) (send ? 1 : 0);
    v[1] = (byte) level;
    v[4] = (byte) cipher;
    System.arraycopy(secret, 0, v, 8, secret.length);
    int rc = sock.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, v);
    if (rc < 0) {
      fail("secret of level " + level + (send ? " send" : " recv"), rc);
    }
  }

  protected void peerParameters(long now, byte[] params) {
    if (error != 0) {
      return;
    }
    int rc =
        sock.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, params);
    if (rc < 0) {
      fail("the peer's transport parameters", rc);
    }
  }

  protected byte[] localParameters(long now) {
    byte[] v = new byte[512];
    int n =
        sock.getsockopt(
            now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, v, v.length);
    if (n < 0) {
      fail("own transport parameters", n);
      return new byte[0];
    }
    return Arrays.copyOf(v, n);
  }

  protected final void fail(String what, int negated) {
    if (error == 0) {
      failedAt = what;
      error = -negated;
    }
  }
}
