package dev.quic.resumption.client;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Has a shell command change the server. It gets the name as its last argument; exit code 0 means
 * done, {@link #CANNOT} that it cannot do this, anything else ends the run. Its standard error is
 * ours, its standard output nobody's: a server it starts may keep both.
 */
public final class HookCommand implements Cooperation {
  /** As test tools have it for what was skipped. */
  public static final int CANNOT = 77;

  private static final long LIMIT_SECONDS = 120;

  private final String command;

  public HookCommand(String command) {
    this.command = command;
  }

  @Override
  public boolean prepare(String name) throws IOException {
    List<String> line = List.of("sh", "-c", command + " \"$@\"", "hook", name);
    Process process =
        new ProcessBuilder(line)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroy();
        throw new IOException("the hook '" + command + " " + name + "' does not end");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the hook ran");
    }
    int code = process.exitValue();
    if (code != 0 && code != CANNOT) {
      throw new IOException(
          "the hook '" + command + " " + name + "' failed with exit code " + code);
    }
    return code == 0;
  }
}
