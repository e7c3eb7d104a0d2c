package dev.quic.uapi.netlink;

import dev.quic.uapi.Errno;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks what came over the bus in the kernel's order: family, header, command, permission,
 * attributes. Malformed input gets the kernel's errno and words, never an exception.
 */
public final class NlParser {
  /** Flags a request may carry to a family without a history. */
  private static final int PLAIN_FLAGS = Nl.NLM_F_REQUEST | Nl.NLM_F_ACK | Nl.NLM_F_ECHO;

  private static final int MEMBERSHIP_BYTES = 8;

  private NlParser() {}

  /** As {@link #parse(byte[], int, boolean)} for a sender who may do everything. */
  public static List<NlRequest> parse(byte[] packet, int len) {
    return parse(packet, len, true);
  }

  /**
   * All requests of one packet. A message that is no request is at most acknowledged, and what
   * cannot be a message ends the packet without an answer, both as in the kernel.
   *
   * @param admin whether the sender may use commands with GENL_ADMIN_PERM (ACCEPT); others get
   *     EPERM
   */
  public static List<NlRequest> parse(byte[] packet, int len, boolean admin) {
    List<NlRequest> out = new ArrayList<>();
    for (NlMessage m : NlMessage.split(packet, len)) {
      out.add(m.isRequest() ? request(m, admin) : new NlRequest.Noop(m));
    }
    return out;
  }

  private static NlRequest request(NlMessage m, boolean admin) {
    if (m.type() == Nl.NLMSG_MEMBERSHIP) {
      return m.payloadLength() < MEMBERSHIP_BYTES
          ? bad(m, Errno.EINVAL, "membership needs an operation and a value")
          : new NlRequest.Membership(m, m.payloadInt(0), m.payloadInt(4));
    }
    if (m.type() < Nl.GENL_ID_CTRL) {
      return new NlRequest.Noop(m);
    }
    NlFamily family = NlFamily.byId(m.type());
    if (family == null) {
      return bad(m, Errno.ENOENT, "");
    }
    if (m.payloadLength() < Nl.GENL_HDRLEN) {
      return bad(m, Errno.EINVAL, "");
    }
    return family == NlFamily.CONTROL ? control(m) : handshake(m, admin);
  }

  // nlctrl.

  private static NlRequest control(NlMessage m) {
    NlFamily.Op op = NlFamily.CONTROL.op(m.command());
    if (op == null || !op.can(m.isDump() ? Nl.GENL_CMD_CAP_DUMP : Nl.GENL_CMD_CAP_DO)) {
      return bad(m, Errno.EOPNOTSUPP, "");
    }
    if (m.isDump() && m.command() == Nl.CTRL_CMD_GETFAMILY) {
      // A dump of all families; the kernel does not even look at the attributes.
      return new NlRequest.GetFamily(m, "");
    }
    Attributes a = m.attributes();
    NlFault fault = op.policy().check(a);
    if (fault != null) {
      return new NlRequest.Bad(m, fault);
    }
    // Where leftover bytes are tolerated, the kernel still mentions them with whatever follows.
    String note = a.wellFormed() ? "" : NlPolicy.LEFTOVER;
    if (a.get(Nl.CTRL_ATTR_FAMILY_ID) == null && a.get(Nl.CTRL_ATTR_FAMILY_NAME) == null) {
      return bad(m, Errno.EINVAL, note);
    }
    NlFamily family = familyAskedFor(m, a);
    if (family == null) {
      return bad(m, Errno.ENOENT, note);
    }
    Attributes.Attr command = a.get(Nl.CTRL_ATTR_OP);
    if (m.isDump() && command != null && family.op(command.u32()) == null) {
      return new NlRequest.Bad(m, NlFault.at(Errno.ENOENT, "", command, null));
    }
    return new NlRequest.GetFamily(m, family.title);
  }

  /**
   * The family a checked request names: the name counts before the id, but for GETPOLICY, where it
   * is the other way round.
   */
  static @Nullable NlFamily familyAskedFor(NlMessage m, Attributes a) {
    Attributes.Attr id = a.get(Nl.CTRL_ATTR_FAMILY_ID);
    Attributes.Attr name = a.get(Nl.CTRL_ATTR_FAMILY_NAME);
    if (id != null && (name == null || m.command() == Nl.CTRL_CMD_GETPOLICY)) {
      return id.len() < 2 ? null : NlFamily.byId(NlMessage.get16(id.from(), id.off()));
    }
    return name == null ? null : NlFamily.byName(name.string());
  }

  // handshake.

  private static NlRequest handshake(NlMessage m, boolean admin) {
    if (NlMessage.get16(m.bytes(), Nl.NLMSG_HDRLEN + 2) != 0) {
      return bad(m, Errno.EINVAL, "genlmsghdr.reserved field is not 0");
    }
    int flags = m.isDump() ? m.flags() & ~Nl.NLM_F_DUMP : m.flags();
    if ((flags & ~PLAIN_FLAGS) != 0) {
      return bad(m, Errno.EINVAL, "ambiguous or reserved bits set in nlmsg_flags");
    }
    NlFamily.Op op = NlFamily.HANDSHAKE.op(m.command());
    if (op == null || m.isDump()) {
      return bad(m, Errno.EOPNOTSUPP, "");
    }
    if (!admin && m.command() == Nl.HANDSHAKE_CMD_ACCEPT) {
      return bad(m, Errno.EPERM, "");
    }
    Attributes a = m.attributes();
    NlFault fault = op.policy().check(a);
    if (fault != null) {
      return new NlRequest.Bad(m, fault);
    }
    return m.command() == Nl.HANDSHAKE_CMD_ACCEPT ? accept(m, a) : done(m, a);
  }

  private static NlRequest accept(NlMessage m, Attributes a) {
    Attributes.Attr cls = a.get(Nl.A_ACCEPT_HANDLER_CLASS);
    return cls == null
        ? missing(m, Nl.A_ACCEPT_HANDLER_CLASS)
        : new NlRequest.Accept(m, cls.u32(), a.u32(Nl.A_ACCEPT_FEATURES, 0));
  }

  private static NlRequest done(NlMessage m, Attributes a) {
    Attributes.Attr fd = a.get(Nl.A_DONE_SOCKFD);
    if (fd == null) {
      return missing(m, Nl.A_DONE_SOCKFD);
    }
    List<Integer> remote = new ArrayList<>();
    for (Attributes.Attr x : a.getAll(Nl.A_DONE_REMOTE_AUTH)) {
      if (remote.size() < Nl.MAX_PEERIDS) {
        remote.add(x.u32());
      }
    }
    List<String> tags = new ArrayList<>();
    for (Attributes.Attr x : a.getAll(Nl.A_DONE_TAG)) {
      if (tags.size() < Nl.MAX_TAGS) {
        tags.add(x.string());
      }
    }
    Attributes.Attr binding = a.get(Nl.A_DONE_CHANNEL_BINDING);
    return new NlRequest.Done(
        m,
        a.u32(Nl.A_DONE_STATUS, Errno.EIO),
        fd.u32(),
        List.copyOf(remote),
        List.copyOf(tags),
        binding == null ? new byte[0] : binding.bytes());
  }

  private static NlRequest.Bad missing(NlMessage m, int type) {
    return new NlRequest.Bad(m, NlFault.missing(Errno.EINVAL, type, ""));
  }

  private static NlRequest.Bad bad(NlMessage m, int errno, String text) {
    return new NlRequest.Bad(m, NlFault.of(errno, text));
  }
}
