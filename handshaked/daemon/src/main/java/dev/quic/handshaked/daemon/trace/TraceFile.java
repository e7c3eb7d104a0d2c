package dev.quic.handshaked.daemon.trace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Appends one JSON object a call to a file: {@code t_ns} ({@link System#nanoTime}, so comparable
 * within one machine since boot), {@code who}, {@code sock}, {@code event}, {@code level} (null
 * where there is none), {@code name}, {@code len}. Each line is written with one call, so that
 * several daemons may share a file and a killed one leaves whole lines.
 */
public final class TraceFile implements CallTrace, AutoCloseable {
  private final FileChannel channel;

  private TraceFile(FileChannel channel) {
    this.channel = channel;
  }

  public static TraceFile open(Path file) throws IOException {
    return new TraceFile(
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
  }

  @Override
  public void call(
      long nanoTime, long sock, String event, @Nullable String level, String name, int len) {
    String line =
        String.format(
            Locale.ROOT,
            "{\"t_ns\":%d,\"who\":\"handshaked\",\"sock\":%d,\"event\":%s,\"level\":%s,"
                + "\"name\":%s,\"len\":%d}%n",
            nanoTime,
            sock,
            quoted(event),
            level == null ? "null" : quoted(level),
            quoted(name),
            len);
    try {
      channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      // A full disk must not fail handshakes; the trace is short then, and shows it.
      return;
    }
  }

  private static String quoted(String s) {
    StringBuilder out = new StringBuilder(s.length() + 2).append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || Character.isSurrogate(c)) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
