package dev.quic.uapi;

/** Numbers of the kernel's {@code linux/quic.h}, under the kernel's names. */
public final class QuicUapi {
  private QuicUapi() {}

  public static final int AF_UNSPEC = 0;
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;
  public static final int SOCK_STREAM = 1;
  public static final int SOCK_DGRAM = 2;
  public static final int IPPROTO_QUIC = 261;
  public static final int SOL_SOCKET = 1;

  /** {@code SO_PROTOCOL} of {@link #SOL_SOCKET}, get. */
  public static final int SO_PROTOCOL = 38;

  /** {@code SO_SNDTIMEO} of {@link #SOL_SOCKET}: how long a call that sends may wait. */
  public static final int SO_SNDTIMEO = 21;

  public static final int SOL_QUIC = 288;

  /** Socket states, as {@code sk_state}. */
  public static final int QUIC_SS_CLOSED = 7;

  public static final int QUIC_SS_LISTENING = 10;
  public static final int QUIC_SS_ESTABLISHING = 3;
  public static final int QUIC_SS_ESTABLISHED = 1;

  /** Control message types at level {@link #SOL_QUIC}. */
  public static final int QUIC_STREAM_INFO = 0;

  public static final int QUIC_HANDSHAKE_INFO = 1;

  public static final int QUIC_CRYPTO_APP = 0;
  public static final int QUIC_CRYPTO_INITIAL = 1;
  public static final int QUIC_CRYPTO_HANDSHAKE = 2;
  public static final int QUIC_CRYPTO_EARLY = 3;
  public static final int QUIC_CRYPTO_MAX = 4;

  public static final long QUIC_STREAM_TYPE_SERVER_MASK = 1;
  public static final long QUIC_STREAM_TYPE_UNI_MASK = 2;
  public static final long QUIC_STREAM_TYPE_MASK = 3;

  public static final int MSG_PEEK = 0x2;
  public static final int MSG_CTRUNC = 0x8;
  public static final int MSG_DONTWAIT = 0x40;
  public static final int MSG_EOR = 0x80;
  public static final int MSG_WAITALL = 0x100;
  public static final int MSG_NOSIGNAL = 0x4000;
  public static final int MSG_MORE = 0x8000;
  public static final int MSG_BATCH = 0x40000;

  public static final int MSG_QUIC_STREAM_FIN = 0x200;
  public static final int MSG_QUIC_STREAM_NEW = 0x400;
  public static final int MSG_QUIC_STREAM_UNI = 0x800;
  public static final int MSG_QUIC_DATAGRAM = 0x1000;
  public static final int MSG_QUIC_STREAM_SNDBLOCK = 0x2000;
  public static final int MSG_QUIC_NOTIFICATION = 0x8000;
  public static final int MSG_QUIC_STREAM_DONTWAIT = 0x10000;

  public static final int QUIC_VERSION_V1 = 1;
  public static final int QUIC_VERSION_V2 = 0x6b3343cf;

  public static final int QUIC_CONG_ALG_RENO = 0;
  public static final int QUIC_CONG_ALG_CUBIC = 1;

  /** Ours; the kernel has none. */
  public static final int QUIC_CONG_ALG_BBR = 2;

  public static final int TLS_CIPHER_AES_GCM_128 = 51;
  public static final int TLS_CIPHER_AES_GCM_256 = 52;
  public static final int TLS_CIPHER_AES_CCM_128 = 53;
  public static final int TLS_CIPHER_CHACHA20_POLY1305 = 54;

  public static final int QUIC_SOCKOPT_EVENT = 0;
  public static final int QUIC_SOCKOPT_STREAM_OPEN = 1;
  public static final int QUIC_SOCKOPT_STREAM_RESET = 2;
  public static final int QUIC_SOCKOPT_STREAM_STOP_SENDING = 3;
  public static final int QUIC_SOCKOPT_CONNECTION_ID = 4;
  public static final int QUIC_SOCKOPT_CONNECTION_CLOSE = 5;
  public static final int QUIC_SOCKOPT_CONNECTION_MIGRATION = 6;
  public static final int QUIC_SOCKOPT_KEY_UPDATE = 7;
  public static final int QUIC_SOCKOPT_TRANSPORT_PARAM = 8;
  public static final int QUIC_SOCKOPT_CONFIG = 9;
  public static final int QUIC_SOCKOPT_TOKEN = 10;
  public static final int QUIC_SOCKOPT_ALPN = 11;
  public static final int QUIC_SOCKOPT_SESSION_TICKET = 12;
  public static final int QUIC_SOCKOPT_CRYPTO_SECRET = 13;
  public static final int QUIC_SOCKOPT_TRANSPORT_PARAM_EXT = 14;

  /**
   * Ours, not the kernel's. Set by the TLS side: u32, 0 early data was rejected, 1 accepted. Get:
   * the same, or 2 while undecided and when there was none.
   */
  public static final int QUIC_SOCKOPT_EARLY_DATA = 0x1001;

  /**
   * Ours, not the kernel's: u32, 1 makes 0-RTT data readable as it arrives instead of when the
   * handshake is complete. Such data may be a replay.
   */
  public static final int QUIC_SOCKOPT_EARLY_DELIVERY = 0x1002;

  /**
   * Ours: SESSION_TICKET without the key a server's socket derives when nobody set one; empty then.
   */
  public static final int QUIC_SOCKOPT_SET_TICKET_KEY = 0x1003;

