package dev.quic.uapi.netlink;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to ACCEPT: one handshake request.
 *
 * @param sockfd descriptor of the socket in the receiving process
 * @param messageType {@link Nl#MSG_TYPE_CLIENTHELLO} or {@link Nl#MSG_TYPE_SERVERHELLO}
 * @param peername null when the consumer gave none
 * @param timeoutMs 0 for none
 * @param keyring key serial, 0 for none
 * @param authMode {@code Nl.AUTH_*}
 * @param peerIdentities key serials, PSK only
 * @param cert key serial, 0 for none
 * @param privkey key serial, 0 for none
 * @param waitedMs how much of the timeout was over before ACCEPT
 * @param features {@code Nl.FEATURE_*} of the grant
 */
public record AcceptReply(
    int sockfd,
    int messageType,
    @Nullable String peername,
    int timeoutMs,
    int keyring,
    int authMode,
    List<Integer> peerIdentities,
    int cert,
    int privkey,
    int waitedMs,
    int features) {

  /** A request accepted at once, its grant a plain one. */
  public AcceptReply(
      int sockfd,
      int messageType,
      @Nullable String peername,
      int timeoutMs,
      int keyring,
      int authMode,
      List<Integer> peerIdentities,
      int cert,
      int privkey) {
    this(
        sockfd,
        messageType,
        peername,
        timeoutMs,
        keyring,
        authMode,
        peerIdentities,
        cert,
        privkey,
        0,
        0);
  }

  /** Writes the message in the kernel's order of attributes. */
  public byte[] encode(int seq, int pid) {
    NlWriter w = new NlWriter();
    w.begin(Nl.GENL_ID_HANDSHAKE, 0, seq, pid).genl(Nl.HANDSHAKE_CMD_ACCEPT, 1);
    w.attrU32(Nl.A_ACCEPT_SOCKFD, sockfd);
    w.attrU32(Nl.A_ACCEPT_MESSAGE_TYPE, messageType);
    if (peername != null) {
      w.attrString(Nl.A_ACCEPT_PEERNAME, peername);
    }
    if (timeoutMs != 0) {
      w.attrU32(Nl.A_ACCEPT_TIMEOUT, timeoutMs);
    }
    if (keyring != 0) {
      w.attrU32(Nl.A_ACCEPT_KEYRING, keyring);
    }
    w.attrU32(Nl.A_ACCEPT_AUTH_MODE, authMode);
    if (authMode == Nl.AUTH_PSK) {
      peerIdentities.forEach(id -> w.attrU32(Nl.A_ACCEPT_PEER_IDENTITY, id));
    } else if (authMode == Nl.AUTH_X509 && (cert != 0 || privkey != 0)) {
      int nest = w.nest(Nl.A_ACCEPT_CERTIFICATE);
      w.attrU32(Nl.A_X509_CERT, cert);
      w.attrU32(Nl.A_X509_PRIVKEY, privkey);
      w.endNest(nest);
    }
    if (waitedMs != 0) {
      w.attrU32(Nl.A_ACCEPT_WAITED, waitedMs);
    }
    if (features != 0) {
      w.attrU32(Nl.A_ACCEPT_FEATURES, features);
    }
    return w.end().toBytes();
  }

  /** Reads the message; null when it is no ACCEPT answer. */
  public static @Nullable AcceptReply decode(NlMessage m) {
    if (m.type() != Nl.GENL_ID_HANDSHAKE
        || m.payloadLength() < Nl.GENL_HDRLEN
        || m.command() != Nl.HANDSHAKE_CMD_ACCEPT) {
      return null;
    }
    Attributes a = m.attributes();
    List<Integer> ids = new ArrayList<>();
    for (Attributes.Attr id : a.getAll(Nl.A_ACCEPT_PEER_IDENTITY)) {
      if (id.len() >= 4 && ids.size() < Nl.MAX_PEERIDS) {
        ids.add(id.u32());
      }
    }
    Attributes.Attr x509 = a.get(Nl.A_ACCEPT_CERTIFICATE);
    return new AcceptReply(
        a.u32(Nl.A_ACCEPT_SOCKFD, -1),
        a.u32(Nl.A_ACCEPT_MESSAGE_TYPE, 0),
        a.string(Nl.A_ACCEPT_PEERNAME),
        a.u32(Nl.A_ACCEPT_TIMEOUT, 0),
        a.u32(Nl.A_ACCEPT_KEYRING, 0),
        a.u32(Nl.A_ACCEPT_AUTH_MODE, 0),
        ids,
        x509 == null ? 0 : x509.inside().u32(Nl.A_X509_CERT, 0),
        x509 == null ? 0 : x509.inside().u32(Nl.A_X509_PRIVKEY, 0),
        Math.max(0, a.u32(Nl.A_ACCEPT_WAITED, 0)),
        a.u32(Nl.A_ACCEPT_FEATURES, 0));
  }

  /** The same with another descriptor number: what the receiver got by SCM_RIGHTS. */
  public AcceptReply withSockfd(int fd) {
    return new AcceptReply(
        fd,
        messageType,
        peername,
        timeoutMs,
        keyring,
        authMode,
        peerIdentities,
        cert,
        privkey,
        waitedMs,
        features);
  }
}
