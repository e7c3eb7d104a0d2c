package dev.quic.system;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakePort;
import dev.quic.uapi.QuicUapi;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A grant's calls with some of them changed, and errors kept from the TLS side. */
final class LyingPort implements HandshakePort {
  /** What goes wrong. */
  enum Lie {
    NONE,
    /** The first message goes out at a level that has no keys yet. */
    MESSAGE_AT_HIGHER_LEVEL,
    /** Handshake messages go out in Initial packets. */
    MESSAGE_AT_LOWER_LEVEL,
    /** Every message is sent twice. */
    MESSAGES_TWICE,
    /** Secrets of the handshake are given as those of the application. */
    SECRET_AT_WRONG_LEVEL,
    /** Sending and receiving secrets change places. */
    SECRET_IN_WRONG_DIRECTION,
    /** The application's secrets come before the handshake's. */
    SECRETS_OUT_OF_ORDER,
    /** Random secrets. */
    SECRETS_NOBODY_HAS,
    /** A cipher that does not exist. */
    SECRETS_OF_NO_CIPHER,
    /** Cut off in the middle. */
    SHORT_SECRETS,
    /** No secrets at all. */
    NO_SECRETS,
    /** What the peer said of itself is nonsense. */
    NONSENSE_PARAMETERS
  }

  private static final int LEVEL = 1;
  private static final int DIRECTION = 0;
  private static final int CIPHER = 4;
  private static final int KEY = 8;

  private final HandshakePort port;
  private final Lie lie;
  private final List<byte[]> kept = new ArrayList<>();
  private int errors;

  LyingPort(HandshakePort port, Lie lie) {
    this.port = port;
    this.lie = lie;
  }

  /** Calls that were refused. */
  int errors() {
    return errors;
  }

  private interface Call {
    void run() throws IOException;
  }

  /** The TLS side never hears of it. */
  private void carryOn(Call call) {
    try {
      call.run();
    } catch (IOException e) {
      errors++;
    }
  }

  @Override
  public void send(CryptoLevel level, byte[] bytes, boolean more) {
    CryptoLevel told =
        switch (lie) {
          case MESSAGE_AT_HIGHER_LEVEL ->
              level == CryptoLevel.INITIAL ? CryptoLevel.HANDSHAKE : CryptoLevel.APP;
          case MESSAGE_AT_LOWER_LEVEL -> CryptoLevel.INITIAL;
          default -> level;
        };
    carryOn(() -> port.send(told, bytes, more));
    if (lie == Lie.MESSAGES_TWICE) {
      carryOn(() -> port.send(level, bytes, more));
    }
  }

  @Override
  public @Nullable Message receive(long deadlineNanos) throws IOException {
    return port.receive(deadlineNanos);
  }

  @Override
  public void setOption(int name, byte[] value) {
    if (name == QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT && lie == Lie.NONSENSE_PARAMETERS) {
      carryOn(() -> port.setOption(name, new byte[] {4, 1, (byte) 0xff, 0x7f}));
    } else if (name == QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET) {
      secret(value.clone());
    } else {
      carryOn(() -> port.setOption(name, value));
    }
  }

  private void secret(byte[] value) {
    switch (lie) {
      case NO_SECRETS -> {}
      case SECRETS_OUT_OF_ORDER -> keep(value);
      default -> give(changed(value));
    }
  }

  private byte[] changed(byte[] value) {
    switch (lie) {
      case SECRET_AT_WRONG_LEVEL ->
          value[LEVEL] = (byte) (QuicUapi.QUIC_CRYPTO_HANDSHAKE - value[LEVEL]);
      case SECRET_IN_WRONG_DIRECTION -> value[DIRECTION] ^= 1;
      case SECRETS_NOBODY_HAS -> value[KEY] ^= 1;
      case SECRETS_OF_NO_CIPHER -> value[CIPHER] = 99;
      default -> {}
    }
    return lie == Lie.SHORT_SECRETS ? java.util.Arrays.copyOf(value, 20) : value;
  }

  /** The handshake's secrets wait for one of the application's, and go after it. */
  private void keep(byte[] value) {
    if (value[LEVEL] == QuicUapi.QUIC_CRYPTO_APP) {
      give(value);
      kept.forEach(this::give);
      kept.clear();
    } else {
      kept.add(value);
    }
  }

  private void give(byte[] value) {
    carryOn(() -> port.setOption(QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET, value));
  }

  @Override
  public byte[] getOption(int name, int max) throws IOException {
    return port.getOption(name, max);
  }
}
