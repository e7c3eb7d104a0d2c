package dev.quic.uapi.netlink;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The generic netlink families of the bus, as {@code nlctrl} describes them. */
final class NlFamily {
  /** Most bytes of a family's name, GENL_NAMSIZ without the zero. */
  private static final int MAX_NAME = 15;

  static final NlFamily CONTROL =
      new NlFamily(
          Nl.GENL_ID_CTRL,
          "nlctrl",
          2,
          List.of(
              new Op(
                  Nl.CTRL_CMD_GETFAMILY,
                  Nl.GENL_CMD_CAP_DO | Nl.GENL_CMD_CAP_DUMP | Nl.GENL_CMD_CAP_HASPOL,
                  new NlPolicy(
                      false, NlPolicy.Rule.NONE, NlPolicy.Rule.U16, NlPolicy.Rule.name(MAX_NAME))),
              new Op(
                  Nl.CTRL_CMD_GETPOLICY,
                  Nl.GENL_CMD_CAP_DUMP | Nl.GENL_CMD_CAP_HASPOL,
                  new NlPolicy(
                      true,
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.U16,
                      NlPolicy.Rule.name(MAX_NAME),
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.U32))),
          List.of(new Group(0x10, "notify")));

  static final NlFamily HANDSHAKE =
      new NlFamily(
          Nl.GENL_ID_HANDSHAKE,
          Nl.HANDSHAKE_FAMILY_NAME,
          Nl.HANDSHAKE_FAMILY_VERSION,
          List.of(
              // The kernel shows ADMIN_PERM for DONE as well, whatever it really asks for.
              new Op(
                  Nl.HANDSHAKE_CMD_ACCEPT,
                  Nl.GENL_ADMIN_PERM | Nl.GENL_CMD_CAP_DO | Nl.GENL_CMD_CAP_HASPOL,
                  new NlPolicy(
                      true,
                      Map.of(Nl.A_ACCEPT_FEATURES, NlPolicy.Rule.U32),
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.u32(Nl.HANDLER_CLASS_MAX))),
              new Op(
                  Nl.HANDSHAKE_CMD_DONE,
                  Nl.GENL_ADMIN_PERM | Nl.GENL_CMD_CAP_DO | Nl.GENL_CMD_CAP_HASPOL,
                  new NlPolicy(
                      true,
                      Map.of(
                          Nl.A_DONE_CHANNEL_BINDING, NlPolicy.Rule.bytes(Nl.CHANNEL_BINDING_BYTES)),
                      NlPolicy.Rule.NONE,
                      NlPolicy.Rule.U32,
                      NlPolicy.Rule.S32,
                      NlPolicy.Rule.U32,
                      NlPolicy.Rule.name(Nl.MAX_TAG_BYTES)))),
          List.of(
              new Group(Nl.HANDSHAKE_GROUP_NONE, "none"),
              new Group(Nl.HANDSHAKE_GROUP_TLSHD, "tlshd")));

  static final List<NlFamily> ALL = List.of(CONTROL, HANDSHAKE);

  /**
   * A command.
   *
   * @param flags {@code GENL_*} as CTRL_ATTR_OP_FLAGS shows them
   */
  record Op(int command, int flags, NlPolicy policy) {
    boolean can(int capability) {
      return (flags & capability) != 0;
    }
  }

  record Group(int id, String name) {}

  final int id;
  final String title;
  final int version;
  final List<Op> ops;
  final List<Group> groups;

  private NlFamily(int id, String title, int version, List<Op> ops, List<Group> groups) {
    this.id = id;
    this.title = title;
    this.version = version;
    this.ops = ops;
    this.groups = groups;
  }

  static @Nullable NlFamily byId(int id) {
    for (NlFamily f : ALL) {
      if (f.id == id) {
        return f;
      }
    }
    return null;
  }

  static @Nullable NlFamily byName(String name) {
    for (NlFamily f : ALL) {
      if (f.title.equals(name)) {
        return f;
      }
    }
    return null;
  }

  @Nullable Op op(int command) {
    for (Op o : ops) {
      if (o.command == command) {
        return o;
      }
    }
    return null;
  }

