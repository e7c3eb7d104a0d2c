package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quic.handshaked.tls.TlsConfig.ClientAuth;
import dev.quic.handshaked.tls.libcrypto.LibCrypto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class FuzzTest {
  private static final int HANDSHAKES = 3000;

  /** Every other one; null where the system has none. */
  private static final @Nullable LibCrypto LIBRARY = CryptoMode.AUTO.open();

  /** One message of a handshake is damaged; nothing may hang, escape, or agree on nonsense. */
  @Test
  void damagedMessages() {
    int complete = 0;
    int refused = 0;
    for (int seed = 0; seed < HANDSHAKES; seed++) {
      Random random = new Random(seed);
      Damage damage = new Damage(random);
      LibCrypto library = (seed & 1) == 0 ? LIBRARY : null;
      EnginePair pair =
          new EnginePair(
              clientConfig(random).withLibcrypto(library),
              serverConfig(random).withLibcrypto(library),
              piece(random),
              damage::apply);
      try {
        pair.run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ", message " + damage.target, e);
      }
      if (pair.bothComplete()) {
        complete++;
        assertThat(pair.secretsAgree()).as("seed %d", seed).isTrue();
      } else {
        refused++;
      }
      for (EnginePair.End end : List.of(pair.client, pair.server)) {
        TlsEvent.Alert alert = end.alert();
        if (alert != null) {
          assertThat(alert.alert())
              .as("seed %d: %s", seed, alert)
              .isBetween(1, 255)
              .isNotEqualTo(80);
          assertThat(alert.reason()).as("seed %d", seed).isNotBlank().doesNotContain("\n");
        }
        end.engine.close();
      }
    }
    assertThat(refused).isGreaterThan(HANDSHAKES / 2);
    assertThat(complete).isPositive();
  }

  private static TlsConfig.Client clientConfig(Random random) {
    TlsConfig.Client client = TestCertificates.client();
    return random.nextBoolean() ? client.withCredentials(TestCertificates.CLIENT) : client;
  }

  private static TlsConfig.Server serverConfig(Random random) {
    TlsConfig.Server server = TestCertificates.serverConfig();
    if (random.nextBoolean()) {
      server = server.withClientAuth(ClientAuth.REQUEST, TestCertificates.TRUST);
    }
    return random.nextInt(4) == 0 ? server.withGroups(List.of(TlsGroup.SECP256R1)) : server;
  }

  private static int piece(Random random) {
    return random.nextInt(4) == 0 ? 1 + random.nextInt(200) : Integer.MAX_VALUE;
  }

  /** Damages the n-th message on the wire. */
  private static final class Damage {
    private final Random random;
    private final int target;
    private int count;

    Damage(Random random) {
      this.random = random;
      this.target = random.nextInt(10);
    }

    List<TlsEvent.Crypto> apply(TlsEvent.Crypto crypto) {
      if (count++ != target) {
        return List.of(crypto);
      }
      byte[] bytes = crypto.bytes().clone();
      CryptoLevel level = crypto.level();
      switch (random.nextInt(8)) {
        case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
        case 1 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(40));
        case 2 -> level = CryptoLevel.of(random.nextInt(4));
        case 3 -> {
          return List.of(crypto, crypto);
        }
        case 4 -> {
          return List.of();
        }
        case 5 -> bytes[0] = (byte) random.nextInt(256);
        default -> {
          for (int i = 1 + random.nextInt(3); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
          }
        }
      }
      return List.of(new TlsEvent.Crypto(level, bytes));
    }
  }

  /** Random bytes from the start. */
  @Test
  void noise() {
    for (int seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      byte[] noise = new byte[1 + random.nextInt(300)];
      random.nextBytes(noise);
      if (random.nextBoolean() && noise.length > 4) {
        noise[0] = (byte) (random.nextBoolean() ? 1 : 2);
        noise[1] = 0;
        noise[2] = (byte) ((noise.length - 4) >> 8);
        noise[3] = (byte) (noise.length - 4);
      }
      TlsEngine client = TlsEngines.client(TestCertificates.client(), new byte[] {1});
      TlsEngine server = TlsEngines.server(TestCertificates.serverConfig());
      for (TlsEngine engine : List.of(client, server)) {
        engine.start();
        engine.drain();
        engine.receive(CryptoLevel.INITIAL, noise, 0, noise.length);
        assertThat(engine.isComplete()).isFalse();
        engine.drain();
        engine.close();
      }
    }
  }

  @Test
  void manyHandshakesOnVirtualThreads() throws Exception {
    List<Future<Boolean>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < HANDSHAKES; i++) {
        all.add(
            threads.submit(() -> {
              EnginePair pair =
                  new EnginePair(TestCertificates.client(), TestCertificates.serverConfig()).run();
              return pair.bothComplete() && pair.secretsAgree();
            }));
      }
    }
    for (Future<Boolean> one : all) {
      assertThat(one.get()).isTrue();
    }
  }
}
