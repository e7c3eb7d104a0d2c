package dev.quic.uapi.netlink;

/** The kernel's side of the conversation: answers and notifications, byte for byte. */
public final class NlReplies {
  private NlReplies() {}

  /** NLMSG_ERROR with 0: the acknowledgement, capped to the request's header. */
  public static byte[] ack(NlMessage request) {
    NlWriter w = new NlWriter();
    w.begin(Nl.NLMSG_ERROR, Nl.NLM_F_CAPPED, request.seq(), request.pid()).u32(0);
    return w.bytes(request.bytes(), 0, Nl.NLMSG_HDRLEN).end().toBytes();
  }

  /**
   * NLMSG_ERROR with the whole request.
   *
   * @param errno positive
   * @param extended whether the receiver asked for extended acks
   */
  public static byte[] error(
      NlMessage request, int errno, String text, int offset, boolean extended) {
    NlWriter w = new NlWriter();
    boolean tlvs = extended && !text.isEmpty();
    w.begin(Nl.NLMSG_ERROR, tlvs ? Nl.NLM_F_ACK_TLVS : 0, request.seq(), request.pid()).u32(-errno);
    w.bytes(request.bytes(), 0, request.bytes().length);
    if (tlvs) {
      int odd = Nl.align(request.bytes().length) - request.bytes().length;
      w.bytes(new byte[3], 0, odd);
      w.attrString(Nl.NLMSGERR_ATTR_MSG, text);
      if (offset >= 0) {
        w.attrU32(Nl.NLMSGERR_ATTR_OFFS, offset);
      }
    }
    return w.end().toBytes();
  }

  /** CTRL_CMD_NEWFAMILY for the handshake family. */
  public static byte[] family(NlMessage request) {
    NlWriter w = new NlWriter();
    w.begin(Nl.GENL_ID_CTRL, 0, request.seq(), request.pid()).genl(Nl.CTRL_CMD_NEWFAMILY, 2);
    w.attrString(Nl.CTRL_ATTR_FAMILY_NAME, Nl.HANDSHAKE_FAMILY_NAME);
    w.attrU16(Nl.CTRL_ATTR_FAMILY_ID, Nl.GENL_ID_HANDSHAKE);
    w.attrU32(Nl.CTRL_ATTR_VERSION, Nl.HANDSHAKE_FAMILY_VERSION);
    w.attrU32(Nl.CTRL_ATTR_HDRSIZE, 0);
    w.attrU32(Nl.CTRL_ATTR_MAXATTR, 0);
    int ops = w.nest(Nl.CTRL_ATTR_OPS);
    // The kernel shows ADMIN_PERM for DONE as well, whatever it really asks for.
    int flags = Nl.GENL_ADMIN_PERM | Nl.GENL_CMD_CAP_DO | Nl.GENL_CMD_CAP_HASPOL;
    op(w, 1, Nl.HANDSHAKE_CMD_ACCEPT, flags);
    op(w, 2, Nl.HANDSHAKE_CMD_DONE, flags);
    w.endNest(ops);
    int groups = w.nest(Nl.CTRL_ATTR_MCAST_GROUPS);
    group(w, 1, Nl.HANDSHAKE_GROUP_NONE, "none");
    group(w, 2, Nl.HANDSHAKE_GROUP_TLSHD, "tlshd");
    w.endNest(groups);
    return w.end().toBytes();
  }

  private static void op(NlWriter w, int index, int id, int flags) {
    int nest = w.nest(index);
    w.attrU32(Nl.CTRL_ATTR_OP_ID, id);
    w.attrU32(Nl.CTRL_ATTR_OP_FLAGS, flags);
    w.endNest(nest);
  }

  private static void group(NlWriter w, int index, int id, String name) {
    int nest = w.nest(index);
    w.attrU32(Nl.CTRL_ATTR_MCAST_GRP_ID, id);
    w.attrString(Nl.CTRL_ATTR_MCAST_GRP_NAME, name);
    w.endNest(nest);
  }

  /** HANDSHAKE_CMD_READY, as multicast. */
  public static byte[] ready(int handlerClass) {
    NlWriter w = new NlWriter();
    w.begin(Nl.GENL_ID_HANDSHAKE, 0, 0, 0).genl(Nl.HANDSHAKE_CMD_READY, 1);
    return w.attrU32(Nl.A_ACCEPT_HANDLER_CLASS, handlerClass).end().toBytes();
  }
}
