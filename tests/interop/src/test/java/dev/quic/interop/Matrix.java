package dev.quic.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The script beside this module, which puts clients, servers and test cases together. */
final class Matrix {
  private Matrix() {}

  /** Each case has to pass, with its line of the script's output as the proof. */
  static void allPass(String server, String client, List<String> cases) throws Exception {
    allPass(server, client, cases, Map.of());
  }

  /** The same with the checks of the captures, where tshark is installed. */
  static void allPassChecked(String server, String client, List<String> cases) throws Exception {
    allPass(server, client, cases, installed("tshark") ? Map.of("CHECK", "1") : Map.of());
  }

  private static void allPass(
      String server, String client, List<String> cases, Map<String, String> settings)
      throws Exception {
    String script = Path.of("matrix.sh").toAbsolutePath().toString();
    ProcessBuilder builder =
        new ProcessBuilder(script, "-s", server, "-c", client, "-t", String.join(" ", cases));
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    // Maven has just built it.
    environment.put("QUIC_NO_BUILD", "1");
    environment.putAll(settings);
    String output = run(builder.redirectErrorStream(true));
    for (String name : cases) {
      assertThat(output.lines())
          .as(output)
          .anyMatch(line -> line.startsWith("+ hq-interop") && line.contains(" " + name + " "));
    }
  }

  private static boolean installed(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(path)
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static String run(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}
