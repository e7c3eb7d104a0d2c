package dev.quic.uapi.door;

import dev.quic.uapi.QuicUapi;
import java.util.ArrayList;
import java.util.List;

/**
 * What every handshake asks of its grant at its beginning, for both sides: the daemon asks it in
 * one packet, or the data plane answers it unasked ({@code Nl.FEATURE_AHEAD}).
 */
public final class GrantQuestions {
  // Places of the answers.
  public static final int PEERNAME = 0;
  public static final int PROTOCOL = 1;
  public static final int ALPN = 2;
  public static final int TICKET = 3;
  public static final int CONFIG = 4;
  public static final int PARAMETERS = 5;

  // How much the handshake daemon has room for.
  private static final int INT_BYTES = 4;
  private static final int ALPN_BYTES = 256;
  private static final int TICKET_BYTES = 4096;
  private static final int CONFIG_BYTES = 28;
  private static final int PARAMETERS_BYTES = 1024;

  private GrantQuestions() {}

  /**
   * The calls in order; a client's end with TRANSPORT_PARAM_EXT, since a server's parameters are
   * not final before it knows the client's.
   */
  public static List<DoorCall> of(boolean client) {
    List<DoorCall> calls = new ArrayList<>();
    calls.add(DoorCall.of(Door.OP_GETPEERNAME, 0, 0));
    calls.add(get(QuicUapi.SOL_SOCKET, QuicUapi.SO_PROTOCOL, INT_BYTES));
    calls.add(get(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_ALPN, ALPN_BYTES));
    calls.add(get(QuicUapi.SOL_QUIC, ticketOption(client), TICKET_BYTES));
    calls.add(get(QuicUapi.SOL_QUIC, QuicUapi.QUIC_SOCKOPT_CONFIG, CONFIG_BYTES));
    if (client) {
      int parameters = QuicUapi.QUIC_SOCKOPT_TRANSPORT_PARAM_EXT;
      calls.add(get(QuicUapi.SOL_QUIC, parameters, PARAMETERS_BYTES));
    }
    return calls;
  }

  /** A client's session; of a server only whether somebody chose its ticket key. */
  public static int ticketOption(boolean client) {
    return client ? QuicUapi.QUIC_SOCKOPT_SESSION_TICKET : QuicUapi.QUIC_SOCKOPT_SET_TICKET_KEY;
  }

  /** getsockopt of at most {@code max} bytes. */
  public static DoorCall get(int level, int name, int max) {
    return DoorCall.of(Door.OP_GETSOCKOPT, 0, 0, new byte[0], level, name, max);
  }
}
