package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.TlsDone;
import dev.quic.consumer.TlsHandshakeArgs;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.dataplane.daemon.handshake.HandshakeFamily;
import dev.quic.dataplane.daemon.handshake.HandshakeRequest;
import dev.quic.uapi.Errno;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** {@code net/handshake/tlshd.c}: the consumers' calls, made into requests. Any thread. */
public final class KernelTls implements TlsHandshakes {
  private final HandshakeFamily family;

  public KernelTls(HandshakeFamily family) {
    this.family = family;
  }

  @Override
  public int tlsClientHelloX509(TlsHandshakeArgs args) {
    return submit(args, HandshakeRequest.MSG_CLIENTHELLO, () -> {});
  }

  @Override
  public int tlsServerHelloX509(TlsHandshakeArgs args) {
    return submit(args, HandshakeRequest.MSG_SERVERHELLO, () -> {});
  }

  private int submit(TlsHandshakeArgs args, int messageType, Runnable dropped) {
    if (!(args.sock() instanceof KernelSocket sock)
        || args.timeoutMs() < 0
        || args.myPeerids().size() > TlsHandshakeArgs.TLS_MAX_PEERIDS) {
      return -Errno.EINVAL;
    }
    HandshakeRequest.Question question =
        new HandshakeRequest.Question(
            HandshakeRequest.CLASS_TLSHD,
            messageType,
            HandshakeRequest.AUTH_X509,
            args.timeoutMs(),
            args.keyring(),
            args.myCert(),
            args.myPrivkey(),
            args.myPeerids(),
            args.peername());
    return family.submit(
        new HandshakeRequest(question, new SocketTarget(sock.front()), args.done(), dropped));
  }

  @Override
  public boolean tlsHandshakeCancel(QuicSocket sock) {
    return sock instanceof KernelSocket s && family.cancel(s.front().cookie());
  }

  @Override
  public CompletableFuture<Integer> clientHelloX509(
      QuicSocket sock, @Nullable String peername, int timeoutMs) {
    return future(sock, peername, timeoutMs, HandshakeRequest.MSG_CLIENTHELLO);
  }

  @Override
  public CompletableFuture<Integer> serverHelloX509(QuicSocket sock, int timeoutMs) {
    return future(sock, null, timeoutMs, HandshakeRequest.MSG_SERVERHELLO);
  }

  private CompletableFuture<Integer> future(
      QuicSocket sock, @Nullable String peername, int timeoutMs, int messageType) {
    CompletableFuture<Integer> future = new CompletableFuture<>();
    TlsDone done =
        (status, peerid) -> {
          if (status == 0) {
            future.complete(peerid);
          } else {
            future.completeExceptionally(new QuicException(-status, "handshake"));
          }
        };
    int err =
        submit(
            TlsHandshakeArgs.x509(sock, done, peername, timeoutMs),
            messageType,
            () -> future.completeExceptionally(new QuicException(Errno.ECANCELED, "handshake")));
    if (err != 0) {
      future.completeExceptionally(new QuicException(-err, "handshake"));
    }
    future.whenComplete((peerid, failure) -> {
      if (future.isCancelled()) {
        tlsHandshakeCancel(sock);
      }
    });
    return future;
  }
}
