package dev.quic.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.daemon.keys.KeyDirectory;
import dev.quic.handshaked.daemon.service.SharedTls;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.handshaked.tls.cert.Credentials;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What stays on the heaps of both daemons when a thousand handshakes are over, and their
 * connections closed: none of the secrets that the key log names, as bytes or as words, no
 * pre-shared key, and private keys with their keeper only.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class HeapSecretsTest {
  private static final int HANDSHAKES = Integer.getInteger("heap.handshakes", 1000);

  /** Handshakes more, by pre-shared key. */
  private static final int BY_KEY = Math.max(1, HANDSHAKES / 10);

  /** Findings of a kind whose holders are looked up: each costs some passes over the dump. */
  private static final int EXPLAINED = Integer.getInteger("heap.explained", 2);

  /** Holders between a private key and its keeper, with some to spare. */
  private static final int DEPTH = 8;

  private static final String KEEPER = "CredentialCache";

  /** For SHA-256, and for SHA-384. */
  private static final int[] PSK_LENGTHS = {32, 48};

  @TempDir Path dir;

  /** Serials of the pre-shared keys, and what is searched for of them. */
  private final List<Integer> serials = new ArrayList<>();

  private final KnownBytes psks = new KnownBytes();

  @Test
  void nothingStays() throws Exception {
    Credentials server = files();
    Path log = dir.resolve("keylog");
    Process plane = plane();
    try (BufferedReader out = plane.inputReader(StandardCharsets.UTF_8);
        BufferedWriter in = plane.outputWriter(StandardCharsets.UTF_8)) {
      expect(out, "ready");
      try (Handshaked daemon =
          Handshaked.start(
              dir.resolve("run"),
              dir.resolve("handshaked.conf"),
              dir.resolve("trace"),
              Map.of(SharedTls.KEY_LOG_VARIABLE, log.toString()))) {
        run(HANDSHAKES, in, out);
        for (int serial : serials) {
          run(BY_KEY + " " + serial, in, out);
        }
        KnownBytes secrets = secrets(log);
        assertThat(secrets.count()).isGreaterThanOrEqualTo(4 * HANDSHAKES);
        for (KnownBytes known : List.of(secrets, psks)) {
          garbage("handshaked", daemon.pid(), known);
          garbage("data plane", plane.pid(), known);
        }
        HeapDump heap = dump(daemon.pid());
        assertThat(found("handshaked", heap, secrets)).isEmpty();
        // A directory of keys keeps them on its disk only.
        assertThat(found("handshaked, keys", heap, psks)).isEmpty();
        privateKeys(server, heap);
        HeapDump planes = dump(plane.pid());
        assertThat(found("data plane", planes, secrets)).isEmpty();
        assertThat(found("data plane, keys", planes, psks)).isEmpty();
        // A key in use and an open connection's are found: the search would have seen the others.
        run("0 " + serials.getFirst(), in, out);
        assertThat(found("with a key in use", dump(daemon.pid()), psks)).isNotEmpty();
        run(0, in, out);
        assertThat(found("with one connection open", dump(plane.pid()), secrets(log))).isNotEmpty();
      }
    } finally {
      plane.destroyForcibly().waitFor();
    }
  }

  private Credentials files() throws Exception {
    CertificateAuthority ca = CertificateAuthority.create("heap authority", Instant.now());
    Credentials server = ca.server(SplitHouse.NAME);
    CertificateAuthority.writeCertificates(dir.resolve("ca.pem"), List.of(ca.certificate()));
    CertificateAuthority.writeCertificates(dir.resolve("server.pem"), server.chain());
    CertificateAuthority.writeKey(dir.resolve("server.key"), server.key());
    Files.writeString(
        dir.resolve("handshaked.conf"),
        "[debug]\nkeylog = true\n[authenticate.client]\nx509.truststore = ca.pem\n"
            + "[authenticate.server]\n"
            + SplitHouse.serverFiles("server")
            + "\n[keys]\ndirectory = keys\n");
    KeyDirectory keys = new KeyDirectory(dir.resolve("keys"));
    keys.create();
    for (int length : PSK_LENGTHS) {
      byte[] psk = new byte[length];
      new SecureRandom().nextBytes(psk);
      serials.add(keys.add("psk", "heap-" + length, psk, KeyDirectory.ROOT));
      psks.add("pre-shared key", psk);
      psks.add("early secret", PacketKeys.extract(new byte[length], psk));
    }
    return server;
  }

  private Process plane() throws IOException {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            path,
            HandshakeLoad.class.getName(),
            dir.resolve("run").toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void expect(BufferedReader out, String word) throws IOException {
    String line = out.readLine();
    while (line != null && !line.equals(word)) {
      System.out.println("data plane: " + line);
      line = out.readLine();
    }
    assertThat(line).isEqualTo(word);
  }

  private static void run(int count, BufferedWriter in, BufferedReader out) throws IOException {
    run(Integer.toString(count), in, out);
  }

  private static void run(String line, BufferedWriter in, BufferedReader out) throws IOException {
    in.write(line + "\n");
    in.flush();
    expect(out, "done");
  }

  /** With {@code -Dheap.garbage=true}: what lies about and nobody refers to, for a person. */
  private void garbage(String whose, long pid, KnownBytes secrets) throws Exception {
    if (Boolean.getBoolean("heap.garbage")) {
      HeapDump dump = dump(pid, "-all");
      print(whose + ", with garbage", dump, secrets, secrets.in(dump));
    }
  }

  private static KnownBytes secrets(Path log) throws IOException {
    KnownBytes known = new KnownBytes();
    for (String line : Files.readAllLines(log)) {
      String[] words = line.split(" ", 3);
      byte[] secret = HexFormat.of().parseHex(words[2]);
      known.add(words[0], secret);
      if (words[0].contains("TRAFFIC")) {
        // AES-128 and the others; a key schedule begins with its key.
        for (int length : new int[] {16, 32}) {
          known.add(words[0] + ", key", PacketKeys.expand(secret, "quic key", length));
          known.add(words[0] + ", hp", PacketKeys.expand(secret, "quic hp", length));
        }
        known.add(words[0] + ", iv", PacketKeys.expand(secret, "quic iv", 12));
      }
    }
    return known;
  }

  /** Live objects only: what nobody refers to is garbage, and overwritten sooner or later. */
  private HeapDump dump(long pid) throws Exception {
    return dump(pid, "-all=false");
  }

  private HeapDump dump(long pid, String which) throws Exception {
    Path file = dir.resolve("heap-" + pid + "-" + System.nanoTime() + ".hprof");
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.heap_dump",
                which,
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(jcmd.waitFor()).as(said).isZero();
    HeapDump dump = HeapDump.open(file);
    Files.delete(file);
    return dump;
  }

  /** Prints and returns what was found of what is alive, by label and holder. */
  private static Map<String, Integer> found(String whose, HeapDump dump, KnownBytes known) {
    return print(whose, dump, known, alive(dump, known));
  }

  private static List<KnownBytes.Found> alive(HeapDump dump, KnownBytes known) {
    List<KnownBytes.Found> all = known.in(dump);
    Set<Long> held =
        dump.heldOf(all.stream().map(KnownBytes.Found::array).collect(Collectors.toSet()));
    return all.stream().filter(f -> held.contains(f.array())).toList();
  }

  private static Map<String, Integer> print(
      String whose, HeapDump dump, KnownBytes known, List<KnownBytes.Found> found) {
    Map<String, Integer> byHolder = new TreeMap<>();
    Map<String, Integer> explained = new HashMap<>();
    for (KnownBytes.Found f : found) {
      boolean enough = explained.merge(f.what() + f.type(), 1, Integer::sum) > EXPLAINED;
      String holder = enough ? " < not looked up" : dump.firstHolder(f.array());
      byHolder.merge(f.what() + " in an array of type " + f.type() + holder, 1, Integer::sum);
    }
    System.out.printf(
        "%s: %d known secrets, %d MiB of live heap, %d found%n",
        whose, known.count(), dump.size() >> 20, found.size());
    byHolder.forEach((holder, n) -> System.out.println("  " + n + " x " + holder));
    return byHolder;
  }

  /** A private key may only be below the cache of credentials. */
  private static void privateKeys(Credentials server, HeapDump dump) {
    KnownBytes known = new KnownBytes();
    known.add("private key", scalar((ECPrivateKey) server.key()));
    List<KnownBytes.Found> found = alive(dump, known);
    assertThat(found).as("the search finds what is there").isNotEmpty();
    for (KnownBytes.Found f : found) {
      List<String> holders = dump.holders(f.array(), DEPTH);
      System.out.println("  private key in an array of type " + f.type() + holders.getFirst());
      assertThat(holders).allMatch(h -> h.contains(KEEPER), "below its keeper");
    }
  }

  /** 32 bytes, big endian. */
  private static byte[] scalar(ECPrivateKey key) {
    byte[] signed = key.getS().toByteArray();
    byte[] scalar = new byte[32];
    int length = Math.min(signed.length, 32);
    System.arraycopy(signed, signed.length - length, scalar, 32 - length, length);
    return scalar;
  }
}
