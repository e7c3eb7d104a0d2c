package dev.quic.resumption;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakeInput;
import dev.quic.handshaked.tls.HandshakeStep;
import dev.quic.handshaked.tls.HandshakeStepper;
import dev.quic.handshaked.tls.TlsConfig;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The real TLS of a server on a socket of the core, step by step, without blocking. */
final class CoreTls {
  private static final int SECRET_STRUCT = 56;
  private static final int CLOSE_STRUCT = 72;
  private static final int MAX_OPTION = 4_096;
  private static final int CRYPTO_ERROR = 0x100;

  private final Sock sock;
  private final HandshakeStepper stepper;
  private final byte[] buffer = new byte[16_384];
  private HandshakeStep step;
  private boolean over;

  CoreTls(Sock sock, TlsConfig.Server config) {
    this.sock = sock;
    this.stepper = HandshakeStepper.server(config);
    this.step = stepper.step(new HandshakeInput.Proceed());
    // As a grant does: recvmsg is for data only.
    sock.handshakeOwnedElsewhere(true);
  }

  /** Done, one way or the other. */
  boolean over() {
    return over;
  }

  /** Goes on as far as possible. */
  void run(long now) {
    while (!over) {
      HandshakeInput input = carryOut(now);
      if (input == null) {
        return;
      }
      step = stepper.step(input);
    }
  }

  /** Null when nothing goes on yet, or any more. */
  private @Nullable HandshakeInput carryOut(long now) {
    switch (step) {
      case HandshakeStep.Get get -> {
        return new HandshakeInput.Value(get(now, get.option()));
      }
      case HandshakeStep.SetAlpn set ->
          set(now, QuicUapi.QUIC_SOCKOPT_ALPN, set.alpn().getBytes(StandardCharsets.UTF_8));
      case HandshakeStep.SetTransportParameters set ->
          set(now, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, set.body());
      case HandshakeStep.InstallSecret secret -> install(now, secret);
      case HandshakeStep.Send send -> {
        Msg msg = new Msg().handshake(send.level().number());
        msg.flags = send.more() ? QuicUapi.MSG_MORE : 0;
        must(sock.sendmsg(now, msg, send.bytes(), 0, send.bytes().length));
      }
      case HandshakeStep.Receive ignored -> {
        return receive(now);
      }
      case HandshakeStep.Failed failed -> {
        over = true;
        byte[] close = new byte[CLOSE_STRUCT];
        ByteBuffer.wrap(close)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(CRYPTO_ERROR + Math.max(failed.alert(), 0));
        set(now, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, close);
        sock.close(now);
        return null;
      }
      case HandshakeStep.Done done -> {
        over = true;
        sock.handshakeOwnedElsewhere(false);
        done.outcome().destroy();
        return null;
      }
      default -> throw new IllegalStateException("not a step of a server: " + step);
    }
    return new HandshakeInput.Proceed();
  }

  private byte[] get(long now, HandshakeStep.Option option) {
    int name =
        switch (option) {
          case ALPN -> QuicUapi.QUIC_SOCKOPT_ALPN;
          case SESSION_TICKET -> QuicUapi.QUIC_SOCKOPT_SESSION_TICKET;
          case SET_TICKET_KEY -> QuicUapi.QUIC_SOCKOPT_SET_TICKET_KEY;
          case CONFIG -> QuicUapi.QUIC_SOCKOPT_CONFIG;
          case TRANSPORT_PARAMETERS -> QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT;
        };
    byte[] value = new byte[MAX_OPTION];
    int n = must(sock.getsockopt(now, QuicUapi.SOL_QUIC, name, value, value.length));
    return Arrays.copyOf(value, n);
  }

  private void set(long now, int name, byte[] value) {
    // A connection that was closed meanwhile refuses: the handshake just stays where it is.
    int rc = sock.setsockopt(now, QuicUapi.SOL_QUIC, name, value);
    over |= rc == -Errno.EPIPE;
  }

  private void install(long now, HandshakeStep.InstallSecret secret) {
    ByteBuffer out = ByteBuffer.allocate(SECRET_STRUCT).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) (secret.send() ? 1 : 0)).put((byte) secret.level().number());
    out.putShort((short) 0).putInt(secret.cipher()).put(secret.secret());
    must(sock.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, out.array()));
    secret.destroy();
  }

  private @Nullable HandshakeInput receive(long now) {
    Msg msg = new Msg();
    int n = sock.recvHandshake(now, msg, buffer, 0, buffer.length);
    if (n < 0) {
      over = n != -Errno.EAGAIN;
      return null;
    }
    return new HandshakeInput.Received(CryptoLevel.of(msg.cryptoLevel), Arrays.copyOf(buffer, n));
  }

  private static int must(int rc) {
    if (rc < 0) {
      throw new IllegalStateException(Errno.name(rc));
    }
    return rc;
  }
}