  /**
   * Ours: a sockaddr that connections accepted from this listener offer as preferred address (RFC
   * 9000 section 9.6); one of each family may be set.
   */
  public static final int QUIC_SOCKOPT_PREFERRED_ADDRESS = 0x1020;

  /**
   * Ours: u32 each, the QUIC versions a socket speaks, preferred first. Before connect or on a
   * listener; without it all that are known, CONFIG's version first.
   */
  public static final int QUIC_SOCKOPT_VERSIONS = 0x1010;

  /**
   * Ours: u64 stream id, u8 urgency 0 to 7, u8 incremental, u8[6] zero (RFC 9218). Get: the id in,
   * all of it out.
   */
  public static final int QUIC_SOCKOPT_STREAM_PRIORITY = 0x1030;

  /** Ours: u32, 0 keeps the spin bit still; before connect or listen. */
  public static final int QUIC_SOCKOPT_SPIN_BIT = 0x1031;

  /** Ours: u32, 0 sends everything without ECN marks; before connect or listen. */
  public static final int QUIC_SOCKOPT_ECN = 0x1032;

  /** Ours, get: u32, the largest UDP payload sent on the path in use, bytes. */
  public static final int QUIC_SOCKOPT_PATH_MTU = 0x1033;

  /**
   * Ours, get: four u64, bytes the connection's buffers hold to send and received, bytes all
   * connections of its shard hold, pieces received out of order.
   */
  public static final int QUIC_SOCKOPT_MEMORY = 0x1034;

  /**
   * Ours: text, comma separated host names a listener is for, a first label {@code *} standing for
   * any one; compared with the name the client looks for. Before listen; none means every name.
   */
  public static final int QUIC_SOCKOPT_SERVER_NAME = 0x1060;

  public static final int QUIC_EVENT_STREAM_UPDATE = 1;
  public static final int QUIC_EVENT_STREAM_MAX_DATA = 2;
  public static final int QUIC_EVENT_STREAM_MAX_STREAM = 3;
  public static final int QUIC_EVENT_CONNECTION_ID = 4;
  public static final int QUIC_EVENT_CONNECTION_CLOSE = 5;
  public static final int QUIC_EVENT_CONNECTION_MIGRATION = 6;
  public static final int QUIC_EVENT_KEY_UPDATE = 7;
  public static final int QUIC_EVENT_NEW_TOKEN = 8;
  public static final int QUIC_EVENT_NEW_SESSION_TICKET = 9;

  public static final int QUIC_STREAM_SEND_STATE_READY = 0;
  public static final int QUIC_STREAM_SEND_STATE_SEND = 1;
  public static final int QUIC_STREAM_SEND_STATE_SENT = 2;
  public static final int QUIC_STREAM_SEND_STATE_RECVD = 3;
  public static final int QUIC_STREAM_SEND_STATE_RESET_SENT = 4;
  public static final int QUIC_STREAM_SEND_STATE_RESET_RECVD = 5;
  public static final int QUIC_STREAM_RECV_STATE_RECV = 6;
  public static final int QUIC_STREAM_RECV_STATE_SIZE_KNOWN = 7;
  public static final int QUIC_STREAM_RECV_STATE_RECVD = 8;
  public static final int QUIC_STREAM_RECV_STATE_READ = 9;
  public static final int QUIC_STREAM_RECV_STATE_RESET_RECVD = 10;
  public static final int QUIC_STREAM_RECV_STATE_RESET_READ = 11;

  public static final int QUIC_TRANSPORT_ERROR_NONE = 0;
  public static final int QUIC_TRANSPORT_ERROR_INTERNAL = 1;
  public static final int QUIC_TRANSPORT_ERROR_CONNECTION_REFUSED = 2;
  public static final int QUIC_TRANSPORT_ERROR_FLOW_CONTROL = 3;
  public static final int QUIC_TRANSPORT_ERROR_STREAM_LIMIT = 4;
  public static final int QUIC_TRANSPORT_ERROR_STREAM_STATE = 5;
  public static final int QUIC_TRANSPORT_ERROR_FINAL_SIZE = 6;
  public static final int QUIC_TRANSPORT_ERROR_FRAME_ENCODING = 7;
  public static final int QUIC_TRANSPORT_ERROR_TRANSPORT_PARAM = 8;
  public static final int QUIC_TRANSPORT_ERROR_CONNECTION_ID_LIMIT = 9;
  public static final int QUIC_TRANSPORT_ERROR_PROTOCOL_VIOLATION = 0xa;
  public static final int QUIC_TRANSPORT_ERROR_INVALID_TOKEN = 0xb;
  public static final int QUIC_TRANSPORT_ERROR_APPLICATION = 0xc;
  public static final int QUIC_TRANSPORT_ERROR_CRYPTO_BUF_EXCEEDED = 0xd;
  public static final int QUIC_TRANSPORT_ERROR_KEY_UPDATE = 0xe;
  public static final int QUIC_TRANSPORT_ERROR_AEAD_LIMIT = 0xf;
  public static final int QUIC_TRANSPORT_ERROR_NO_VIABLE_PATH = 0x10;
  public static final int QUIC_TRANSPORT_ERROR_VERSION_NEGOTIATION = 0x11;

  /** Base of the range that carries TLS alerts (RFC 9001 section 4.8). */
  public static final int QUIC_TRANSPORT_ERROR_CRYPTO = 0x100;
}
