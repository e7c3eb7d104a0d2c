/* Numbers and structs of the QUIC socket interface, for programs that have no kernel header. */
#ifndef QUICNUMBERS_H
#define QUICNUMBERS_H

#include <stdint.h>

#define IPPROTO_QUIC 261
#define SOL_QUIC 288

/* Control messages. */
#define QUIC_STREAM_INFO 0
#define QUIC_HANDSHAKE_INFO 1

/* Levels of handshake messages. */
#define LEVEL_APP 0
#define LEVEL_INITIAL 1
#define LEVEL_HANDSHAKE 2
#define LEVEL_EARLY 3

#define STREAM_FIN 0x200
#define STREAM_NEW 0x400
#define STREAM_UNI 0x800
#define DATAGRAM 0x1000
#define STREAM_SNDBLOCK 0x2000
#define NOTIFICATION 0x8000
#define STREAM_DONTWAIT 0x10000
#define STREAM_FLAGS (STREAM_FIN | STREAM_NEW | STREAM_UNI | STREAM_SNDBLOCK | STREAM_DONTWAIT)

enum option {
  OPT_EVENT,
  OPT_STREAM_OPEN,
  OPT_STREAM_RESET,
  OPT_STREAM_STOP_SENDING,
  OPT_CONNECTION_ID,
  OPT_CONNECTION_CLOSE,
  OPT_CONNECTION_MIGRATION,
  OPT_KEY_UPDATE,
  OPT_TRANSPORT_PARAM,
  OPT_CONFIG,
  OPT_TOKEN,
  OPT_ALPN,
  OPT_SESSION_TICKET,
  OPT_CRYPTO_SECRET,
  OPT_TRANSPORT_PARAM_EXT,
};

enum event {
  EV_NONE,
  EV_STREAM_UPDATE,
  EV_STREAM_MAX_DATA,
  EV_STREAM_MAX_STREAM,
  EV_CONNECTION_ID,
  EV_CONNECTION_CLOSE,
  EV_CONNECTION_MIGRATION,
  EV_KEY_UPDATE,
  EV_NEW_TOKEN,
  EV_NEW_SESSION_TICKET,
};

enum stream_state {
  SEND_READY,
  SEND_SEND,
  SEND_SENT,
  SEND_RECVD,
  SEND_RESET_SENT,
  SEND_RESET_RECVD,
  RECV_RECV,
  RECV_SIZE_KNOWN,
  RECV_RECVD,
  RECV_READ,
  RECV_RESET_RECVD,
  RECV_RESET_READ,
};

#define VERSION_1 1u
#define VERSION_2 0x6b3343cfu

#define CIPHER_AES_GCM_128 51
#define CIPHER_AES_GCM_256 52
#define CIPHER_AES_CCM_128 53
#define CIPHER_CHACHA20_POLY1305 54

struct handshake_info {
  uint8_t level;
};

struct stream_info {
  int64_t id;
  uint32_t flags;
};

struct event_option {
  uint8_t type;
  uint8_t on;
};

struct errinfo {
  int64_t stream_id;
  uint32_t errcode;
};

struct connection_id_info {
  uint8_t dest;
  uint8_t reserved[3];
  uint32_t active;
  uint32_t prior_to;
};

struct connection_close {
  uint32_t errcode;
  uint8_t frame;
  uint8_t reserved[3];
  uint8_t phrase[64];
};

struct transport_param {
  uint8_t remote;
  uint8_t disable_active_migration;
  uint8_t grease_quic_bit;
  uint8_t stateless_reset;
  uint8_t disable_1rtt_encryption;
  uint8_t disable_compatible_version;
  uint8_t active_connection_id_limit;
  uint8_t ack_delay_exponent;
  uint16_t max_datagram_frame_size;
  uint16_t max_udp_payload_size;
  uint32_t max_idle_timeout;
  uint32_t max_ack_delay;
  uint16_t max_streams_bidi;
  uint16_t max_streams_uni;
  uint64_t max_data;
  uint64_t max_stream_data_bidi_local;
  uint64_t max_stream_data_bidi_remote;
  uint64_t max_stream_data_uni;
};

struct config {
  uint32_t version;
  uint32_t plpmtud_probe_interval;
  uint32_t initial_smoothed_rtt;
  uint32_t payload_cipher_type;
  uint8_t congestion_control_algo;
  uint8_t validate_peer_address;
  uint8_t stream_data_nodelay;
  uint8_t receive_session_ticket;
  uint8_t certificate_request;
  uint8_t reserved[3];
  uint32_t keepalive_probe_interval;
};

struct crypto_secret {
  uint8_t send;
  uint8_t level;
  uint16_t reserved;
  uint32_t type;
  uint8_t secret[48];
};

/* Payloads of events behind the type byte, unaligned. */
struct __attribute__((packed)) stream_update {
  int64_t id;
  uint8_t state;
  uint8_t reserved[3];
  uint32_t errcode;
  uint64_t finalsz;
};

#endif
