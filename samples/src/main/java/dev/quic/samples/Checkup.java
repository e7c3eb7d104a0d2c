package dev.quic.samples;

import dev.quic.dataplane.io.LinuxSupport;
import dev.quic.dataplane.io.PortFeatures;
import dev.quic.dataplane.io.aead.AeadMode;
import dev.quic.handshaked.tls.CryptoMode;
import dev.quic.uds.door.RunDir;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** What {@code bin/quic doctor} looks at. */
final class Checkup {
  private static final int JDK = 25;

  /** Bytes of UDP buffer below which a burst at a few Gbit/s is lost. */
  private static final long GOOD_BUFFER = 4L << 20;

  private static final Path SYSCTL = Path.of("/proc/sys/net/core");
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private final List<Finding> findings = new ArrayList<>();

  enum Result {
    OK,
    WARN,
    FAIL;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One line. */
  record Finding(String check, Result result, String detail) {}

  private Checkup() {}

  static List<Finding> all(RunDir runDir) {
    Checkup checkup = new Checkup();
    checkup.jdk();
    checkup.batches();
    checkup.buffer("rmem_max");
    checkup.buffer("wmem_max");
    checkup.aes();
    checkup.aead();
    checkup.crypto();
    checkup.runDirectory(runDir);
    return checkup.findings;
  }

  private void jdk() {
    int feature = Runtime.version().feature();
    String detail = Runtime.version() + ", " + System.getProperty("java.home");
    add("jdk", feature >= JDK ? Result.OK : Result.FAIL, detail);
  }

  private void batches() {
    String kernel = System.getProperty("os.name") + " " + System.getProperty("os.version");
    try {
      PortFeatures features = LinuxSupport.features();
      if (features.gso() && features.gro()) {
        add("udp-batches", Result.OK, "UDP_SEGMENT and UDP_GRO, " + kernel);
        return;
      }
      slow("the kernel has no UDP_SEGMENT or UDP_GRO, " + kernel);
    } catch (IOException e) {
      slow(OneLine.of(e) + ", " + kernel);
    }
  }

  private void slow(String why) {
    add("udp-batches", Result.WARN, why + ": expect a few Gbit/s at most");
  }

  private void buffer(String name) {
    OptionalLong value = number(SYSCTL.resolve(name));
    String check = "udp-" + name.replace('_', '-');
    if (value.isEmpty()) {
      add(check, Result.WARN, "unknown: no " + SYSCTL.resolve(name));
    } else if (value.getAsLong() < GOOD_BUFFER) {
      add(
          check,
          Result.WARN,
          value.getAsLong() + " bytes; better: sysctl -w net.core." + name + "=" + GOOD_BUFFER);
    } else {
      add(check, Result.OK, value.getAsLong() + " bytes");
    }
  }

  private void aes() {
    try {
      String flags = Files.readString(CPUINFO);
      boolean aes =
          flags.contains(" aes") && (flags.contains(" pclmulqdq") || flags.contains(" pmull"));
      add(
          "aes",
          aes ? Result.OK : Result.WARN,
          aes ? "AES and carry-less multiplication in hardware" : "none in hardware: use ChaCha20");
    } catch (IOException e) {
      add("aes", Result.WARN, "unknown: no " + CPUINFO);
    }
  }

  /** What {@code --aead auto} takes; without a library everything works, slower. */
  private void aead() {
    try {
      add("aead", Result.OK, AeadMode.IPSEC_MB.open().name() + ", found and tested");
    } catch (UnsupportedOperationException e) {
      add("aead", Result.OK, AeadMode.JDK.open().name() + " (" + e.getMessage() + ")");
    }
  }

  /** What {@code --crypto auto} takes; without a library everything works, slower. */
  private void crypto() {
    try {
      add("crypto", Result.OK, CryptoMode.name(CryptoMode.LIBCRYPTO.open()) + ", found and tested");
    } catch (UnsupportedOperationException e) {
      add("crypto", Result.OK, CryptoMode.BC_NAME + " (" + e.getMessage() + ")");
    }
  }

  private void runDirectory(RunDir runDir) {
    Path dir = runDir.path();
    if (!Files.isDirectory(dir)) {
      add("run-dir", Result.WARN, dir + " does not exist: no data plane has run here");
      return;
    }
    boolean usable = Files.isReadable(dir) && Files.isExecutable(dir);
    add("run-dir", usable ? Result.OK : Result.WARN, dir.toString());
    socket("netlink.sock", runDir.netlink());
    socket("socket.sock", runDir.socket());
    socket("diag.sock", runDir.diag());
  }

  private void socket(String name, Path path) {
    boolean there = Files.exists(path);
    add(
        name,
        there ? Result.OK : Result.WARN,
        there ? "there" : "not there: bin/dataplane makes it");
  }

  private static OptionalLong number(Path file) {
    // By a reader with a buffer: a sysctl file has no size and gives its value to the first read
    // only.
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      String line = reader.readLine();
      return line == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(line.strip()));
    } catch (IOException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private void add(String check, Result result, String detail) {
    findings.add(new Finding(check, result, detail));
  }
}
