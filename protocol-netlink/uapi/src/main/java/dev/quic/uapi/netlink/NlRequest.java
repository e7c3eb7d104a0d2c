package dev.quic.uapi.netlink;

import java.util.List;

/** What a daemon asks of the bus, checked against the families' policies. */
public sealed interface NlRequest {
  NlMessage message();

  /** CTRL_CMD_GETFAMILY. */
  record GetFamily(NlMessage message, String name) implements NlRequest {}

  /** Membership and options of the bus connection (docs/protocol.md). */
  record Membership(NlMessage message, int op, int group) implements NlRequest {}

  /** HANDSHAKE_CMD_ACCEPT. */
  record Accept(NlMessage message, int handlerClass) implements NlRequest {}

  /**
   * HANDSHAKE_CMD_DONE.
   *
   * @param status 0 or a positive errno; EIO when it was missing
   */
  record Done(NlMessage message, int status, int sockfd, List<Integer> remoteAuth)
      implements NlRequest {}

  /** Nothing to do but perhaps acknowledge. */
  record Noop(NlMessage message) implements NlRequest {}

  /**
   * Refused. @param errno positive @param text one line for the extended ack @param offset of the
   * bad attribute, or -1
   */
  record Bad(NlMessage message, int errno, String text, int offset) implements NlRequest {}
}
