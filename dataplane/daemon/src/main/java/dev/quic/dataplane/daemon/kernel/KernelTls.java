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
  public int tlsClientHelloAnon(TlsHandshakeArgs args) {
    return client(args, HandshakeRequest.AUTH_UNAUTH);
  }

  @Override
  public int tlsClientHelloX509(TlsHandshakeArgs args) {
    return client(args, HandshakeRequest.AUTH_X509);
  }

  @Override
  public int tlsClientHelloPsk(TlsHandshakeArgs args) {
    // The kernel counts them for a client only.
    return args.myPeerids().isEmpty() ? -Errno.EINVAL : client(args, HandshakeRequest.AUTH_PSK);
  }

  @Override
  public int tlsServerHelloX509(TlsHandshakeArgs args) {
    return server(args, HandshakeRequest.AUTH_X509);
  }

  @Override
  public int tlsServerHelloPsk(TlsHandshakeArgs args) {
    return server(args, HandshakeRequest.AUTH_PSK);
  }

  private int client(TlsHandshakeArgs args, int authMode) {
    return submit(args, HandshakeRequest.MSG_CLIENTHELLO, authMode, args.myPeerids(), () -> {});
  }

  private int server(TlsHandshakeArgs args, int authMode) {
    return submit(args, HandshakeRequest.MSG_SERVERHELLO, authMode, first(args), () -> {});
  }

  /** A server's request carries one identity, as in the kernel: 0 stands for none. */
  private static List<Integer> first(TlsHandshakeArgs args) {
    return args.myPeerids().isEmpty()
        ? List.of(TlsHandshakeArgs.TLS_NO_PEERID)
        : List.of(args.myPeerids().getFirst());
  }

  private int submit(
      TlsHandshakeArgs args,
      int messageType,
      int authMode,
      List<Integer> peerids,
      Runnable dropped) {
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
            authMode,
            args.timeoutMs(),
            args.keyring(),
            args.myCert(),
            args.myPrivkey(),
            peerids,
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
          if (status != 0) {
            future.completeExceptionally(new QuicException(-status, "handshake"));
          } else if (sock instanceof KernelSocket own) {
            own.front().link().wake(() -> future.complete(peerid));
          } else {
            future.complete(peerid);
          }
        };
    int err =
        submit(
            TlsHandshakeArgs.x509(sock, done, peername, timeoutMs),
            messageType,
            HandshakeRequest.AUTH_X509,
            List.of(),
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
