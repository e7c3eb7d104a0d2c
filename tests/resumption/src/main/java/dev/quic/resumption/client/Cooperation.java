package dev.quic.resumption.client;

import java.io.IOException;

/** What a server's owner does for the cases that a client alone cannot bring about. */
public interface Cooperation {
  /** The name that asks for the usual configuration. */
  String RESTORE = "restore";

  /** Nobody helps. */
  Cooperation NONE = name -> false;

  /**
   * Changes the server, after a ticket was issued and before it is used.
   *
   * @param name of the case, or {@link #RESTORE} after it
   * @return false when this cannot be had
   * @throws IOException when it failed, perhaps halfway: {@link #RESTORE} is asked for all the same
   */
  boolean prepare(String name) throws IOException;
}
