package dev.quic.simnet.peer;

import dev.quic.dataplane.core.socket.Msg;
import dev.quic.dataplane.core.socket.Sock;
import dev.quic.uapi.QuicUapi;
import java.util.SplittableRandom;

/**
 * A TLS that does something wrong in one call of five: other bytes, other secrets, other levels,
 * other parameters, calls left out or made twice, options nobody asked for. What the calls answer
 * does not stop it. Nothing it does may make the core throw, hang or grow.
 */
public final class LyingTls extends FakeTls {
  private static final int TRUTHS_PER_LIE = 5;

  private final SplittableRandom random;

  public LyingTls(Sock sock, boolean server, TlsScript script, SplittableRandom random) {
    super(sock, server, script);
    this.random = random;
  }

  private boolean lie() {
    return random.nextInt(TRUTHS_PER_LIE) == 0;
  }

  private byte[] noise(int max) {
    byte[] b = new byte[random.nextInt(max + 1)];
    for (int i = 0; i < b.length; i++) {
      b[i] = (byte) random.nextInt(256);
    }
    return b;
  }

  private byte[] bent(byte[] b) {
    byte[] c = b.clone();
    for (int n = random.nextInt(1, 4); n > 0 && c.length > 0; n--) {
      c[random.nextInt(c.length)] = (byte) random.nextInt(256);
    }
    return c;
  }

  @Override
  protected void send(long now, int level, byte[] message) {
    if (!lie()) {
      super.send(now, level, message);
      return;
    }
    Msg m = new Msg();
    switch (random.nextInt(6)) {
      case 0 -> {}
      case 1 -> super.send(now, level, bent(message));
      case 2 -> sock().sendmsg(now, m.handshake(random.nextInt(-1, 6)), message, 0, message.length);
      case 3 -> {
        super.send(now, level, message);
        super.send(now, level, message);
      }
      case 4 -> {
        byte[] b = noise(40_000);
        sock().sendmsg(now, m.handshake(level), b, 0, b.length);
      }
      default -> sock().sendmsg(now, m.handshake(level), message, 0, 0);
    }
  }

  @Override
  protected void secret(long now, int level, boolean send) {
    if (!lie()) {
      super.secret(now, level, send);
      return;
    }
    switch (random.nextInt(7)) {
      case 0 -> {}
      case 1 -> option(now, QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, noise(80));
      case 2 -> install(now, level, send, script().cipher(), bent(secretBytes(level, send)));
      case 3 -> install(now, level, send, random.nextInt(256), secretBytes(level, send));
      case 4 -> install(now, random.nextInt(256), send, script().cipher(), new byte[48]);
      case 5 -> super.secret(now, level, !send);
      default -> {
        super.secret(now, level, send);
        super.secret(now, level, send);
      }
    }
  }

  @Override
  protected void peerParameters(long now, byte[] params) {
    if (!lie()) {
      super.peerParameters(now, params);
      return;
    }
    switch (random.nextInt(4)) {
      case 0 -> {}
      case 1 -> option(now, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, bent(params));
      case 2 -> option(now, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, noise(600));
      default -> {
        option(now, random.nextInt(-1, 20), noise(100));
        super.peerParameters(now, params);
        option(now, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, params);
      }
    }
  }

  @Override
  protected byte[] localParameters(long now) {
    byte[] p = super.localParameters(now);
    return lie() ? bent(p) : p;
  }

  private void option(long now, int name, byte[] value) {
    int unused = sock().setsockopt(now, QuicUapi.SOL_QUIC, name, value);
  }
}
