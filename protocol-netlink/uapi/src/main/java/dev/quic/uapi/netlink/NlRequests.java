package dev.quic.uapi.netlink;

import java.util.List;

/** The daemon's side of the conversation, as the real one writes it. */
public final class NlRequests {
  private NlRequests() {}

  public static byte[] getFamily(String name, int seq, int pid) {
    NlWriter w = new NlWriter();
    w.begin(Nl.GENL_ID_CTRL, Nl.NLM_F_REQUEST | Nl.NLM_F_ACK, seq, pid)
        .genl(Nl.CTRL_CMD_GETFAMILY, 1);
    return w.attrString(Nl.CTRL_ATTR_FAMILY_NAME, name).end().toBytes();
  }

  /**
   * @param op {@code Nl.MEMBERSHIP_*}
   */
  public static byte[] membership(int op, int group, int seq, int pid) {
    NlWriter w = new NlWriter();
    w.begin(Nl.NLMSG_MEMBERSHIP, Nl.NLM_F_REQUEST | Nl.NLM_F_ACK, seq, pid);
    return w.u32(op).u32(group).end().toBytes();
  }

  public static byte[] accept(int handlerClass, int seq, int pid) {
    return accept(handlerClass, 0, seq, pid);
  }

  /**
   * As {@link #accept(int, int, int)}, with what a plain kernel does not take.
   *
   * @param features {@code Nl.FEATURE_*}, 0 for none
   */
  public static byte[] accept(int handlerClass, int features, int seq, int pid) {
    NlWriter w = new NlWriter();
    w.begin(Nl.GENL_ID_HANDSHAKE, Nl.NLM_F_REQUEST, seq, pid).genl(Nl.HANDSHAKE_CMD_ACCEPT, 0);
    w.attrU32(Nl.A_ACCEPT_HANDLER_CLASS, handlerClass);
    if (features != 0) {
      w.attrU32(Nl.A_ACCEPT_FEATURES, features);
    }
    return w.end().toBytes();
  }

  /**
   * @param status 0 or a positive errno
   * @param ack whether an answer is wanted
   */
  public static byte[] done(
      int status, int sockfd, List<Integer> remoteAuth, boolean ack, int seq, int pid) {
    return done(status, sockfd, remoteAuth, List.of(), new byte[0], ack, seq, pid);
  }

  /**
   * As {@link #done(int, int, List, boolean, int, int)}, with what a plain kernel does not take.
   *
   * @param tags at most {@link Nl#MAX_TAGS} names of at most {@link Nl#MAX_TAG_BYTES} bytes
   * @param channelBinding {@link Nl#CHANNEL_BINDING_BYTES} bytes, empty for none
   */
  public static byte[] done(
      int status,
      int sockfd,
      List<Integer> remoteAuth,
      List<String> tags,
      byte[] channelBinding,
      boolean ack,
      int seq,
      int pid) {
    NlWriter w = new NlWriter();
    int flags = Nl.NLM_F_REQUEST | (ack ? Nl.NLM_F_ACK : 0);
    w.begin(Nl.GENL_ID_HANDSHAKE, flags, seq, pid).genl(Nl.HANDSHAKE_CMD_DONE, 0);
    w.attrU32(Nl.A_DONE_STATUS, status).attrU32(Nl.A_DONE_SOCKFD, sockfd);
    remoteAuth.forEach(id -> w.attrU32(Nl.A_DONE_REMOTE_AUTH, id));
    tags.forEach(tag -> w.attrString(Nl.A_DONE_TAG, tag));
    if (channelBinding.length > 0) {
      w.attr(Nl.A_DONE_CHANNEL_BINDING, channelBinding);
    }
    return w.end().toBytes();
  }
}
