package dev.quic.fuzz.core;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.quic.dataplane.core.frame.TransportParamError;
import dev.quic.dataplane.core.frame.TransportParams;
import dev.quic.simnet.Sim;
import dev.quic.simnet.TwoNets;
import dev.quic.uapi.QuicUapi;

/** Transport parameters: the codec alone, and as the TLS side hands them to a socket. */
class TransportParamsFuzzTest {
  /** Input: a byte (bit 0: of a server), then the extension. */
  @FuzzTest(maxDuration = "10m")
  void codec(byte[] data) {
    Input in = new Input(data);
    boolean server = (in.u8() & 1) != 0;
    byte[] body = in.take(data.length);
    TransportParams p = new TransportParams();
    TransportParamError e = TransportParams.parse(body, 0, body.length, server, p);
    if (e == TransportParamError.NONE && p.maxAckDelay < 0) {
      throw new IllegalStateException("a negative delay");
    }
    if (e != TransportParamError.NONE && e.errno() >= 0) {
      throw new IllegalStateException(e + " has no errno");
    }
  }

  /** The same into a client's socket that has not heard of a server. */
  @FuzzTest(maxDuration = "10m")
  void option(byte[] data) {
    TwoNets w = new TwoNets(30 * Sim.SECONDS, 1);
    var sock = w.begin(0);
    int rc =
        sock.setsockopt(
            w.now(), QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT, data);
    SyscallFuzzTest.check("TRANSPORT_PARAM_EXT", rc);
    w.pass(Sim.SECONDS);
    w.closeAll();
  }
}
