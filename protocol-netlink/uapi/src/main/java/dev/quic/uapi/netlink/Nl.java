package dev.quic.uapi.netlink;

/** Numbers of {@code linux/netlink.h}, {@code linux/genetlink.h} and {@code linux/handshake.h}. */
public final class Nl {
  public static final int NLMSG_HDRLEN = 16;
  public static final int GENL_HDRLEN = 4;
  public static final int NLA_HDRLEN = 4;

  public static final int NLMSG_NOOP = 1;
  public static final int NLMSG_ERROR = 2;
  public static final int NLMSG_DONE = 3;

  /** Ours: asks for what setsockopt does on a real netlink socket (docs/protocol.md). */
  public static final int NLMSG_MEMBERSHIP = 0x0f;

  /** NETLINK_ADD_MEMBERSHIP; the operations are the kernel's socket options at SOL_NETLINK. */
  public static final int MEMBERSHIP_ADD = 1;

  /** NETLINK_DROP_MEMBERSHIP. */
  public static final int MEMBERSHIP_DROP = 2;

  /** NETLINK_CAP_ACK on (value 1) or off (value 0): errors repeat the request's header only. */
  public static final int MEMBERSHIP_CAP_ACK = 10;

  /** NETLINK_EXT_ACK on (value 1) or off (value 0): errors say what is wrong and where. */
  public static final int MEMBERSHIP_EXT_ACK = 11;

  public static final int NLM_F_REQUEST = 1;
  public static final int NLM_F_MULTI = 2;
  public static final int NLM_F_ACK = 4;
  public static final int NLM_F_ECHO = 8;
  public static final int NLM_F_DUMP = 0x300;
  public static final int NLM_F_CAPPED = 0x100;
  public static final int NLM_F_ACK_TLVS = 0x200;

  public static final int NLA_F_NESTED = 0x8000;
  public static final int NLA_TYPE_MASK = 0x3fff;

  public static final int NLMSGERR_ATTR_MSG = 1;
  public static final int NLMSGERR_ATTR_OFFS = 2;
  public static final int NLMSGERR_ATTR_POLICY = 4;
  public static final int NLMSGERR_ATTR_MISS_TYPE = 5;

  public static final int GENL_ID_CTRL = 0x10;
  public static final int GENL_ID_HANDSHAKE = 0x21;
  public static final int CTRL_CMD_NEWFAMILY = 1;
  public static final int CTRL_CMD_GETFAMILY = 3;
  public static final int CTRL_CMD_GETPOLICY = 10;
  public static final int CTRL_ATTR_FAMILY_ID = 1;
  public static final int CTRL_ATTR_FAMILY_NAME = 2;
  public static final int CTRL_ATTR_VERSION = 3;
  public static final int CTRL_ATTR_HDRSIZE = 4;
  public static final int CTRL_ATTR_MAXATTR = 5;
  public static final int CTRL_ATTR_OPS = 6;
  public static final int CTRL_ATTR_MCAST_GROUPS = 7;
  public static final int CTRL_ATTR_POLICY = 8;
  public static final int CTRL_ATTR_OP_POLICY = 9;
  public static final int CTRL_ATTR_OP = 10;
  public static final int CTRL_ATTR_POLICY_DO = 1;
  public static final int CTRL_ATTR_POLICY_DUMP = 2;
  public static final int CTRL_ATTR_OP_ID = 1;
  public static final int CTRL_ATTR_OP_FLAGS = 2;
  public static final int CTRL_ATTR_MCAST_GRP_NAME = 1;
  public static final int CTRL_ATTR_MCAST_GRP_ID = 2;
  public static final int GENL_ADMIN_PERM = 1;
  public static final int GENL_CMD_CAP_DO = 2;
  public static final int GENL_CMD_CAP_DUMP = 4;
  public static final int GENL_CMD_CAP_HASPOL = 8;

