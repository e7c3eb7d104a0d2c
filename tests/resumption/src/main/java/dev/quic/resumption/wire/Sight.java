package dev.quic.resumption.wire;

import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was seen of one connection, all of it from the wire. Belongs to the connection's thread;
 * after its end any thread may read it.
 */
public final class Sight {
  /**
   * How a connection was closed.
   *
   * @param byPeer else by us
   * @param application CONNECTION_CLOSE of the application
   */
  public record Close(boolean byPeer, boolean application, long error, String reason) {
    private static final long CRYPTO_ERROR = 0x100;

    /** The TLS alert it carries (RFC 9001 section 4.8); -1 for none. */
    public int alert() {
      return !application && error >= CRYPTO_ERROR && error <= CRYPTO_ERROR + 0xff
          ? (int) (error - CRYPTO_ERROR)
          : -1;
    }
  }

  final List<TlsMessage> messages = new ArrayList<>();
  final List<byte[]> earlyDatagrams = new ArrayList<>();
  @Nullable TransportParams peerParameters;
  @Nullable Close close;
  boolean complete;
  boolean confirmed;
  boolean retried;
  boolean reset;
  int earlySent;
  int earlyAcked;
  int earlyRead;
  int earlyUnread;
  byte[] token = new byte[0];

  Sight() {}

  /** Handshake messages in the order in which they were sent or read. */
  public List<TlsMessage> messages() {
    return List.copyOf(messages);
  }

  private @Nullable TlsMessage last(int type) {
    for (TlsMessage m : messages.reversed()) {
      if (m.type() == type) {
        return m;
      }
    }
    return null;
  }

  private boolean received(int type) {
    return messages.stream().anyMatch(m -> !m.sent() && m.type() == type);
  }

  /** The first ClientHello, null before. */
  public TlsMessage.@Nullable ClientHello clientHello() {
    for (TlsMessage m : messages) {
      if (m.type() == TlsMessage.CLIENT_HELLO) {
        return m.clientHello();
      }
    }
    return null;
  }

  /**
   * The last ServerHello, which is no HelloRetryRequest once the handshake goes on; null before.
   */
  public TlsMessage.@Nullable ServerHello serverHello() {
    TlsMessage m = last(TlsMessage.SERVER_HELLO);
    return m == null ? null : m.serverHello();
  }

  public TlsMessage.@Nullable EncryptedExtensions encryptedExtensions() {
    TlsMessage m = last(TlsMessage.ENCRYPTED_EXTENSIONS);
    return m == null ? null : m.encryptedExtensions();
  }

  /** Tickets, in order. */
  public List<TlsMessage.Ticket> tickets() {
    return messages.stream()
        .filter(m -> m.type() == TlsMessage.NEW_SESSION_TICKET)
        .filter(m -> m.level() == QuicUapi.QUIC_CRYPTO_APP)
        .map(TlsMessage::ticket)
        .toList();
  }

  /** Whether a ServerHello selected a pre-shared key. */
  public boolean keySelected() {
    TlsMessage.ServerHello hello = serverHello();
    return hello != null && hello.selectedKey() >= 0;
  }

  /** Whether the server showed a certificate. */
  public boolean certificate() {
    return messages.stream()
        .anyMatch(
            m -> m.type() == TlsMessage.CERTIFICATE || m.type() == TlsMessage.CERTIFICATE_VERIFY);
  }

  /** Whether there was a HelloRetryRequest. */
  public boolean helloRetry() {
    return messages.stream()
        .anyMatch(m -> m.type() == TlsMessage.SERVER_HELLO && m.serverHello().retry());
  }

  /** Whether EncryptedExtensions took early data. */
  public boolean earlyAccepted() {
    TlsMessage.EncryptedExtensions ee = encryptedExtensions();
    return ee != null && ee.earlyData();
  }

  /** Whether the client offered early data. */
  public boolean earlyOffered() {
    TlsMessage.ClientHello hello = clientHello();
    return hello != null && hello.earlyData();
  }

  /** Whether the client offered a session. */
  public boolean sessionOffered() {
    TlsMessage.ClientHello hello = clientHello();
    return hello != null && !hello.identities().isEmpty();
  }

  /** What the peer told in its extension; null before. */
  public @Nullable TransportParams peerParameters() {
    return peerParameters;
  }

  /** How it ended; null while it has not. */
  public @Nullable Close close() {
    return close;
  }

  /** The handshake is complete on our side. */
  public boolean complete() {
    return complete;
  }

  /** HANDSHAKE_DONE was sent or received. */
  public boolean confirmed() {
    return confirmed;
  }

  /** The server answered with a Retry packet. */
  public boolean retried() {
    return retried;
  }

  /** The peer ended a stream by RESET_STREAM. */
  public boolean reset() {
    return reset;
  }

  /** 0-RTT packets a client sent. */
  public int earlySent() {
    return earlySent;
  }

  /** Those of them that the server acknowledged: it read them. */
  public int earlyAcked() {
    return earlyAcked;
  }

  /** 0-RTT packets a server read. */
  public int earlyRead() {
    return earlyRead;
  }

  /** 0-RTT packets a server had no key for. */
  public int earlyUnread() {
    return earlyUnread;
  }

  /** The newest token of NEW_TOKEN, empty for none. */
  public byte[] token() {
    return token.clone();
  }

  /** The datagrams of a client's first flight, as they were sent. */
  public List<byte[]> firstFlight() {
    return List.copyOf(earlyDatagrams);
  }
}
