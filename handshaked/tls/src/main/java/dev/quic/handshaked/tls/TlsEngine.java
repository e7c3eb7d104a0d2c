package dev.quic.handshaked.tls;

import java.util.List;

/**
 * TLS 1.3 for one QUIC connection: pull model, no threads, no sockets, no Bouncy Castle type.
 * Confined to one thread.
 */
public interface TlsEngine extends AutoCloseable {
  /** A client produces its ClientHello; a server does nothing. */
  void start();

  /** Takes bytes that came at a level, any split. Errors come out as {@link TlsEvent.Alert}. */
  void receive(CryptoLevel level, byte[] bytes, int off, int len);

  /**
   * Answers {@link TlsEvent.NeedLocalTransportParameters}; a client's are given at construction.
   */
  void localTransportParameters(byte[] body);

  /** Events since the last call, in the order in which they must be carried out. */
  List<TlsEvent> drain();

  boolean isComplete();

  /** Wipes secrets. */
  @Override
  void close();
}
