/* The descriptor: its flags, its copies, what a program is left with after exec, signals while it waits. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "odds.h"

void flags_of_files(int fd) {
  char b;
  check((fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == O_RDWR && fcntl(fd, F_GETFD) == 0, "F_GETFL");
  check(fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) == 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK), "O_NONBLOCK");
  refused(recv(fd, &b, 1, 0), EAGAIN, "recv, non-blocking");
  int other = dup(fd);
  check(fcntl(other, F_SETFL, 0) == 0 && !(fcntl(fd, F_GETFL) & O_NONBLOCK), "copies share their flags");
  close(other);
  int eager = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_QUIC);
  check((fcntl(eager, F_GETFL) & O_NONBLOCK) && fcntl(eager, F_GETFD) == FD_CLOEXEC, "SOCK_NONBLOCK, SOCK_CLOEXEC");
  close(eager);
  refused(fcntl(eager, F_GETFL), EBADF, "F_GETFL, closed");
  refused(send(eager, "x", 1, MSG_NOSIGNAL), EBADF, "send, closed");
  refused(recv(eager, &b, 1, 0), EBADF, "recv, closed");
  refused(close(eager), EBADF, "close twice");
  passing("flags of descriptors");
}

/* usual: what is taken the place of is closed; a copy of itself is nothing, or a mistake. */
void over_others(int fd, int other) {
  char b[8];
  check(dup2(fd, fd) == fd, "dup2 over itself");
  refused(dup3(fd, fd, 0), EINVAL, "dup3 over itself");
  refused(dup3(fd, other, 0x10), EINVAL, "dup3 with odd flags");
  refused(dup2(9999, other), EBADF, "dup2 of nothing");
  order(other, "still");
  rest(other, b, 5);
  check(dup3(fd, other, O_CLOEXEC) == other && fcntl(other, F_GETFD) == FD_CLOEXEC, "dup3 over a QUIC socket");
  order(other, "now");
  rest(fd, b, 3);
  int high = fcntl(other, F_DUPFD, 300);
  check(high >= 300 && fcntl(high, F_GETFD) == 0, "F_DUPFD");
  int high2 = fcntl(fd, F_DUPFD_CLOEXEC, 300);
  check(high2 > high && fcntl(high2, F_GETFD) == FD_CLOEXEC, "F_DUPFD_CLOEXEC");
  close(fd);
  close(other);
  close(high2);
  order(high, "last");
  rest(high, b, 4);
  close(high);
  passing("over others");
}

static void *copies_and_closes(void *arg) {
  int fd = *(int *)arg;
  for (int i = 0; i < 25000; i++) {
    int copy = dup(fd);
    check(copy >= 0, "dup");
    check(number(copy, SO_DOMAIN) == AF_INET, "a number that another thread has just closed");
    check(close(copy) == 0, "close");
  }
  return NULL;
}

void numbers_of_threads(void) {
  pthread_t threads[4];
  int fd = quic_socket(AF_INET, SOCK_DGRAM);
  for (int i = 0; i < 4; i++) {
    check(pthread_create(&threads[i], NULL, copies_and_closes, &fd) == 0, "pthread_create");
  }
  for (int i = 0; i < 4; i++) {
    check(pthread_join(threads[i], NULL) == 0, "pthread_join");
  }
  close(fd);
  passing("numbers that threads take over from each other");
}

int after_exec(int fd, int there) {
  if (!there) {
    refused(fcntl(fd, F_GETFD), EBADF, "close-on-exec");
    return 0;
  }
  check(number(fd, SO_PROTOCOL) == IPPROTO_QUIC && number(fd, SO_TYPE) == SOCK_STREAM, "its type after exec");
  return 0;
}

static void execute(int fd, int there) {
  char text[16];
  int status;
  snprintf(text, sizeof(text), "%d", fd);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    execl(program, program, "exec", text, there ? "1" : "0", (char *)NULL);
    _exit(9);
  }
  check(child > 0 && waitpid(child, &status, 0) == child && status == 0, "the program that was executed");
}

void executed(int fd) {
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  char b[4];
  execute(copy, 0);
  check(fcntl(copy, F_SETFD, 0) == 0, "F_SETFD");
  execute(copy, 1);
  order(copy, "both");
  close(copy);
  rest(fd, b, 4);
  passing("exec");
}

