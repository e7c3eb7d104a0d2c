package dev.quic.consumer.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.quic.consumer.QuicException;
import dev.quic.handshaked.tls.cert.CertificateAuthority;
import dev.quic.uapi.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pre-shared keys in a program's own handshake, and libquic's file of them. */
@Timeout(60)
final class QuicPskTest {
  private static final String FILE =
      """
      # who: key
      one:0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20

      two:with:colons:ff00
      """;

  @TempDir Path dir;
  private final MemorySocket[] pair = MemorySocket.pair();

  private static QuicPsk psk(String identity, int bytes) {
    byte[] key = new byte[bytes];
    Arrays.fill(key, (byte) identity.length());
    return QuicPsk.of(identity, key);
  }

  private CompletableFuture<QuicHandshakeResult> serve(QuicServerTls tls) {
    CompletableFuture<QuicHandshakeResult> future = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            future.complete(QuicHandshake.server(pair[1], tls));
          } catch (QuicException e) {
            future.completeExceptionally(e);
          }
        });
    return future;
  }

  @Test
  void bothEndsKnowTheKey() throws Exception {
    QuicPsk known = psk("known", 48);
    CompletableFuture<QuicHandshakeResult> served = serve(QuicServerTls.ofPsk(List.of(known)));
    QuicClientTls tls = QuicClientTls.of(null).withPsk(List.of(psk("unknown", 32), known));
    try (QuicHandshakeResult r = QuicHandshake.client(pair[0], tls);
        QuicHandshakeResult s = served.join()) {
      assertThat(r.pskIdentity()).asString().isEqualTo("known");
      assertThat(s.pskIdentity()).asString().isEqualTo("known");
      assertThat(r.peerCertificates()).isEmpty();
      assertThat(r.channelBinding()).isEqualTo(s.channelBinding());
    }
    // The keys are still whole: the next connection uses them, too.
    assertThat(known.copy().key()).containsOnly(5);
    known.destroy();
    assertThat(known.copy().key()).containsOnly(0);
  }

  @Test
  void anUnknownIdentityIsRejected() {
    QuicClientTls tls = QuicClientTls.of(null).withPsk(List.of(psk("somebody", 32)));
    Thread.ofVirtual()
        .start(() -> {
          // Without a network nobody tells it: it is the server that is looked at.
          var unused =
              catchThrowableOfType(QuicException.class, () -> QuicHandshake.client(pair[0], tls));
        });
    assertThatThrownBy(serve(QuicServerTls.ofPsk(List.of(psk("known", 32))))::join)
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("identity 'somebody'");
    assertThat(pair[1].closeCode).isEqualTo(0x173);
  }

  @Test
  void aServerThatShowsACertificateInsteadIsRefused() throws Exception {
    var own = CertificateAuthority.create("test ca", Instant.now()).server("server.test");
    serve(QuicServerTls.of(own.chain(), own.key()));
    QuicClientTls tls = QuicClientTls.of("server.test").withPsk(List.of(psk("known", 32)));
    QuicException client =
        catchThrowableOfType(QuicException.class, () -> QuicHandshake.client(pair[0], tls));
    assertThat(client.errno()).isEqualTo(Errno.EKEYREJECTED);
  }

  @Test
  void libquicsFile() throws Exception {
    List<QuicPsk> keys = QuicPsk.read(Files.writeString(dir.resolve("psk"), FILE));
    assertThat(keys).extracting(QuicPsk::identity).containsExactly("one", "two:with:colons");
    assertThat(keys.get(1).copy().key()).containsExactly(0xff, 0);
    assertThat(keys.toString()).doesNotContain("ff00");
  }

  @Test
  void whatIsWrongWithAFileIsOneLine() throws Exception {
    for (String text : List.of("", "no colon", "id:xyz", "id:", ":00", "a:00\n".repeat(6))) {
      Path file = Files.writeString(dir.resolve("psk"), text);
      assertThatThrownBy(() -> QuicPsk.read(file))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(file.toString())
          .message()
          .doesNotContain("\n");
    }
  }
}
