package dev.quic.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What the threads of one process have used, from {@code /proc}.
 *
 * @param user CPU nanoseconds in user mode
 * @param system CPU nanoseconds in the kernel
 * @param switches voluntary context switches: sleeps, each of which somebody had to end
 */
record ThreadUse(long user, long system, long switches) {
  static final ThreadUse NONE = new ThreadUse(0, 0, 0);

  /** {@code USER_HZ}: fixed for every program. */
  private static final long NANOS_PER_TICK = 10_000_000;

  // Fields of /proc/PID/task/TID/stat behind the name.
  private static final int UTIME = 11;
  private static final int STIME = 12;

  long cpu() {
    return user + system;
  }

  ThreadUse plus(ThreadUse o) {
    return new ThreadUse(user + o.user, system + o.system, switches + o.switches);
  }

  ThreadUse minus(ThreadUse o) {
    return new ThreadUse(user - o.user, system - o.system, switches - o.switches);
  }

  /**
   * By role; threads that ended meanwhile are missing, which only pools of short lives would show.
   */
  static Map<Role, ThreadUse> of(long pid) throws IOException {
    Map<Role, ThreadUse> use = new HashMap<>();
    Path tasks = Path.of("/proc", Long.toString(pid), "task");
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
      for (Path thread : threads) {
        try {
          use.merge(role(thread), one(thread), ThreadUse::plus);
        } catch (IOException e) {
          if (Files.exists(thread)) {
            throw e;
          }
          // It ended between the listing and the look.
          continue;
        }
      }
    }
    return use;
  }

  private static Role role(Path thread) throws IOException {
    return Role.of(Files.readString(thread.resolve("comm"), StandardCharsets.UTF_8).strip());
  }

  private static ThreadUse one(Path thread) throws IOException {
    String stat = Files.readString(thread.resolve("stat"), StandardCharsets.UTF_8);
    // The name may hold blanks and parentheses.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    long switches = 0;
    for (String line : Files.readAllLines(thread.resolve("status"), StandardCharsets.UTF_8)) {
      if (line.startsWith("voluntary_ctxt_switches:")) {
        switches = Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
      }
    }
    return new ThreadUse(
        Long.parseLong(fields[UTIME]) * NANOS_PER_TICK,
        Long.parseLong(fields[STIME]) * NANOS_PER_TICK,
        switches);
  }
}
