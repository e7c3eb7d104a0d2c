package dev.quic.dataplane.io;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uapi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Foreign descriptors in the Linux poller; an eventfd stands for one. */
@EnabledOnOs(OS.LINUX)
class FdWatchTest {
  private final List<Integer> told = new ArrayList<>();
  private final Poller.Ready ready =
      new Poller.Ready() {
        @Override
        public void udp(int handle, int events) {}

        @Override
        public void fd(FdHandler handler, int events) {
          handler.ready(events, 0);
        }
      };

  @Test
  void descriptorsAreToldUntilForgotten() {
    try (Arena arena = Arena.ofConfined();
        LinuxPoller poller = new LinuxPoller(new BufferNotice(s -> {}))) {
      MemorySegment state = Libc.callState(arena);
      MemorySegment one = arena.allocateFrom(JAVA_LONG, 1L);
      MemorySegment in = arena.allocate(JAVA_LONG);
      int fd = Libc.eventfd(state, 0, LinuxAbi.EFD_CLOEXEC | LinuxAbi.EFD_NONBLOCK);
      try {
        assertThat(poller.watchFd(fd, FdHandler.IN, (e, now) -> told.add(e))).isZero();
        assertThat(poller.watchFd(fd, FdHandler.IN, (e, now) -> {})).isEqualTo(-Errno.EEXIST);
        assertThat(poller.poll(0, ready)).isZero();

        assertThat(Libc.writeAny(fd, one, 8)).isTrue();
        assertThat(poller.poll(Long.MAX_VALUE, ready)).isEqualTo(1);
        assertThat(told).containsExactly(FdHandler.IN);
        assertThat(poller.poll(0, ready)).as("level-triggered").isEqualTo(1);

        assertThat(poller.changeFd(fd, FdHandler.OUT)).isZero();
        poller.poll(0, ready);
        assertThat(told.getLast()).isEqualTo(FdHandler.OUT);

        assertThat(poller.changeFd(fd, 0)).isZero();
        assertThat(poller.poll(0, ready)).isZero();
        assertThat(poller.changeFd(fd, FdHandler.IN)).isEqualTo(-Errno.ENOENT);
        assertThat(Libc.read(state, fd, in, 8)).isEqualTo(8);
      } finally {
        Libc.close(state, fd);
      }
      assertThat(poller.watchFd(fd, FdHandler.IN, (e, now) -> {})).isEqualTo(-Errno.EBADF);
    }
  }
}
