package dev.quic.bench;

/** What a thread of a daemon is there for, told by its name. */
enum Role {
  /** Owns connections: packets, timers, calls at sockets. */
  SHARD("packets"),
  /** Serves the bus and the descriptors of the data plane. */
  CONDUCTOR("bus"),
  /** The handshake daemon's listening thread. */
  LISTENER("bus"),
  /** Works on handshake requests: TLS in user mode, the bus in the kernel. */
  WORKER("tls"),
  /** Carries the consumers' virtual threads. */
  CONSUMER("consumer"),
  COMPILER("jvm"),
  COLLECTOR("jvm"),
  OTHER("jvm");

  private final String stage;

  Role(String stage) {
    this.stage = stage;
  }

  /** The stage its user-mode time belongs to. */
  String stage() {
    return stage;
  }

  /** The stage its time in the kernel belongs to: a worker's system calls are all for the bus. */
  String systemStage() {
    return this == WORKER ? "bus" : stage;
  }

  /**
   * @param comm the kernel's name of the thread: the first 15 characters
   */
  static Role of(String comm) {
    if (comm.startsWith("shard-")) {
      return SHARD;
    }
    if (comm.equals("conductor")) {
      return CONDUCTOR;
    }
    if (comm.startsWith("handshake-")) {
      return WORKER;
    }
    if (comm.equals("main") || comm.startsWith("java") || comm.startsWith("handshaked")) {
      return LISTENER;
    }
    if (comm.startsWith("ForkJoinPool")
        || comm.startsWith("consumer-")
        || comm.startsWith("VirtualThread")) {
      return CONSUMER;
    }
    if (comm.startsWith("C1 ") || comm.startsWith("C2 ") || comm.startsWith("Sweeper")) {
      return COMPILER;
    }
    return comm.startsWith("GC ") || comm.startsWith("VM ") || comm.startsWith("G1 ")
        ? COLLECTOR
        : OTHER;
  }
}
