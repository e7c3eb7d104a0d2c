package dev.quic.samples.perf;

import dev.quic.handshaked.tls.cert.Credentials;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Both ends of TCP, and of TLS 1.3 by the JDK, to compare with. */
final class TcpEnds {
  private static final int BACKLOG = 16;
  private static final String[] VERSIONS = {"TLSv1.3"};
  private static final String[] SUITES = {"TLS_AES_128_GCM_SHA256"};

  private TcpEnds() {}

  static PerfStream tcp(InetSocketAddress remote) throws IOException {
    return new SocketPerfStream(new Socket(remote.getAddress(), remote.getPort()));
  }

  /**
   * @param ca whom to trust
   */
  static PerfStream tls(InetSocketAddress remote, Path ca) throws IOException {
    SocketFactory sockets = trusting(ca).getSocketFactory();
    Socket s = sockets.createSocket(remote.getAddress(), remote.getPort());
    if (s instanceof SSLSocket tls) {
      tls.setEnabledProtocols(VERSIONS);
      tls.setEnabledCipherSuites(SUITES);
      tls.startHandshake();
    }
    return new SocketPerfStream(s);
  }

  static ServerSocket tcpServer(InetSocketAddress local) throws IOException {
    return server(ServerSocketFactory.getDefault(), local);
  }

  static ServerSocket tlsServer(InetSocketAddress local, Credentials credentials)
      throws IOException {
    ServerSocket s = server(showing(credentials).getServerSocketFactory(), local);
    if (s instanceof SSLServerSocket tls) {
      tls.setEnabledProtocols(VERSIONS);
      tls.setEnabledCipherSuites(SUITES);
    }
    return s;
  }

  private static ServerSocket server(ServerSocketFactory sockets, InetSocketAddress local)
      throws IOException {
    return sockets.createServerSocket(local.getPort(), BACKLOG, local.getAddress());
  }

  private static SSLContext trusting(Path ca) throws IOException {
    try {
      KeyStore store = empty();
      try (var in = Files.newInputStream(ca)) {
        int n = 0;
        for (Certificate c : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          store.setCertificateEntry("ca" + n++, c);
        }
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(ca + ": " + e.getMessage(), e);
    }
  }

  private static SSLContext showing(Credentials credentials) throws IOException {
    try {
      KeyStore store = empty();
      char[] none = new char[0];
      X509Certificate[] chain = credentials.chain().toArray(new X509Certificate[0]);
      store.setKeyEntry("server", credentials.key(), none, chain);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, none);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS: " + e.getMessage(), e);
    }
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
