package dev.quic.fuzz;

import java.security.Provider;
import java.security.SecureRandomSpi;
import java.security.Security;
import java.util.random.RandomGenerator;

/**
 * Makes every {@code new SecureRandom()} of this process repeatable, so that a seed does the same
 * each time: what a thread draws follows from its last {@link #seed}. Only for tests.
 */
public final class SeededRandomness {
  private static final ThreadLocal<RandomGenerator> SOURCE =
      ThreadLocal.withInitial(() -> Seeds.random(0));

  private SeededRandomness() {}

  /** Before any class has made its SecureRandom. */
  public static synchronized void install() {
    if (Security.getProvider(Seeded.NAME) == null) {
      Security.insertProviderAt(new Seeded(), 1);
    }
  }

  /** What this thread draws from now on. */
  public static void seed(long seed) {
    SOURCE.set(Seeds.random(seed));
  }

  private static final class Seeded extends Provider {
    private static final long serialVersionUID = 1L;
    static final String NAME = "Seeded";

    Seeded() {
      super(NAME, "1", "repeatable randomness for tests");
      put("SecureRandom.Seeded", Spi.class.getName());
    }
  }

  /** The engine of the provider, which the security framework instantiates. */
  public static final class Spi extends SecureRandomSpi {
    private static final long serialVersionUID = 1L;

    @Override
    protected void engineSetSeed(byte[] seed) {
      // Fixed by SeededRandomness.seed.
    }

    @Override
    protected void engineNextBytes(byte[] bytes) {
      SOURCE.get().nextBytes(bytes);
    }

    @Override
    protected byte[] engineGenerateSeed(int numBytes) {
      byte[] out = new byte[numBytes];
      SOURCE.get().nextBytes(out);
      return out;
    }
  }
}