void counters(int fd) {
  int n = -1;
  char b[4];
  order(fd, "four");
  check(ioctl(fd, FIONREAD, &n) == 0 && n == 4, "FIONREAD");
  check(ioctl(fd, SIOCINQ, &n) == 0 && n == 4, "SIOCINQ");
  check(ioctl(fd, SIOCOUTQ, &n) == 0 && n >= 0, "SIOCOUTQ");
  refused(ioctl(fd, SIOCOUTQ, NULL), EFAULT, "no place for the number (usual)");
  rest(fd, b, 4);
  check(ioctl(fd, FIONREAD, &n) == 0 && n == 0, "FIONREAD of nothing");
  int fresh = quic_socket(AF_INET, SOCK_DGRAM);
  check(ioctl(fresh, SIOCINQ, &n) == 0 && n == 0 && ioctl(fresh, SIOCOUTQ, &n) == 0 && n == 0, "unconnected");
  close(fresh);
  passing("counters");
}

/* select with numbers up to FD_SETSIZE and beyond, for which programs bring larger sets. */
void high_numbers(int fd) {
  static unsigned long set[2048 / (8 * sizeof(unsigned long))];
  struct rlimit r;
  char b[4];
  check(getrlimit(RLIMIT_NOFILE, &r) == 0, "getrlimit");
  r.rlim_cur = r.rlim_max < 2048 ? r.rlim_max : 2048;
  check(setrlimit(RLIMIT_NOFILE, &r) == 0, "setrlimit");
  order(fd, "high");
  int numbers[2] = {FD_SETSIZE - 1, r.rlim_cur == 2048 ? 2000 : FD_SETSIZE - 2};
  for (int i = 0; i < 2; i++) {
    int high = fcntl(fd, F_DUPFD, numbers[i]);
    check(high >= numbers[i], "F_DUPFD");
    memset(set, 0, sizeof(set));
    unsigned long *word = &set[(size_t)high / (8 * sizeof(*set))];
    unsigned long bit = 1UL << ((size_t)high % (8 * sizeof(*set)));
    *word = bit;
    struct timeval none = {0, 0};
    check(select(high + 1, (fd_set *)set, NULL, NULL, &none) == 1 && *word == bit, "select of a high number");
    close(high);
    refused(select(high + 1, (fd_set *)set, NULL, NULL, &none), EBADF, "select of a closed one (usual)");
  }
  struct timeval none = {0, 0};
  refused(select(-1, NULL, NULL, NULL, &none), EINVAL, "select of less than nothing (usual)");
  rest(fd, b, 4);
  passing("high numbers");
}

static volatile sig_atomic_t alarms;

static void alarmed(int number) {
  alarms = alarms + (number == SIGALRM);
}

/* Alarms come every 100 ms, so that one comes while the call waits; the handler asks for a restart, or not. */
static void alarm_soon(int flags) {
  struct sigaction act = {.sa_handler = alarmed, .sa_flags = flags};
  struct itimerval soon = {{0, 100000}, {0, 100000}};
  alarms = 0;
  check(sigaction(SIGALRM, &act, NULL) == 0 && setitimer(ITIMER_REAL, &soon, NULL) == 0, "an alarm");
}

static void no_alarms(void) {
  struct itimerval never = {{0, 0}, {0, 0}};
  check(alarms > 0 && setitimer(ITIMER_REAL, &never, NULL) == 0, "the alarms");
}

static void *say_later(void *arg) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, NULL);
  nap(400);
  check(send(*(int *)arg, "late", 4, MSG_SYN | MSG_FIN) == 4, "send");
  return NULL;
}

static void patience(int fd, int option, long us) {
  struct timeval t = {us / 1000000, us % 1000000};
  check(setsockopt(fd, SOL_SOCKET, option, &t, sizeof(t)) == 0, "a time");
}

