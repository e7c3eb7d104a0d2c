package dev.quic.dataplane.io;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.uapi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the system calls of every turn answer, which are made twice when they fail. */
@EnabledOnOs(OS.LINUX)
class LibcTest {
  private static final int CLOSED = -1;

  @Test
  void failuresAreTold() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.callState(arena);
      MemorySegment memory = arena.allocate(256, 8);
      assertThat(Libc.recvmsg(state, CLOSED, memory, LinuxAbi.MSG_DONTWAIT))
          .isEqualTo(-Errno.EBADF);
      assertThat(Libc.sendmsg(state, CLOSED, memory, LinuxAbi.MSG_DONTWAIT))
          .isEqualTo(-Errno.EBADF);
      assertThat(Libc.epollWait(state, CLOSED, memory, 1, 0)).isEqualTo(-Errno.EBADF);
      assertThat(Libc.epollPwait2(state, CLOSED, memory, 1, MemorySegment.NULL))
          .isIn(-Errno.EBADF, -LinuxAbi.ENOSYS);
      assertThat(Libc.read(state, CLOSED, memory, 8)).isEqualTo(-Errno.EBADF);
      assertThat(Libc.writeAny(CLOSED, memory, 8)).isFalse();
    }
  }

  @Test
  void whatIsThereIsTakenOnce() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.callState(arena);
      MemorySegment one = arena.allocateFrom(JAVA_LONG, 1L);
      MemorySegment in = arena.allocate(JAVA_LONG);
      int fd = Libc.eventfd(state, 0, LinuxAbi.EFD_CLOEXEC | LinuxAbi.EFD_NONBLOCK);
      try {
        assertThat(Libc.read(state, fd, in, 8)).isEqualTo(-Errno.EAGAIN);
        assertThat(Libc.writeAny(fd, one, 8)).isTrue();
        assertThat(Libc.read(state, fd, in, 8)).isEqualTo(8);
        assertThat(in.get(JAVA_LONG, 0)).isEqualTo(1);
        assertThat(Libc.read(state, fd, in, 8)).isEqualTo(-Errno.EAGAIN);
      } finally {
        Libc.close(state, fd);
      }
    }
  }
}
