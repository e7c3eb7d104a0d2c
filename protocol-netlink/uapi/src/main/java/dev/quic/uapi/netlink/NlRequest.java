package dev.quic.uapi.netlink;

import java.util.List;

/** What a daemon asks of the bus, checked against the families' policies. */
public sealed interface NlRequest {
  NlMessage message();

  /** Whether success is to be acknowledged; a dump ends with NLMSG_DONE instead. */
  default boolean wantsAck() {
    return message().wantsAck();
  }

  /**
   * CTRL_CMD_GETFAMILY and CTRL_CMD_GETPOLICY, single and dump: answered by {@link
   * NlReplies#family}.
   */
  record GetFamily(NlMessage message, String name) implements NlRequest {
    @Override
    public boolean wantsAck() {
      return message.wantsAck() && !message.isDump();
    }
  }

  /** Membership and options of the bus connection (docs/protocol.md). */
  record Membership(NlMessage message, int op, int group) implements NlRequest {}

  /**
   * HANDSHAKE_CMD_ACCEPT.
   *
   * @param features {@code Nl.FEATURE_*} the daemon knows
   */
  record Accept(NlMessage message, int handlerClass, int features) implements NlRequest {}

  /**
   * HANDSHAKE_CMD_DONE.
   *
   * @param status 0 or a positive errno; EIO when it was missing
   * @param tags names of session tags, at most {@link Nl#MAX_TAGS}
   * @param channelBinding tls-exporter, empty when it was missing
   */
  record Done(
      NlMessage message,
      int status,
      int sockfd,
      List<Integer> remoteAuth,
      List<String> tags,
      byte[] channelBinding)
      implements NlRequest {}

  /** Nothing to do but perhaps acknowledge. */
  record Noop(NlMessage message) implements NlRequest {}

  /** Refused. */
  record Bad(NlMessage message, NlFault fault) implements NlRequest {
    /** Positive. */
    public int errno() {
      return fault.errno();
    }

    /** One line for the extended acknowledgement; may be empty. */
    public String text() {
      return fault.text();
    }

    /** Of the bad attribute in the request, or -1. */
    public int offset() {
      return fault.offset();
    }
  }
}
