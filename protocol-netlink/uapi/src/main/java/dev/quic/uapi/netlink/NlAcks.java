package dev.quic.uapi.netlink;

/**
 * How a connection wants to be answered, by the kernel's socket options of these names.
 *
 * @param extended NETLINK_EXT_ACK: errors say what is wrong and where
 * @param capped NETLINK_CAP_ACK: errors repeat the request's header only
 */
public record NlAcks(boolean extended, boolean capped) {
  /** What a connection starts with. */
  public static final NlAcks PLAIN = new NlAcks(false, false);

  /** After a membership message; the same when it is about something else. */
  public NlAcks after(NlRequest.Membership m) {
    return switch (m.op()) {
      case Nl.MEMBERSHIP_EXT_ACK -> new NlAcks(m.group() != 0, capped);
      case Nl.MEMBERSHIP_CAP_ACK -> new NlAcks(extended, m.group() != 0);
      default -> this;
    };
  }
}
