/* The parts of odds' client. "facts": as the kernel's QUIC; "usual": as any socket of Linux. */
#ifndef ODDS_H
#define ODDS_H

#include "quicsocket.h"

/* What the server expects to be told at the end of every connection. */
#define GOODBYE 3

/* How this program was called. */
extern const char *program;

void passing(const char *what);

/* A connection of its own, its handshake done. */
int connected(const char *host, int port, const char *how);

/* Sends on a new stream, which ends there, and waits until all of it came back. */
void order(int fd, const char *text);

/* Reads to the end of the stream at hand, n bytes of it. */
void rest(int fd, char *b, size_t n);

/* The processor's time of others. */
void nap(long ms);

/* What a number of SOL_SOCKET is. */
int number(int fd, int name);

void states(const char *host, int port);
void lengths(const char *host, int port);
void control_room(int fd);
void nothing_at_all(int fd);
void parts_of_messages(int fd);
void control_messages(int fd);
void files(int fd);
void flags_of_files(int fd);
void over_others(int fd, int other);
void executed(int fd);
void counters(int fd);
void high_numbers(int fd);
void numbers_of_threads(void);
void interrupted(int fd);
void cancelled(int fd);
void waits_for_credit(int fd);
void waits_for_room(int fd);
void signals_of_pipes(int fd);

/* The program after exec: whether the descriptor is there. */
int after_exec(int fd, int there);

#endif
