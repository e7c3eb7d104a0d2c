package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.common.Limits;
import dev.quic.dataplane.core.cong.RttEstimator;
import dev.quic.dataplane.core.family.SockAddr;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.uapi.QuicUapi;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a program set on a socket before its connection: transport parameters, the CONFIG option,
 * ALPN, buffers, events. An accepted socket inherits a listener's. Times are nanoseconds.
 */
final class Settings {
  TransportParams local = TransportParams.localDefaults();
  int version = QuicUapi.QUIC_VERSION_V1;

  /** The version is a program's choice, not the default. */
  boolean versionGiven;

  /** The VERSIONS option; empty when not set. */
  int[] versions = new int[0];

  long plpmtudProbeInterval;
  long initialRtt = RttEstimator.INITIAL_RTT;
  int payloadCipherType;
  int congestionControl;
  int validatePeerAddress;
  int streamDataNodelay;

  /** The spin bit may spin. */
  boolean spinBit = true;

  /** What is sent may be marked for ECN. */
  boolean ecn = true;

  int receiveSessionTicket;
  int certificateRequest;
  long keepaliveProbeInterval;

  /** ALPN as length-prefixed names. */
  byte[] alpn = new byte[0];

  /** SERVER_NAME as length-prefixed names in lower case. */
  byte[] serverNames = new byte[0];

  boolean v6only;
  boolean reusePort;
  boolean reuseAddress;

  /** SO_TYPE: both types behave the same. */
  int type = QuicUapi.SOCK_DGRAM;

  int sendBuffer = Limits.SEND_BUFFER_BYTES;
  boolean sendBufferLocked;
  int receiveBuffer = 4 * 65_535 * 32;
  int eventMask;

  /** 0-RTT data may be read before the handshake is complete. */
  boolean earlyDelivery;

  /** A listener's preferred address of each family; null for none. */
  @Nullable SockAddr preferredV4;

  @Nullable SockAddr preferredV6;

  /** Options of SOL_SOCKET kept as they were given, by name; never changed, only replaced. */
  Map<Integer, byte[]> plain = Map.of();

  /** For a twin of a listener with these. */
  Settings copy() {
    Settings s = inherit();
    s.serverNames = serverNames;
    s.reusePort = reusePort;
    s.reuseAddress = reuseAddress;
    return s;
  }

  /** For a socket accepted from a listener with these. */
  Settings inherit() {
    Settings s = new Settings();
    s.local = local.copySettings();
    s.version = version;
    s.versionGiven = versionGiven;
    s.versions = versions;
    s.plpmtudProbeInterval = plpmtudProbeInterval;
    s.initialRtt = initialRtt;
    s.payloadCipherType = payloadCipherType;
    s.congestionControl = congestionControl;
    s.validatePeerAddress = validatePeerAddress;
    s.streamDataNodelay = streamDataNodelay;
    s.spinBit = spinBit;
    s.ecn = ecn;
    s.receiveSessionTicket = receiveSessionTicket;
    s.certificateRequest = certificateRequest;
    s.keepaliveProbeInterval = keepaliveProbeInterval;
    s.alpn = alpn.clone();
    s.v6only = v6only;
    s.sendBuffer = sendBuffer;
    s.sendBufferLocked = sendBufferLocked;
    s.receiveBuffer = receiveBuffer;
    s.eventMask = eventMask;
    s.earlyDelivery = earlyDelivery;
    s.preferredV4 = preferredV4;
    s.preferredV6 = preferredV6;
    s.plain = plain;
    s.type = type;
    return s;
  }
}
