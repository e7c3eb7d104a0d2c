package dev.quic.handshaked.tls;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;

/**
 * A key log in NSS format, as Wireshark reads it: appended to, made with mode 0600. A line is
 * written whole, so that several processes may share a file. Any thread.
 */
public final class KeyLogFile implements KeyLog, AutoCloseable {
  private final FileChannel out;
  private boolean failed;

  private KeyLogFile(FileChannel out) {
    this.out = out;
  }

  public static KeyLogFile open(Path file) throws IOException {
    if (!Files.exists(file)) {
      try {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } catch (java.nio.file.FileAlreadyExistsException e) {
        // Another process was faster: append to its file.
        return append(file);
      }
    }
    return append(file);
  }

  private static KeyLogFile append(Path file) throws IOException {
    return new KeyLogFile(
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND));
  }

  @Override
  public void secret(String label, byte[] clientRandom, byte[] secret) {
    HexFormat hex = HexFormat.of();
    String line = label + " " + hex.formatHex(clientRandom) + " " + hex.formatHex(secret) + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
    synchronized (this) {
      try {
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
      } catch (IOException e) {
        // A full disk must not fail handshakes; whoever opened the file can ask.
        failed = true;
      }
    }
  }

  /** Whether a line could not be written. */
  public synchronized boolean hasFailed() {
    return failed;
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }
}
