package dev.quic.handshaked.daemon.service;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Who counts as one peer: an IPv4 address, or an IPv6 /64, which one host can fill as it likes.
 *
 * @param bits the address or its first half; 0 for what is no address
 */
record PeerKey(boolean six, long bits) {
  static PeerKey of(InetSocketAddress peer) {
    @Nullable InetAddress address = peer.getAddress();
    if (address == null) {
      return new PeerKey(false, 0);
    }
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    boolean six = address instanceof Inet6Address;
    return new PeerKey(six, six ? bytes.getLong() : Integer.toUnsignedLong(bytes.getInt()));
  }
}
