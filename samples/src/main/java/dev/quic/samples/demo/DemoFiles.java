package dev.quic.samples.demo;

import dev.quic.samples.Keys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What lies in the demo's temporary directory.
 *
 * @param root the directory
 */
record DemoFiles(Path root) {
  /** The run directory has to be short: AF_UNIX names end after 107 bytes. */
  Path run() {
    return root.resolve("run");
  }

  Path keys() {
    return root.resolve("keys");
  }

  Path config() {
    return root.resolve("tlshd.conf");
  }

  /** Where the user-space program says on which address it listens. */
  Path address() {
    return root.resolve("address");
  }

  Path consumerSends() {
    return root.resolve("consumer-sends");
  }

  Path consumerReceives() {
    return root.resolve("consumer-receives");
  }

  Path programSends() {
    return root.resolve("program-sends");
  }

  Path programReceives() {
    return root.resolve("program-receives");
  }

  Path dataPlaneTrace() {
    return root.resolve("dataplane.trace");
  }

  Path daemonTrace() {
    return root.resolve("handshaked.trace");
  }

  String consumerArguments() {
    return "client=@"
        + address()
        + ";peername=localhost;send="
        + consumerSends()
        + ";receive="
        + consumerReceives();
  }

  /** tlshd's own format. */
  String configText() {
    return "[authenticate.client]\nx509.truststore = " + keys().resolve(Keys.CA_CERT) + "\n";
  }

  static String sha256(Path file) throws IOException {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha)) {
        in.transferTo(java.io.OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
