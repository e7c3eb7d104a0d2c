package dev.quic.dataplane.io;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A classic BPF program for the ports that share an address (SO_ATTACH_REUSEPORT_CBPF, which needs
 * no privilege): a datagram with a short header goes to the port of the shard in its connection id
 * ({@code connid.ShardCodec}); everything else where the hash of the addresses says, so that all of
 * a client's handshake comes to one shard.
 */
final class SteeringProgram {
  private static final int INSTRUCTION = 8;

  // linux/bpf_common.h and linux/filter.h.
  private static final int LD_W_ABS = 0x20;
  private static final int LD_B_ABS = 0x30;
  private static final int JSET = 0x45;
  private static final int JGE = 0x35;
  private static final int TAX = 0x07;
  private static final int XOR_X = 0xac;
  private static final int RSH = 0x74;
  private static final int AND = 0x54;
  private static final int ADD = 0x04;
  private static final int MOD = 0x94;
  private static final int RET = 0x06;
  private static final int RET_A = 0x16;

  private static final int LONG_HEADER = 0x80;

  /** No port has this index: the system takes its hash. */
  private static final int BY_HASH = -1;

  private SteeringProgram() {}

  /** The instructions as {code, jump if true, jump if false, k}. */
  static int[][] instructions(int first, int count) {
    return new int[][] {
      {LD_B_ABS, 0, 0, 0},
      {JSET, 12, 0, LONG_HEADER},
      // The exclusive or of the id's eight bytes is the shard.
      {LD_W_ABS, 0, 0, 1},
      {TAX, 0, 0, 0},
      {LD_W_ABS, 0, 0, 5},
      {XOR_X, 0, 0, 0},
      {TAX, 0, 0, 0},
      {RSH, 0, 0, 16},
      {XOR_X, 0, 0, 0},
      {TAX, 0, 0, 0},
      {RSH, 0, 0, 8},
      {XOR_X, 0, 0, 0},
      {AND, 0, 0, 0xff},
      {JGE, 0, 1, count},
      {RET, 0, 0, BY_HASH},
      {ADD, 0, 0, count - first},
      {MOD, 0, 0, count},
      {RET_A, 0, 0, 0},
    };
  }

  /**
   * Attaches it.
   *
   * @return 0, or a negated errno: then the hash decides always, and shards pass datagrams on
   */
  static int attach(LinuxIo io, int fd, int first, int count) {
    int[][] program = instructions(first, count);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment code = arena.allocate((long) program.length * INSTRUCTION, INSTRUCTION);
      for (int i = 0; i < program.length; i++) {
        long at = (long) i * INSTRUCTION;
        code.set(JAVA_SHORT_UNALIGNED, at, (short) program[i][0]);
        code.set(JAVA_BYTE, at + 2, (byte) program[i][1]);
        code.set(JAVA_BYTE, at + 3, (byte) program[i][2]);
        code.set(JAVA_INT_UNALIGNED, at + 4, program[i][3]);
      }
      // struct sock_fprog: unsigned short len, then the pointer.
      MemorySegment fprog = arena.allocate(2L * ADDRESS.byteSize(), ADDRESS.byteAlignment());
      fprog.set(JAVA_SHORT_UNALIGNED, 0, (short) program.length);
      fprog.set(ADDRESS, ADDRESS.byteSize(), code);
      int size = (int) fprog.byteSize();
      int option = LinuxAbi.SO_ATTACH_REUSEPORT_CBPF;
      return Libc.setsockopt(io.state, fd, LinuxAbi.SOL_SOCKET, option, fprog, size);
    }
  }
}