  /**
   * CTRL_CMD_NEWFAMILY.
   *
   * @param flags NLM_F_MULTI in a dump
   */
  void describe(NlWriter w, int flags, NlMessage request) {
    w.begin(Nl.GENL_ID_CTRL, flags, request.seq(), request.pid());
    w.genl(Nl.CTRL_CMD_NEWFAMILY, CONTROL.version);
    w.attrString(Nl.CTRL_ATTR_FAMILY_NAME, title);
    w.attrU16(Nl.CTRL_ATTR_FAMILY_ID, id);
    w.attrU32(Nl.CTRL_ATTR_VERSION, version);
    w.attrU32(Nl.CTRL_ATTR_HDRSIZE, 0);
    w.attrU32(Nl.CTRL_ATTR_MAXATTR, 0);
    int all = w.nest(Nl.CTRL_ATTR_OPS);
    for (int i = 0; i < ops.size(); i++) {
      int nest = w.nest(i + 1);
      w.attrU32(Nl.CTRL_ATTR_OP_ID, ops.get(i).command);
      w.attrU32(Nl.CTRL_ATTR_OP_FLAGS, ops.get(i).flags);
      w.endNest(nest);
    }
    w.endNest(all);
    all = w.nest(Nl.CTRL_ATTR_MCAST_GROUPS);
    for (int i = 0; i < groups.size(); i++) {
      int nest = w.nest(i + 1);
      w.attrU32(Nl.CTRL_ATTR_MCAST_GRP_ID, groups.get(i).id);
      w.attrString(Nl.CTRL_ATTR_MCAST_GRP_NAME, groups.get(i).name);
      w.endNest(nest);
    }
    w.endNest(all);
    w.end();
  }

  /**
   * The messages of a CTRL_CMD_GETPOLICY dump, without NLMSG_DONE.
   *
   * @param only the one command asked for, null for all
   */
  void describePolicies(NlWriter w, NlMessage request, @Nullable Op only) {
    List<Op> shown = only == null ? ops : List.of(only);
    for (int i = 0; i < shown.size(); i++) {
      beginPolicy(w, request);
      int all = w.nest(Nl.CTRL_ATTR_OP_POLICY | Nl.NLA_F_NESTED);
      // A command that can only be dumped is listed under 0: so the kernel does.
      int listed = shown.get(i).can(Nl.GENL_CMD_CAP_DO) ? shown.get(i).command : 0;
      int nest = w.nest(listed | Nl.NLA_F_NESTED);
      if (shown.get(i).can(Nl.GENL_CMD_CAP_DO)) {
        w.attrU32(Nl.CTRL_ATTR_POLICY_DO, i);
      }
      if (shown.get(i).can(Nl.GENL_CMD_CAP_DUMP)) {
        w.attrU32(Nl.CTRL_ATTR_POLICY_DUMP, i);
      }
      w.endNest(nest);
      w.endNest(all);
      w.end();
    }
    for (int i = 0; i < shown.size(); i++) {
      NlPolicy policy = shown.get(i).policy;
      for (int type = 1; type < policy.size(); type++) {
        if (policy.rule(type).kind() != NlPolicy.Kind.UNSPEC) {
          describePolicy(w, request, i, type, policy.rule(type));
        }
      }
    }
  }

  private void describePolicy(
      NlWriter w, NlMessage request, int index, int type, NlPolicy.Rule rule) {
    beginPolicy(w, request);
    int all = w.nest(Nl.CTRL_ATTR_POLICY | Nl.NLA_F_NESTED);
    int policy = w.nest(index | Nl.NLA_F_NESTED);
    int attr = w.nest(type | Nl.NLA_F_NESTED);
    rule.describe(w);
    w.endNest(attr);
    w.endNest(policy);
    w.endNest(all);
    w.end();
  }

  private void beginPolicy(NlWriter w, NlMessage request) {
    w.begin(Nl.GENL_ID_CTRL, Nl.NLM_F_MULTI, request.seq(), request.pid());
    w.genl(Nl.CTRL_CMD_GETPOLICY, CONTROL.version);
    w.attrU16(Nl.CTRL_ATTR_FAMILY_ID, id);
  }
}
