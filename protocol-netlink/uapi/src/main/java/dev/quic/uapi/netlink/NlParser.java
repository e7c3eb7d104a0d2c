package dev.quic.uapi.netlink;

import dev.quic.uapi.Errno;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks what came over the bus as the kernel would: malformed input gets the kernel's errno, never
 * an exception.
 */
public final class NlParser {
  private NlParser() {}

  /** All requests of one packet; messages that are no requests are ignored, as in the kernel. */
  public static List<NlRequest> parse(byte[] packet, int len) {
    List<NlRequest> out = new ArrayList<>();
    for (NlMessage m : NlMessage.split(packet, len)) {
      if (m.isRequest()) {
        out.add(request(m));
      }
    }
    return out;
  }

  private static NlRequest request(NlMessage m) {
    if (m.type() == Nl.NLMSG_MEMBERSHIP) {
      return m.payloadLength() < 8
          ? bad(m, Errno.EINVAL, "membership needs an operation and a group")
          : new NlRequest.Membership(m, m.payloadInt(0), m.payloadInt(4));
    }
    if (m.type() < Nl.GENL_ID_CTRL) {
      return new NlRequest.Noop(m);
    }
    if (m.type() != Nl.GENL_ID_CTRL && m.type() != Nl.GENL_ID_HANDSHAKE) {
      return bad(m, Errno.ENOENT, "no such family");
    }
    if (m.payloadLength() < Nl.GENL_HDRLEN) {
      return bad(m, Errno.EINVAL, "message shorter than its header");
    }
    if ((m.flags() & Nl.NLM_F_DUMP) == Nl.NLM_F_DUMP) {
      return bad(m, Errno.EOPNOTSUPP, "nothing can be dumped");
    }
    Attributes a = m.attributes();
    if (!a.wellFormed()) {
      return bad(m, Errno.EINVAL, "malformed attributes");
    }
    return m.type() == Nl.GENL_ID_CTRL ? control(m, a) : handshake(m, a);
  }

  private static NlRequest control(NlMessage m, Attributes a) {
    if (m.command() != Nl.CTRL_CMD_GETFAMILY) {
      return bad(m, Errno.EOPNOTSUPP, "unknown command");
    }
    Attributes.Attr name = a.get(Nl.CTRL_ATTR_FAMILY_NAME);
    Attributes.Attr id = a.get(Nl.CTRL_ATTR_FAMILY_ID);
    if (name == null && id != null) {
      if (id.len() < 2) {
        return bad(m, Errno.ERANGE, "family id too short", id);
      }
      int n = NlMessage.get16(id.from(), id.off());
      return n == Nl.GENL_ID_HANDSHAKE
          ? new NlRequest.GetFamily(m, Nl.HANDSHAKE_FAMILY_NAME)
          : bad(m, Errno.ENOENT, "no such family", id);
    }
    if (name == null) {
      return bad(m, Errno.EINVAL, "family name or id missing");
    }
    if (name.len() == 0 || name.len() > 16) {
      return bad(m, Errno.ERANGE, "family name of a wrong length", name);
    }
    return name.string().equals(Nl.HANDSHAKE_FAMILY_NAME)
        ? new NlRequest.GetFamily(m, name.string())
        : bad(m, Errno.ENOENT, "no such family", name);
  }

  private static NlRequest handshake(NlMessage m, Attributes a) {
    return switch (m.command()) {
      case Nl.HANDSHAKE_CMD_ACCEPT -> accept(m, a);
      case Nl.HANDSHAKE_CMD_DONE -> done(m, a);
      default -> bad(m, Errno.EOPNOTSUPP, "unknown command");
    };
  }

  private static NlRequest accept(NlMessage m, Attributes a) {
    for (Attributes.Attr x : a.all()) {
      if (x.type() > Nl.A_ACCEPT_HANDLER_CLASS) {
        return bad(m, Errno.EINVAL, "unknown attribute", x);
      }
    }
    Attributes.Attr cls = a.get(Nl.A_ACCEPT_HANDLER_CLASS);
    if (cls == null) {
      return bad(m, Errno.EINVAL, "handler class missing");
    }
    if (cls.len() < 4) {
      return bad(m, Errno.ERANGE, "handler class too short", cls);
    }
    int n = cls.u32();
    return n < 0 || n > Nl.HANDLER_CLASS_MAX
        ? bad(m, Errno.ERANGE, "handler class out of range", cls)
        : new NlRequest.Accept(m, n);
  }

  private static NlRequest done(NlMessage m, Attributes a) {
    List<Integer> remote = new ArrayList<>();
    for (Attributes.Attr x : a.all()) {
      if (x.type() > Nl.A_DONE_REMOTE_AUTH || x.type() == 0) {
        return bad(m, Errno.EINVAL, "unknown attribute", x);
      }
      if (x.len() < 4) {
        return bad(m, Errno.ERANGE, "attribute too short", x);
      }
      if (x.type() == Nl.A_DONE_REMOTE_AUTH && remote.size() < Nl.MAX_PEERIDS) {
        remote.add(x.u32());
      }
    }
    if (a.get(Nl.A_DONE_SOCKFD) == null) {
      return bad(m, Errno.EINVAL, "socket descriptor missing");
    }
    int status = a.u32(Nl.A_DONE_STATUS, Errno.EIO);
    return new NlRequest.Done(m, status, a.u32(Nl.A_DONE_SOCKFD, -1), remote);
  }

  private static NlRequest.Bad bad(NlMessage m, int errno, String text) {
    return new NlRequest.Bad(m, errno, text, -1);
  }

  private static NlRequest.Bad bad(NlMessage m, int errno, String text, Attributes.Attr a) {
    return new NlRequest.Bad(m, errno, text, a.off() - Nl.NLA_HDRLEN);
  }
}
