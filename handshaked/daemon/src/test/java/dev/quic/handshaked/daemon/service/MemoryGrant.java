package dev.quic.handshaked.daemon.service;

import dev.quic.handshaked.tls.CryptoLevel;
import dev.quic.handshaked.tls.HandshakePortException;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Two grants joined back to back: a connection without a network. */
final class MemoryGrant implements Grant {
  private final LinkedBlockingQueue<Message> inbox = new LinkedBlockingQueue<>();
  private final String name;
  private MemoryGrant peer = this;
  final Map<String, String> secrets = new ConcurrentSkipListMap<>();
  int certificateRequest;
  int protocol = QuicUapi.IPPROTO_QUIC;
  volatile int closeCode = -1;
  volatile int sent;
  volatile boolean closed;

  /** Fails every call with this errno when not 0. */
  volatile int broken;

  private MemoryGrant(String name) {
    this.name = name;
  }

  static MemoryGrant[] pair() {
    MemoryGrant client = new MemoryGrant("client");
    MemoryGrant server = new MemoryGrant("server");
    client.peer = server;
    server.peer = client;
    return new MemoryGrant[] {client, server};
  }

  /** From now on every call fails, one that waits included. */
  void end(int errno) {
    broken = errno;
    inbox.add(new Message(CryptoLevel.INITIAL, new byte[0]));
  }

  private void check() throws HandshakePortException {
    if (broken != 0) {
      throw new HandshakePortException(broken, "the grant is gone: " + Errno.name(broken));
    }
  }

  @Override
  public long number() {
    return 7;
  }

  @Override
  public InetSocketAddress getpeername() throws HandshakePortException {
    check();
    return new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 443);
  }

  @Override
  public int protocol() throws HandshakePortException {
    check();
    return protocol;
  }

  @Override
  public void send(CryptoLevel level, byte[] bytes, boolean more) throws HandshakePortException {
    check();
    peer.inbox.add(new Message(level, bytes.clone()));
    sent++;
  }

  @Override
  public @Nullable Message receive(long deadlineNanos) throws HandshakePortException {
    check();
    try {
      Message message = inbox.poll(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      check();
      return message;
    } catch (InterruptedException e) {
      throw new HandshakePortException(Errno.EINTR, "interrupted");
    }
  }

  @Override
  public void setOption(int option, byte[] value) throws HandshakePortException {
    check();
    if (option == QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET) {
      String key = (value[0] == 1 ? "send" : "recv") + value[1];
      secrets.put(key, Arrays.toString(Arrays.copyOfRange(value, 4, value.length)));
    } else if (option == QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE) {
      closeCode = (value[0] & 0xff) | (value[1] & 0xff) << 8;
    }
  }

  @Override
  public byte[] getOption(int option, int max) throws HandshakePortException {
    check();
    byte[] config = new byte[28];
    config[20] = (byte) certificateRequest;
    return switch (option) {
      case QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT -> name.getBytes(StandardCharsets.US_ASCII);
      case QuicUapi.QUIC_SOCKOPT_ALPN -> "sample".getBytes(StandardCharsets.US_ASCII);
      case QuicUapi.QUIC_SOCKOPT_CONFIG -> config;
      default -> new byte[0];
    };
  }

  @Override
  public void close() {
    closed = true;
  }
}
