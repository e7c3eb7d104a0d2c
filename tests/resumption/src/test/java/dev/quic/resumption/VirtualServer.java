package dev.quic.resumption;

import java.util.List;

/** A server in virtual time. */
interface VirtualServer {
  /**
   * A datagram for a client.
   *
   * @param port of the client
   */
  record Answer(int port, byte[] datagram) {}

  void receive(int port, byte[] datagram, long now);

  List<Answer> take(long now);

  long deadline();

  void onTimer(long now);
}
