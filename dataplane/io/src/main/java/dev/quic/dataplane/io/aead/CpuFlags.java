package dev.quic.dataplane.io.aead;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What this processor, and the kernel on it, can do: {@code flags} in {@code /proc/cpuinfo}. */
record CpuFlags(Set<String> flags) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  static CpuFlags read() {
    try (var lines = Files.lines(CPUINFO)) {
      return parse(lines.filter(line -> line.startsWith("flags")).findFirst().orElse(""));
    } catch (IOException | UncheckedIOException e) {
      throw new UnsupportedOperationException("cannot read " + CPUINFO + ": " + e.getMessage(), e);
    }
  }

  /** A {@code flags} line. */
  static CpuFlags parse(String line) {
    String list = line.substring(line.indexOf(':') + 1).strip();
    return new CpuFlags(Set.copyOf(List.of(list.split("\\s+")).stream().distinct().toList()));
  }

  private boolean all(String... names) {
    return flags.containsAll(List.of(names));
  }

  /**
   * The last part of ipsec-mb's function names for AES-GCM.
   *
   * @throws UnsupportedOperationException when the processor has no AES
   */
  String gcmVariant() {
    if (!all("aes", "pclmulqdq", "sse4_2")) {
      throw new UnsupportedOperationException("this processor has no AES instructions");
    }
    if (all("avx512f", "avx512vl", "avx512bw", "avx512dq", "bmi2")) {
      return all("vaes", "vpclmulqdq") ? "vaes_avx512" : "avx512";
    }
    if (all("avx2", "bmi2")) {
      return "avx_gen4";
    }
    return all("avx") ? "avx_gen2" : "sse";
  }

  /** The last part of the names for AES in other modes, of the same processor. */
  static String blockVariant(String gcmVariant) {
    return switch (gcmVariant) {
      case "vaes_avx512", "avx512" -> "avx512";
      case "avx_gen4" -> "avx2";
      case "avx_gen2" -> "avx";
      default -> "sse";
    };
  }
}