  public static final int NL_POLICY_TYPE_ATTR_TYPE = 1;
  public static final int NL_POLICY_TYPE_ATTR_MIN_VALUE_S = 2;
  public static final int NL_POLICY_TYPE_ATTR_MAX_VALUE_S = 3;
  public static final int NL_POLICY_TYPE_ATTR_MIN_VALUE_U = 4;
  public static final int NL_POLICY_TYPE_ATTR_MAX_VALUE_U = 5;
  public static final int NL_POLICY_TYPE_ATTR_MAX_LENGTH = 7;

  public static final String HANDSHAKE_FAMILY_NAME = "handshake";
  public static final int HANDSHAKE_FAMILY_VERSION = 1;
  public static final int HANDSHAKE_CMD_READY = 1;
  public static final int HANDSHAKE_CMD_ACCEPT = 2;
  public static final int HANDSHAKE_CMD_DONE = 3;

  public static final int HANDSHAKE_GROUP_NONE = 0x0d;
  public static final int HANDSHAKE_GROUP_TLSHD = 0x0e;

  public static final int HANDLER_CLASS_NONE = 0;
  public static final int HANDLER_CLASS_TLSHD = 1;
  public static final int HANDLER_CLASS_MAX = 2;

  public static final int MSG_TYPE_CLIENTHELLO = 1;
  public static final int MSG_TYPE_SERVERHELLO = 2;

  public static final int AUTH_UNSPEC = 0;
  public static final int AUTH_UNAUTH = 1;
  public static final int AUTH_PSK = 2;
  public static final int AUTH_X509 = 3;

  public static final int A_ACCEPT_SOCKFD = 1;
  public static final int A_ACCEPT_HANDLER_CLASS = 2;
  public static final int A_ACCEPT_MESSAGE_TYPE = 3;
  public static final int A_ACCEPT_TIMEOUT = 4;
  public static final int A_ACCEPT_AUTH_MODE = 5;
  public static final int A_ACCEPT_PEER_IDENTITY = 6;
  public static final int A_ACCEPT_CERTIFICATE = 7;
  public static final int A_ACCEPT_PEERNAME = 8;
  public static final int A_ACCEPT_KEYRING = 9;
  public static final int A_X509_CERT = 1;
  public static final int A_X509_PRIVKEY = 2;

  public static final int A_DONE_STATUS = 1;
  public static final int A_DONE_SOCKFD = 2;
  public static final int A_DONE_REMOTE_AUTH = 3;

  /** A session tag's name, multi: number and type of the kernel's proposed attribute. */
  public static final int A_DONE_TAG = 4;

  /** Ours: tls-exporter (RFC 9266), {@link #CHANNEL_BINDING_BYTES} bytes. */
  public static final int A_DONE_CHANNEL_BINDING = 0x1001;

  /** Ours: milliseconds a request has waited for its ACCEPT; left out when 0. */
  public static final int A_ACCEPT_WAITED = 0x1001;

  /**
   * Ours: {@code FEATURE_*} the daemon knows, and in the answer those that the grant has; left out
   * when there are none.
   */
  public static final int A_ACCEPT_FEATURES = 0x1002;

  /** What every handshake asks for at its beginning is answered unasked. */
  public static final int FEATURE_AHEAD = 1;

  /** DONE may go as the last call on the grant. */
  public static final int FEATURE_DONE = 2;

  public static final int CHANNEL_BINDING_BYTES = 32;

  /** Tags of one DONE; further ones are dropped. */
  public static final int MAX_TAGS = 128;

  /** Bytes of a tag's name, its zero not counted. */
  public static final int MAX_TAG_BYTES = 512;

  /** Identities of one request or answer, TLS_MAX_PEERIDS. */
  public static final int MAX_PEERIDS = 5;

  private Nl() {}

  /** Rounds up to the alignment of messages and attributes, 4. */
  public static int align(int len) {
    return (len + 3) & ~3;
  }
}
