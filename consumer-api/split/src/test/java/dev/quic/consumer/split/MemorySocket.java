package dev.quic.consumer.split;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicMsg;
import dev.quic.consumer.QuicSocket;
import dev.quic.uapi.Errno;
import dev.quic.uapi.QuicUapi;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;

/** Two ends of a connection without a network: only what a handshake touches. */
final class MemorySocket implements QuicSocket {
  private record Flight(int level, byte[] bytes) {}

  private final BlockingDeque<Flight> inbox = new LinkedBlockingDeque<>();
  private final byte[] parameters;
  private final String alpn;
  private MemorySocket peer = this;

  /** Secrets by {@code send<level>} or {@code recv<level>}. */
  final Map<String, String> secrets = new TreeMap<>();

  byte[] peerParameters = new byte[0];
  String chosenAlpn = "";
  int closeCode = -1;

  /** The options of their names. */
  byte[] remembered = new byte[0];

  byte[] token = new byte[0];
  byte[] config = new byte[28];
  private byte[] ticket = new byte[0];
  private byte[] arrivedTicket = new byte[0];
  int earlyAnswer = -1;
  boolean earlyDelivery;
  int sent;

  /** Takes at most so many bytes a sendmsg. */
  int sendLimit = Integer.MAX_VALUE;

  private MemorySocket(String parameters, String alpn) {
    this.parameters = reservedParameter(parameters);
    this.alpn = alpn;
  }

  /** A transport parameter of an id that nobody knows. */
  static byte[] reservedParameter(String text) {
    byte[] value = text.getBytes(StandardCharsets.US_ASCII);
    byte[] body = new byte[2 + value.length];
    body[0] = 0x3f;
    body[1] = (byte) value.length;
    System.arraycopy(value, 0, body, 2, value.length);
    return body;
  }

  static MemorySocket[] pair() {
    return pair("");
  }

  static MemorySocket[] pair(String alpnOption) {
    MemorySocket client = new MemorySocket("client parameters", alpnOption);
    MemorySocket server = new MemorySocket("server parameters", alpnOption);
    client.peer = server;
    server.peer = client;
    return new MemorySocket[] {client, server};
  }

  @Override
  public int sendmsg(QuicMsg msg, byte[] buf, int off, int len) throws QuicException {
    if (msg.cmsg != QuicUapi.QUIC_HANDSHAKE_INFO) {
      throw new QuicException(Errno.EINVAL, "sendmsg");
    }
    int n = Math.min(len, sendLimit);
    sent += n;
    if (msg.cryptoLevel == QuicUapi.QUIC_CRYPTO_APP) {
      peer.ticketCame(Arrays.copyOfRange(buf, off, off + n));
      return n;
    }
    peer.inbox.add(new Flight(msg.cryptoLevel, Arrays.copyOfRange(buf, off, off + n)));
    return n;
  }

  @Override
  public int sendBefore(QuicMsg msg, byte[] buf, int off, int len, long deadline)
      throws QuicException {
    return sendmsg(msg, buf, off, len);
  }

  /** As in the kernel, what came before the 1-RTT secret is kept until there is one. */
  private synchronized void ticketCame(byte[] bytes) {
    arrivedTicket = bytes;
    if (secrets.containsKey("recv0")) {
      ticket = bytes;
    }
  }

  private synchronized void installed(String key, String secret) {
    secrets.put(key, secret);
    if ("recv0".equals(key)) {
      ticket = arrivedTicket;
    }
  }

  private synchronized byte[] ticket() {
    return ticket.clone();
  }

  private synchronized void ticket(byte[] value) {
    ticket = value.clone();
  }

  @Override
  public int recvmsg(QuicMsg msg, byte[] buf, int off, int len) throws QuicException {
    Flight flight = inbox.poll();
    if (flight == null) {
      throw new QuicException(Errno.EAGAIN, "recvmsg");
    }
    int n = Math.min(len, flight.bytes.length);
    System.arraycopy(flight.bytes, 0, buf, off, n);
    if (n < flight.bytes.length) {
      inbox.addFirst(
          new Flight(flight.level, Arrays.copyOfRange(flight.bytes, n, flight.bytes.length)));
    }
    msg.cmsg = QuicUapi.QUIC_HANDSHAKE_INFO;
    msg.cryptoLevel = flight.level;
    return n;
  }

  @Override
  public boolean pollIn(long timeoutMs) {
    try {
      Flight flight = timeoutMs < 0 ? inbox.take() : inbox.poll(timeoutMs, TimeUnit.MILLISECONDS);
      if (flight == null) {
        return false;
      }
      inbox.addFirst(flight);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void setsockopt(int level, int name, byte[] value) throws QuicException {
    switch (name) {
      case QuicUapi.QUIC_SOCKOPT_CRYPTO_SECRET -> {
        String key = (value[0] == 1 ? "send" : "recv") + value[1];
        installed(key, Arrays.toString(Arrays.copyOfRange(value, 4, value.length)));
      }
      case QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT -> peerParameters = value.clone();
      case QuicUapi.QUIC_SOCKOPT_ALPN -> chosenAlpn = new String(value, StandardCharsets.US_ASCII);
      case QuicUapi.QUIC_SOCKOPT_CONNECTION_CLOSE ->
          closeCode = (value[0] & 0xff) | (value[1] & 0xff) << 8;
      case QuicUapi.QUIC_SOCKOPT_SESSION_TICKET -> ticket(value);
      case QuicUapi.QUIC_SOCKOPT_TOKEN -> token = value.clone();
      case QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM -> remembered = value.clone();
      case QuicUapi.QUIC_SOCKOPT_EARLY_DATA -> earlyAnswer = value[0];
      case QuicUapi.QUIC_SOCKOPT_EARLY_DELIVERY -> earlyDelivery = value[0] == 1;
      default -> throw new QuicException(Errno.ENOPROTOOPT, "setsockopt " + name);
    }
  }

  @Override
  public byte[] getsockopt(int level, int name, byte[] in, int max) throws QuicException {
    return switch (name) {
      case QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT -> parameters.clone();
      case QuicUapi.QUIC_SOCKOPT_ALPN -> alpn.getBytes(StandardCharsets.US_ASCII);
      case QuicUapi.QUIC_SOCKOPT_CONFIG -> config.clone();
      case QuicUapi.QUIC_SOCKOPT_SESSION_TICKET, QuicUapi.QUIC_SOCKOPT_SET_TICKET_KEY -> ticket();
      case QuicUapi.QUIC_SOCKOPT_TOKEN -> token.clone();
      case QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM -> remembered.clone();
      default -> throw new QuicException(Errno.ENOPROTOOPT, "getsockopt " + name);
    };
  }

  @Override
  public void setNonBlocking(boolean on) {}

  @Override
  public void close() {}

  private static QuicException unused() {
    return new QuicException(Errno.EOPNOTSUPP, "not part of a handshake");
  }

  @Override
  public void bind(InetSocketAddress local) throws QuicException {
    throw unused();
  }

  @Override
  public void listen(int backlog) throws QuicException {
    throw unused();
  }

  @Override
  public void connect(InetSocketAddress remote) throws QuicException {
    throw unused();
  }

  @Override
  public QuicSocket accept() throws QuicException {
    throw unused();
  }

  @Override
  public void shutdown(int how) throws QuicException {
    throw unused();
  }

  @Override
  public InetSocketAddress getsockname() throws QuicException {
    throw unused();
  }

  @Override
  public InetSocketAddress getpeername() throws QuicException {
    throw unused();
  }

  @Override
  public long ioctl(int request) throws QuicException {
    throw unused();
  }
}
