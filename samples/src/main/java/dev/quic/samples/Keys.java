package dev.quic.samples;

import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The test authority's files. */
public final class Keys {
  public static final String CA_CERT = "ca.pem";
  public static final String SERVER_CERT = "server.pem";
  public static final String SERVER_KEY = "server.key";
  public static final String CLIENT_CERT = "client.pem";
  public static final String CLIENT_KEY = "client.key";

  /** Lines {@code identity:hexkey}, for both ends. */
  public static final String PSKS = "psk.txt";

  private static final int PSK_BYTES = 32;

  /** Names of a server on this machine. */
  public static final List<String> LOCAL_NAMES = List.of("localhost", "127.0.0.1", "::1");

  private Keys() {}

  /**
   * Makes an authority, a server's and a client's certificate below a directory.
   *
   * @param names of the server
   */
  public static void write(Path directory, List<String> names) throws IOException {
    Files.createDirectories(directory);
    CertificateAuthority ca = CertificateAuthority.create("quic test authority", Instant.now());
    CertificateAuthority.writeCertificates(directory.resolve(CA_CERT), List.of(ca.certificate()));
    write(directory, ca.server(names.toArray(new String[0])), SERVER_CERT, SERVER_KEY);
    write(directory, ca.client("client"), CLIENT_CERT, CLIENT_KEY);
    writePsk(directory.resolve(PSKS));
  }

  private static void writePsk(Path file) throws IOException {
    byte[] key = new byte[PSK_BYTES];
    new SecureRandom().nextBytes(key);
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, "client:" + HexFormat.of().formatHex(key) + "\n");
    Arrays.fill(key, (byte) 0);
  }

  private static void write(Path directory, Credentials pair, String cert, String key)
      throws IOException {
    CertificateAuthority.writeCertificates(directory.resolve(cert), pair.chain());
    CertificateAuthority.writeKey(directory.resolve(key), pair.key());
  }
}
