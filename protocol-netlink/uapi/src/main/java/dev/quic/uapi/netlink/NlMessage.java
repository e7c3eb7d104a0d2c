package dev.quic.uapi.netlink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One netlink message as parsed.
 *
 * @param bytes the whole message, header included, without padding
 */
public record NlMessage(int type, int flags, int seq, int pid, byte[] bytes) {
  /**
   * Splits a packet into its messages. What cannot be a message any more ends the list, as in the
   * kernel.
   *
   * @param len bytes of the packet
   */
  public static List<NlMessage> split(byte[] packet, int len) {
    List<NlMessage> out = new ArrayList<>();
    int at = 0;
    while (len - at >= Nl.NLMSG_HDRLEN) {
      int n = get32(packet, at);
      if (n < Nl.NLMSG_HDRLEN || n > len - at) {
        break;
      }
      out.add(
          new NlMessage(
              get16(packet, at + 4),
              get16(packet, at + 6),
              get32(packet, at + 8),
              get32(packet, at + 12),
              Arrays.copyOfRange(packet, at, at + n)));
      at += Math.min(Nl.align(n), len - at);
    }
    return out;
  }

  /** Bytes behind the header. */
  public int payloadLength() {
    return bytes.length - Nl.NLMSG_HDRLEN;
  }

  public boolean isRequest() {
    return (flags & Nl.NLM_F_REQUEST) != 0;
  }

  public boolean wantsAck() {
    return (flags & Nl.NLM_F_ACK) != 0;
  }

  /** NLM_F_DUMP, both of its bits. */
  public boolean isDump() {
    return (flags & Nl.NLM_F_DUMP) == Nl.NLM_F_DUMP;
  }

  /** Whether a generic netlink request has bytes that are no attribute. */
  boolean hasLeftover() {
    return isRequest()
        && type >= Nl.GENL_ID_CTRL
        && payloadLength() >= Nl.GENL_HDRLEN
        && !attributes().wellFormed();
  }

  /** Generic netlink command; only with {@code payloadLength() >= 4}. */
  public int command() {
    return bytes[Nl.NLMSG_HDRLEN] & 0xff;
  }

  /** 32 bits of the payload, as in NLMSG_ERROR; 0 where it has none. */
  public int payloadInt(int off) {
    return payloadLength() >= off + 4 ? get32(bytes, Nl.NLMSG_HDRLEN + off) : 0;
  }

  /** Attributes behind the generic netlink header. */
  public Attributes attributes() {
    return Attributes.parse(bytes, Nl.NLMSG_HDRLEN + Nl.GENL_HDRLEN, bytes.length);
  }

  static int get32(byte[] b, int at) {
    return b[at] & 0xff | (b[at + 1] & 0xff) << 8 | (b[at + 2] & 0xff) << 16 | b[at + 3] << 24;
  }

  static int get16(byte[] b, int at) {
    return b[at] & 0xff | (b[at + 1] & 0xff) << 8;
  }
}