/* usual: without a timeout SA_RESTART restarts, with one every signal ends the call. */
void interrupted(int fd) {
  char b[4];
  pthread_t thread;
  patience(fd, SO_RCVTIMEO, 0);
  alarm_soon(0);
  refused(recv(fd, b, 4, 0), EINTR, "a signal");
  alarm_soon(SA_RESTART);
  check(pthread_create(&thread, NULL, say_later, &fd) == 0, "pthread_create");
  check(recv(fd, b, 4, 0) == 4, "a signal that restarts");
  check(pthread_join(thread, NULL) == 0, "pthread_join");
  patience(fd, SO_RCVTIMEO, 20000000);
  alarm_soon(SA_RESTART);
  refused(recv(fd, b, 4, 0), EINTR, "a signal before a timeout");
  no_alarms();
  patience(fd, SO_RCVTIMEO, 50000);
  refused(recv(fd, b, 4, 0), EAGAIN, "SO_RCVTIMEO");
  patience(fd, SO_RCVTIMEO, 20000000);
  /* usual: waiting for several is never restarted */
  struct pollfd p = {.fd = fd, .events = POLLIN};
  struct epoll_event v = {.events = EPOLLIN};
  alarm_soon(SA_RESTART);
  refused(poll(&p, 1, 20000), EINTR, "a signal in poll");
  int e = epoll_create1(0);
  check(epoll_ctl(e, EPOLL_CTL_ADD, fd, &v) == 0, "epoll_ctl");
  alarm_soon(SA_RESTART);
  refused(epoll_wait(e, &v, 1, 20000), EINTR, "a signal in epoll_wait");
  close(e);
  int listener = quic_bound("127.0.0.1", 0);
  check(listen(listener, 1) == 0, "listen");
  alarm_soon(SA_RESTART);
  refused(accept(listener, NULL, NULL), EINTR, "a signal while accepting");
  no_alarms();
  close(listener);
  passing("signals");
}

static void *receives(void *arg) {
  char b;
  recv(*(int *)arg, &b, 1, 0);
  return NULL;
}

static void *receives_cancelled(void *arg) {
  char b;
  pthread_cancel(pthread_self());
  recv(*(int *)arg, &b, 1, MSG_DONTWAIT);
  return NULL;
}

/* usual: recv is where a thread may be cancelled, waiting or not; the socket goes on. */
void cancelled(int fd) {
  pthread_t thread;
  void *result;
  char b[4];
  patience(fd, SO_RCVTIMEO, 0);
  check(pthread_create(&thread, NULL, receives, &fd) == 0, "pthread_create");
  nap(100);
  check(pthread_cancel(thread) == 0 && pthread_join(thread, &result) == 0, "pthread_cancel");
  check(result == PTHREAD_CANCELED, "cancelled while waiting");
  check(pthread_create(&thread, NULL, receives_cancelled, &fd) == 0, "pthread_create");
  check(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED, "cancelled before");
  patience(fd, SO_RCVTIMEO, 20000000);
  order(fd, "then");
  rest(fd, b, 4);
  passing("threads that are cancelled");
}

static void *end_one(void *arg) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, NULL);
  nap(400);
  int fd = *(int *)arg;
  check(quic_send(fd, "1", 1, 0, STREAM_FIN) == 1, "send");
  return NULL;
}

/* All streams the peer allows are open: the next one waits until one is over. */
void waits_for_credit(int fd) {
  struct stream_info last = {396, 0};
  struct stream_info next = {-1, STREAM_DONTWAIT};
  pthread_t thread;
  char b;
  check(get_option(fd, OPT_STREAM_OPEN, &last, sizeof(last)) > 0, "STREAM_OPEN of the last");
  refused(get_option(fd, OPT_STREAM_OPEN, &next, sizeof(next)), EAGAIN, "one more (facts)");
  next.flags = 0;
  patience(fd, SO_SNDTIMEO, 50000);
  refused(get_option(fd, OPT_STREAM_OPEN, &next, sizeof(next)), EAGAIN, "SO_SNDTIMEO (facts)");
  refused(quic_send(fd, "x", 1, 400, STREAM_NEW | MSG_NOSIGNAL), EAGAIN, "SO_SNDTIMEO of a send (facts)");
  patience(fd, SO_SNDTIMEO, 20000000);
  alarm_soon(SA_RESTART);
  refused(get_option(fd, OPT_STREAM_OPEN, &next, sizeof(next)), EINTR, "a signal before a timeout (usual)");
  patience(fd, SO_SNDTIMEO, 0);
  alarm_soon(0);
  refused(get_option(fd, OPT_STREAM_OPEN, &next, sizeof(next)), EINTR, "a signal (usual)");
  alarm_soon(SA_RESTART);
  check(pthread_create(&thread, NULL, end_one, &fd) == 0, "pthread_create");
  check(get_option(fd, OPT_STREAM_OPEN, &next, sizeof(next)) > 0 && next.id == 400, "a signal that restarts (usual)");
  check(pthread_join(thread, NULL) == 0, "pthread_join");
  no_alarms();
  patience(fd, SO_SNDTIMEO, 20000000);
  rest(fd, &b, 1);
  passing("waiting for credit");
}

