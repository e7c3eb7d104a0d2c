package dev.quic.dataplane.daemon.kernel;

import dev.quic.consumer.QuicException;
import dev.quic.consumer.QuicSocket;
import dev.quic.consumer.TlsDone;
import dev.quic.consumer.TlsHandshakeArgs;
import dev.quic.consumer.TlsHandshakes;
import dev.quic.dataplane.daemon.handshake.HandshakeFamily;
import dev.quic.dataplane.daemon.handshake.HandshakeRequest;
import dev.quic.uapi.Errno;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** {@code net/handshake/tlshd.c}: the consumers' calls, made into requests. Any thread. */
public final class KernelTls implements TlsHandshakes {
  /** Characters of a peer name: a DNS name has at most 255, and the message must hold it. */
  private static final int MAX_PEERNAME = 1_024;

  private static final int PEERNAME_MAX = 253;

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
        || args.myPeerids().size() > TlsHandshakeArgs.TLS_MAX_PEERIDS
        || tooLong(args.peername())) {
      return -Errno.EINVAL;
    }
    String peername = args.peername();
    if (peername != null && peername.length() > MAX_PEERNAME) {
      return -Errno.EMSGSIZE;
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
            List.copyOf(args.myPeerids()),
            peername);
    return family.submit(
        new HandshakeRequest(question, new SocketTarget(sock.front()), args.done(), dropped));
  }

  /** A DNS name has at most 253 octets; a longer one could not match anything. */
  private static boolean tooLong(@Nullable String peername) {
    return peername != null && peername.length() > PEERNAME_MAX;
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
    CompletableFuture<Integer> future = new Handshake(sock);
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
    return future;
  }

  /** A future whose cancellation cancels the request. */
  private final class Handshake extends CompletableFuture<Integer> {
    private final QuicSocket sock;

    Handshake(QuicSocket sock) {
      this.sock = sock;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      if (cancelled) {
        tlsHandshakeCancel(sock);
      }
      return cancelled;
    }
  }
}
