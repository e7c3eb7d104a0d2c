package dev.quic.uapi.netlink;

import org.jspecify.annotations.Nullable;

/** The kernel's side of the conversation: answers and notifications, byte for byte. */
public final class NlReplies {
  private NlReplies() {}

  /**
   * The acknowledgement or error that ends a request, null when none is due.
   *
   * @param errno positive, 0 for success; a {@link NlRequest.Bad}'s own errno counts in any case
   */
  public static byte @Nullable [] result(NlRequest request, int errno, NlAcks acks) {
    if (request instanceof NlRequest.Bad bad) {
      return error(bad.message(), bad.fault(), acks);
    }
    if (errno != 0) {
      return error(request.message(), NlFault.of(errno, ""), acks);
    }
    return request.wantsAck() ? ack(request.message(), acks) : null;
  }

  /** NLMSG_ERROR with 0: the acknowledgement, capped to the request's header. */
  public static byte[] ack(NlMessage request) {
    return ack(request, NlAcks.PLAIN);
  }

  private static byte[] ack(NlMessage request, NlAcks acks) {
    NlFault note = NlFault.of(0, acks.extended() && request.hasLeftover() ? NlPolicy.LEFTOVER : "");
    return error(request, note, new NlAcks(acks.extended(), true));
  }

  /** As the other, for the plain and the extended way. */
  public static byte[] error(
      NlMessage request, int errno, String text, int offset, boolean extended) {
    NlFault fault = new NlFault(errno, text, offset, null, -1);
    return error(request, fault, new NlAcks(extended, false));
  }

  /** NLMSG_ERROR with the whole request, or its header where acknowledgements are capped. */
  public static byte[] error(NlMessage request, NlFault fault, NlAcks acks) {
    boolean more = acks.extended() && fault.saysMore();
    int flags = (acks.capped() ? Nl.NLM_F_CAPPED : 0) | (more ? Nl.NLM_F_ACK_TLVS : 0);
    NlWriter w = new NlWriter();
    w.begin(Nl.NLMSG_ERROR, flags, request.seq(), request.pid()).u32(-fault.errno());
    w.bytes(request.bytes(), 0, acks.capped() ? Nl.NLMSG_HDRLEN : request.bytes().length).pad();
    if (more) {
      details(w, fault);
    }
    return w.end().toBytes();
  }

  private static void details(NlWriter w, NlFault fault) {
    if (!fault.text().isEmpty()) {
      w.attrString(Nl.NLMSGERR_ATTR_MSG, fault.text());
    }
    if (fault.offset() >= 0) {
      w.attrU32(Nl.NLMSGERR_ATTR_OFFS, fault.offset());
    }
    NlPolicy.Rule rule = fault.rule();
    if (rule != null) {
      int nest = w.nest(Nl.NLMSGERR_ATTR_POLICY | Nl.NLA_F_NESTED);
      rule.describe(w);
      w.endNest(nest);
    }
    if (fault.missing() >= 0) {
      w.attrU32(Nl.NLMSGERR_ATTR_MISS_TYPE, fault.missing());
    }
  }

  /**
   * The answer to a {@link NlRequest.GetFamily}: CTRL_CMD_NEWFAMILY, or the messages of a dump up
   * to NLMSG_DONE in one packet.
   */
  public static byte[] family(NlMessage request) {
    NlWriter w = new NlWriter();
    Attributes a = request.attributes();
    NlFamily asked = NlParser.familyAskedFor(request, a);
    if (!request.isDump()) {
      (asked == null ? NlFamily.HANDSHAKE : asked).describe(w, 0, request);
      return w.toBytes();
    }
    if (request.command() == Nl.CTRL_CMD_GETFAMILY) {
      for (NlFamily f : NlFamily.values()) {
        f.describe(w, Nl.NLM_F_MULTI, request);
      }
    } else if (asked != null) {
      Attributes.Attr command = a.get(Nl.CTRL_ATTR_OP);
      asked.describePolicies(w, request, command == null ? null : asked.op(command.u32()));
    }
    w.begin(Nl.NLMSG_DONE, Nl.NLM_F_MULTI, request.seq(), request.pid()).u32(0);
    return w.end().toBytes();
  }

  /** HANDSHAKE_CMD_READY, as multicast. */
  public static byte[] ready(int handlerClass) {
    NlWriter w = new NlWriter();
    w.begin(Nl.GENL_ID_HANDSHAKE, 0, 0, 0).genl(Nl.HANDSHAKE_CMD_READY, 1);
    return w.attrU32(Nl.A_ACCEPT_HANDLER_CLASS, handlerClass).end().toBytes();
  }
}
