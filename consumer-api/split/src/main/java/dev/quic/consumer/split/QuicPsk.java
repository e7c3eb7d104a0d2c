package dev.quic.consumer.split;

import dev.quic.handshaked.tls.ExternalPsk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.Destroyable;

/**
 * A pre-shared key (RFC 8446 section 4.2.11): both ends know it, and need no certificates. Belongs
 * to whoever made it, who wipes it when no configuration uses it any more.
 */
public final class QuicPsk implements Destroyable {
  /** Keys of one file, as libquic takes them. */
  public static final int MAX_IN_FILE = 5;

  private final ExternalPsk psk;
  private volatile boolean destroyed;

  private QuicPsk(ExternalPsk psk) {
    this.psk = psk;
  }

  /**
   * @param identity travels in clear; 1 to 65,535 bytes of UTF-8
   * @param key copied; one of 48 bytes is used with SHA-384, any other with SHA-256
   */
  public static QuicPsk of(String identity, byte[] key) {
    return new QuicPsk(ExternalPsk.of(identity, key.clone()));
  }

  /**
   * Reads libquic's file: lines {@code identity:hexkey}, at most {@link #MAX_IN_FILE}; empty ones
   * and those that begin with # do not count.
   *
   * @throws IOException one line that names the file and what is wrong with it
   */
  public static List<QuicPsk> read(Path file) throws IOException {
    List<QuicPsk> out = new ArrayList<>();
    int number = 0;
    for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
      number++;
      String text = line.strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      int colon = text.lastIndexOf(':');
      if (colon < 1 || out.size() == MAX_IN_FILE) {
        throw new IOException(
            file
                + ":"
                + number
                + (colon < 1 ? ": not identity:hexkey" : ": more than " + MAX_IN_FILE + " keys"));
      }
      byte[] key;
      try {
        key = HexFormat.of().parseHex(text.substring(colon + 1));
        out.add(of(text.substring(0, colon), key));
        Arrays.fill(key, (byte) 0);
      } catch (IllegalArgumentException e) {
        throw new IOException(file + ":" + number + ": the key is not hexadecimal", e);
      }
    }
    if (out.isEmpty()) {
      throw new IOException(file + ": no pre-shared key");
    }
    return List.copyOf(out);
  }

  public String identity() {
    return new String(psk.identity(), StandardCharsets.UTF_8);
  }

  /** The key itself, for an engine that copies what it needs. */
  ExternalPsk shared() {
    return psk;
  }

  ExternalPsk copy() {
    return psk.copy();
  }

  boolean isCalled(byte[] identity) {
    return Arrays.equals(psk.identity(), identity);
  }

  @Override
  public void destroy() {
    destroyed = true;
    psk.destroy();
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }

  @Override
  public String toString() {
    return "QuicPsk[" + ExternalPsk.printable(psk.identity()) + "]";
  }
}
