package dev.quic.handshaked.daemon.service;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Debian's SoftHSM2 with tokens of the test's own, and keys made inside them. */
final class SoftHsm {
  static final Path LIBRARY = Path.of("/usr/lib/softhsm/libsofthsm2.so");
  static final String PIN = "5678";

  private final Path dir;

  private SoftHsm(Path dir) {
    this.dir = dir;
  }

  static boolean isInstalled() {
    return Files.isReadable(LIBRARY) && Files.isExecutable(Path.of("/usr/bin/softhsm2-util"));
  }

  /** Once a process: the library reads its environment when it is loaded. */
  static SoftHsm open(Path dir) throws Throwable {
    Files.createDirectory(dir.resolve("tokens"));
    Path config = dir.resolve("softhsm2.conf");
    Files.writeString(config, "directories.tokendir = " + dir.resolve("tokens") + "\n");
    MethodHandle setenv =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("setenv"),
                FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int unused =
          (int)
              setenv.invokeExact(
                  arena.allocateFrom("SOFTHSM2_CONF"), arena.allocateFrom(config.toString()), 1);
    }
    return new SoftHsm(dir);
  }

  /** Makes a token. */
  void token(String label) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            label,
            "--so-pin",
            "1234",
            "--pin",
            PIN);
    builder.environment().put("SOFTHSM2_CONF", dir.resolve("softhsm2.conf").toString());
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException("softhsm2-util: " + said);
    }
  }

  /**
   * Makes a key inside a token, and a certificate beside it.
   *
   * @param slot index of the token's slot
   */
  X509Certificate key(int slot, String algorithm, int bits, String hash, String label)
      throws Exception {
    Provider token =
        Security.getProvider("SunPKCS11")
            .configure(
                "--name=maker-"
                    + label
                    + "\nlibrary="
                    + LIBRARY
                    + "\nslotListIndex="
                    + slot
                    + "\n");
    KeyStore store = KeyStore.getInstance("PKCS11", token);
    store.load(null, PIN.toCharArray());
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm, token);
    generator.initialize(bits);
    KeyPair pair = generator.generateKeyPair();
    if (pair.getPrivate().getEncoded() != null) {
      throw new IOException("the token gives its keys out");
    }
    X500Name name = new X500Name("CN=" + label);
    Instant now = Instant.now();
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.valueOf(label.hashCode() & 0x7fff_ffff),
                        Date.from(now.minusSeconds(60)),
                        Date.from(now.plusSeconds(3600)),
                        name,
                        pair.getPublic())
                    .build(
                        new JcaContentSignerBuilder(hash)
                            .setProvider(token)
                            .build(pair.getPrivate())));
    store.setKeyEntry(label, pair.getPrivate(), null, new Certificate[] {certificate});
    return certificate;
  }
}
