package dev.quic.sim;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakeInput;
import dev.quic.handshaked.tls.HandshakeStep;
import dev.quic.handshaked.tls.HandshakeStepper;
import dev.quic.handshaked.tls.TlsOutcome;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The TLS engine on a simulated socket, called as a handshake daemon calls it through a grant. */
final class RealTls {
  private static final int SECRET_BYTES = 56;

  private final Sock sock;
  private final Supplier<HandshakeStepper> anew;
  private HandshakeStepper stepper;
  private final byte[] buf = new byte[65_536];

  /** Changes messages on their way out. */
  BiFunction<CryptoLevel, byte[], byte[]> tamper = (level, bytes) -> bytes;

  private HandshakeStep step;
  private @Nullable TlsOutcome outcome;
  private String failure = "";

  RealTls(Sock sock, HandshakeStepper stepper) {
    this(sock, () -> stepper);
  }

  /** With a new stepper each time the handshake begins. */
  RealTls(Sock sock, Supplier<HandshakeStepper> anew) {
    this.sock = sock;
    this.anew = anew;
    stepper = anew.get();
    sock.handshakeOwnedElsewhere(true);
    step = stepper.step(new HandshakeInput.Proceed());
  }

  @Nullable TlsOutcome outcome() {
    return outcome;
  }

  String failure() {
    return failure;
  }

  /** Goes on as far as possible. */
  void step(long now) {
    while (outcome == null && failure.isEmpty()) {
      HandshakeInput input;
      switch (step) {
        case HandshakeStep.Done done -> {
          outcome = done.outcome();
          sock.handshakeOwnedElsewhere(false);
          return;
        }
        case HandshakeStep.Failed failed -> {
          failure = failed.reason();
          refuse(now, failed.alert());
          return;
        }
        default -> input = carryOut(now, step);
      }
      if (input == null) {
        return;
      }
      step = stepper.step(input);
    }
  }

  /** As the driver does: the alert is what the connection is closed with. */
  private void refuse(long now, int alert) {
    if (alert >= 0) {
      ByteBuffer v = ByteBuffer.allocate(72).order(ByteOrder.LITTLE_ENDIAN).putInt(0x100 + alert);
      sock.setsockopt(now, QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE, v.array());
      sock.shutdown(now, 2);
    }
  }

  /** One call; null while there is nothing to receive. */
  private @Nullable HandshakeInput carryOut(long now, HandshakeStep wanted) {
    switch (wanted) {
      case HandshakeStep.Get get -> {
        return new HandshakeInput.Value(get(now, name(get.option())));
      }
      case HandshakeStep.SetAlpn set ->
          set(now, QuicUapi.QUIC_SOCKOPT_ALPN, set.alpn().getBytes(StandardCharsets.UTF_8));
      case HandshakeStep.SetTransportParameters set ->
          set(now, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, set.body());
      case HandshakeStep.InstallSecret install -> secret(now, install);
      case HandshakeStep.SetEarlyData early ->
          set(
              now,
              QuicUapi.QUIC_SOCKOPT_EARLY_DATA,
              new byte[] {(byte) (early.accepted() ? 1 : 0), 0, 0, 0});
      case HandshakeStep.Send send -> send(now, send);
      case HandshakeStep.Receive ignored -> {
        Msg msg = new Msg();
        int n = sock.recvHandshake(now, msg, buf, 0, buf.length);
        if (n == 0) {
          stepper = anew.get();
          return new HandshakeInput.Proceed();
        }
        if (n < 0) {
          failure = n == -Errno.EAGAIN ? "" : "recvmsg: " + Errno.name(n);
          return null;
        }
        CryptoLevel level = CryptoLevel.of(msg.cryptoLevel);
        return new HandshakeInput.Received(level, Arrays.copyOf(buf, n));
      }
      case HandshakeStep.AwaitTicket ignored -> {
        return new HandshakeInput.Value(new byte[0]);
      }
      case HandshakeStep.SetSession set ->
          set(now, QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, set.session());
      case HandshakeStep.Done ignored -> throw new IllegalStateException();
      case HandshakeStep.Failed ignored -> throw new IllegalStateException();
    }
    return new HandshakeInput.Proceed();
  }

  private static int name(HandshakeStep.Option option) {
    return switch (option) {
      case ALPN -> QuicUapi.QUIC_SOCKOPT_ALPN;
      case SESSION_TICKET -> QuicUapi.QUIC_SOCKOPT_SESSION_TICKET;
      case SET_TICKET_KEY -> QuicUapi.QUIC_SOCKOPT_SET_TICKET_KEY;
      case CONFIG -> QuicUapi.QUIC_SOCKOPT_CONFIG;
      case TRANSPORT_PARAMETERS -> QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT;
    };
  }

  private byte[] get(long now, int name) {
    int n = sock.getsockopt(now, QuicUapi.SOL_QUIC, name, buf, 4_096);
    if (n < 0) {
      failure = "getsockopt " + name + ": " + Errno.name(n);
    }
    return Arrays.copyOf(buf, Math.max(n, 0));
  }

  private void set(long now, int name, byte[] value) {
    int r = sock.setsockopt(now, QuicUapi.SOL_QUIC, name, value);
    if (r < 0) {
      failure = "setsockopt " + name + ": " + Errno.name(r);
    }
  }

  private void secret(long now, HandshakeStep.InstallSecret install) {
    ByteBuffer v = ByteBuffer.allocate(SECRET_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    v.put((byte) (install.send() ? 1 : 0)).put((byte) install.level().number());
    v.putInt(4, install.cipher()).position(8);
    v.put(install.secret());
    set(now, QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, v.array());
  }

  private void send(long now, HandshakeStep.Send send) {
    Msg msg = new Msg().handshake(send.level().number());
    msg.flags = send.more() ? QuicUapi.MSG_MORE : 0;
    byte[] bytes = tamper.apply(send.level(), send.bytes());
    int n = sock.sendmsg(now, msg, bytes, 0, bytes.length);
    if (n != bytes.length) {
      failure = "sendmsg: " + n;
    }
  }
}
