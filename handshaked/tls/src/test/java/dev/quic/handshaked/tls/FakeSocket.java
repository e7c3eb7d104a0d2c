package dev.quic.handshaked.tls;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One end of a kernel-like QUIC socket in memory; remembers every call. */
final class FakeSocket implements HandshakePort {
  final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  final Map<Integer, byte[]> options = new HashMap<>();
  final Map<String, byte[]> secrets = new HashMap<>();

  /** Empty: the peer closed. */
  private final LinkedBlockingQueue<Optional<Message>> inbox = new LinkedBlockingQueue<>();

  private @Nullable FakeSocket peer;
  private volatile byte @Nullable [] close;

  FakeSocket(String alpn, byte[] parameters) {
    options.put(SocketOptions.ALPN, alpn.getBytes(StandardCharsets.US_ASCII));
    options.put(SocketOptions.CONFIG, config(0, 0));
    options.put(SocketOptions.TRANSPORT_PARAM_EXT, parameters);
  }

  static byte[] config(int cipher, int certificateRequest) {
    ByteBuffer config = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
    config.putInt(12, cipher).put(20, (byte) certificateRequest);
    return config.array();
  }

  void connect(FakeSocket other) {
    peer = other;
    other.peer = this;
  }

  private FakeSocket peer() throws HandshakePortException {
    if (peer == null) {
      throw new HandshakePortException(
          SocketOptions.ENOTCONN, "Transport endpoint is not connected");
    }
    return peer;
  }

  /** What the data plane does when a handshake failed: CONNECTION_CLOSE to the peer. */
  void shut() throws HandshakePortException {
    FakeSocket other = peer();
    other.close = options.get(SocketOptions.CONNECTION_CLOSE);
    other.inbox.add(Optional.empty());
  }

  @Override
  public void send(CryptoLevel level, byte[] bytes, boolean more) throws HandshakePortException {
    calls.add(
        "sendmsg " + lower(level) + " " + HandshakeMessages.names(bytes) + (more ? " more" : ""));
    peer().inbox.add(Optional.of(new Message(level, bytes)));
  }

  @Override
  public @Nullable Message receive(long deadlineNanos) throws HandshakePortException {
    Optional<Message> next;
    try {
      next = inbox.poll(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
    if (next == null) {
      return null;
    }
    Message message =
        next.orElseThrow(() ->
            new HandshakePortException(
                SocketOptions.ENOTCONN, "Transport endpoint is not connected"));
    calls.add("recvmsg " + lower(message.level()) + " " + HandshakeMessages.names(message.bytes()));
    return message;
  }

  @Override
  public void setOption(int name, byte[] value) {
    if (name == SocketOptions.CRYPTO_SECRET) {
      String which = lower(CryptoLevel.of(value[1])) + (value[0] == 1 ? " send" : " recv");
      calls.add("setsockopt CRYPTO_SECRET " + which);
      secrets.put(which, value.clone());
      return;
    }
    calls.add("setsockopt " + SocketOptions.name(name));
    options.put(name == SocketOptions.TRANSPORT_PARAM_EXT ? -name : name, value.clone());
  }

  @Override
  public byte[] getOption(int name, int max) {
    if (name == SocketOptions.CONNECTION_CLOSE) {
      byte[] closed = close;
      return closed == null ? new byte[72] : closed;
    }
    calls.add("getsockopt " + SocketOptions.name(name));
    return options.getOrDefault(name, new byte[0]).clone();
  }

  private static String lower(CryptoLevel level) {
    return level.name().toLowerCase(Locale.ROOT);
  }
}