/* Nobody reads the echo, so that nothing more can be sent at last. */
void waits_for_room(int fd) {
  static char much[65536];
  struct stream_info info = {-1, 0};
  int refusals = 0;
  check(get_option(fd, OPT_STREAM_OPEN, &info, sizeof(info)) > 0, "STREAM_OPEN");
  while (refusals < 50) {
    ssize_t r = send(fd, much, sizeof(much), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (r > 0) {
      refusals = 0;
      continue;
    }
    refused(r, EAGAIN, "no room (facts)");
    refusals++;
    nap(10);
  }
  patience(fd, SO_SNDTIMEO, 50000);
  refused(send(fd, much, sizeof(much), 0), EAGAIN, "SO_SNDTIMEO (usual)");
  patience(fd, SO_SNDTIMEO, 20000000);
  alarm_soon(SA_RESTART);
  refused(send(fd, much, sizeof(much), 0), EINTR, "a signal before a timeout (usual)");
  patience(fd, SO_SNDTIMEO, 0);
  alarm_soon(0);
  refused(send(fd, much, sizeof(much), 0), EINTR, "a signal (usual)");
  no_alarms();
  patience(fd, SO_SNDTIMEO, 20000000);
  passing("waiting for room");
}

static volatile sig_atomic_t pipes;

static void on_pipe(int number) {
  pipes = pipes + (number == SIGPIPE);
  errno = 0;
}

/* usual: every way to write raises SIGPIPE, in the thread that wrote, but with MSG_NOSIGNAL. */
void signals_of_pipes(int fd) {
  struct sigaction act = {.sa_handler = on_pipe};
  struct iovec v = {"x", 1};
  struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
  struct mmsghdr mm = {.msg_hdr = m};
  sigset_t pipe_only;
  sigset_t before;
  check(shutdown(fd, SHUT_WR) == 0 && sigaction(SIGPIPE, &act, NULL) == 0, "shutdown");
  refused(sendmsg(fd, &m, MSG_NOSIGNAL), EPIPE, "sendmsg");
  refused(sendmmsg(fd, &mm, 1, MSG_NOSIGNAL), EPIPE, "sendmmsg");
  check(pipes == 0, "no signal");
  refused(write(fd, "x", 1), EPIPE, "write");
  refused(writev(fd, &v, 1), EPIPE, "writev");
  refused(sendmsg(fd, &m, 0), EPIPE, "sendmsg");
  refused(sendto(fd, "x", 1, 0, NULL, 0), EPIPE, "sendto");
  check(pipes == 4, "four signals");
  /* Of nothing writev does not ask. */
  check(writev(fd, &v, 0) == 0 && pipes == 4, "writev of nothing");
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  check(sigprocmask(SIG_BLOCK, &pipe_only, &before) == 0, "SIG_BLOCK");
  refused(send(fd, "x", 1, 0), EPIPE, "send");
  check(pipes == 4 && sigtimedwait(&pipe_only, NULL, &(struct timespec){0, 0}) == SIGPIPE, "a pending signal");
  check(sigprocmask(SIG_SETMASK, &before, NULL) == 0, "SIG_SETMASK");
  act.sa_handler = SIG_IGN;
  check(sigaction(SIGPIPE, &act, NULL) == 0, "SIG_IGN");
  refused(send(fd, "x", 1, 0), EPIPE, "send, ignoring the signal");
  close(fd);
  passing("SIGPIPE");
}
