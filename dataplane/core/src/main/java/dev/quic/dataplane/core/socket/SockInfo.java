package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.uapi.QuicUapi;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What there is to see of a socket, for {@code ss} and the /proc views. Of the moment it was taken.
 *
 * @param cookie stands for the kernel's pointer and inode number
 * @param state {@code QUIC_SS_*}
 * @param server the side it is on
 * @param local source address of the path in use, or bound address; null before bind
 * @param remote null without a connection
 * @param udp address of the UDP socket below; null without one
 * @param alpn protocols set, comma separated
 * @param names SERVER_NAME of a listener, comma separated
 * @param scid own connection id in use, hexadecimal; empty without a connection
 * @param dcid the peer's
 * @param version of QUIC on the wire, 0 without a connection
 * @param rtt smoothed, ns
 * @param rttVariance ns
 * @param cwnd congestion window, bytes
 * @param mss largest UDP payload sent, bytes
 * @param inFlight bytes sent and not acknowledged
 * @param txQueue bytes taken from the program and not acknowledged
 * @param rxQueue bytes the program has not read; of a listener, connections not accepted
 * @param sndbuf bytes
 * @param rcvbuf bytes
 * @param uid user, -1 inside the data plane
 * @param pid process that made it (its listener, for accepted ones), -1 inside the data plane
 */
public record SockInfo(
    long cookie,
    int state,
    boolean server,
    @Nullable SockAddr local,
    @Nullable SockAddr remote,
    @Nullable SockAddr udp,
    String alpn,
    String names,
    String scid,
    String dcid,
    int version,
    long rtt,
    long rttVariance,
    long cwnd,
    int mss,
    long inFlight,
    long txQueue,
    long rxQueue,
    int sndbuf,
    int rcvbuf,
    int uid,
    int pid) {

  /** Of a socket of this net, on its thread; null for one that only stands in for another. */
  public static @Nullable SockInfo of(Sock sock) {
    return sock instanceof QuicSock s && !s.twin ? of(s) : null;
  }

  private static SockInfo of(QuicSock s) {
    Conn c = s.conn();
    Settings set = s.settings();
    boolean bound = s.port() >= 0;
    return new SockInfo(
        s.cookie(),
        s.state(),
        s.isServer(),
        c != null || bound ? s.sockname() : null,
        s.peername(),
        bound ? s.net().address(s.port()) : null,
        text(AlpnOption.get(set)),
        text(BindOptions.names(set)),
        c == null ? "" : hex(c.scids.current().toBytes()),
        c == null ? "" : hex(c.dcids.active().toBytes()),
        c == null ? 0 : c.wire,
        c == null ? 0 : c.rtt.smoothed(),
        c == null ? 0 : c.rtt.variance(),
        c == null ? 0 : c.cc.cwnd(),
        s.mtu(),
        c == null ? 0 : c.cc.bytesInFlight(),
        c == null ? 0 : c.flow.buffered(),
        c == null ? s.waiting() : c.flow.unread() + s.datagrams().unread(),
        set.sendBuffer,
        set.receiveBuffer,
        s.uid(),
        s.pid());
  }

  private static String hex(byte[] id) {
    return HexFormat.of().formatHex(id);
  }

  /** What a program set may be anything; a line stays a line. */
  private static String text(byte[] ascii) {
    StringBuilder out = new StringBuilder();
    for (char ch : new String(ascii, StandardCharsets.ISO_8859_1).toCharArray()) {
      out.append(ch > ' ' && ch < 0x7f && ch != '"' && ch != '\\' ? ch : '?');
    }
    return out.toString();
  }

  public boolean isListener() {
    return state == QuicUapi.QUIC_SS_LISTENING;
  }

  public boolean isConnection() {
    return remote != null;
  }
}
