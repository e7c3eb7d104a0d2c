/* The TLS side of a QUIC socket by GnuTLS, in the program's own process, the way a handshake library does it. */
#ifndef QUICTLS_H
#define QUICTLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define IPPROTO_QUIC 261
#define SOL_QUIC 288
#define QUIC_STREAM_INFO 0
#define QUIC_HANDSHAKE_INFO 1
#define MSG_QUIC_STREAM_FIN 0x200
#define MSG_QUIC_STREAM_NEW 0x400
#define MSG_QUIC_STREAM_UNI 0x800
#define MSG_QUIC_DATAGRAM 0x1000
#define MSG_QUIC_STREAM_DONTWAIT 0x10000

struct quic_stream_info {
  int64_t stream_id;
  uint32_t stream_flags;
};

/* 0 or a negative code. */
int quic_client_handshake(int fd, const char *host, const char *alpn);
int quic_server_handshake(int fd, const char *cert, const char *key, const char *alpn);

ssize_t quic_sendmsg(int fd, const void *b, size_t n, int64_t id, uint32_t flags);
ssize_t quic_recvmsg(int fd, void *b, size_t n, int64_t *id, uint32_t *flags);

#endif
