package dev.quic.dataplane.core.socket;

import dev.quic.dataplane.core.connid.ConnId;
import org.jspecify.annotations.Nullable;

/**
 * What a client's token says of its address (RFC 9000 section 8.1).
 *
 * @param validated the address is the client's: the limit of three times does not hold
 * @param originalDcid destination id of the Initial that a Retry answered; null without one
 */
public record AddressProof(boolean validated, @Nullable ConnId originalDcid) {
  /** No token, or one that says nothing. */
  public static final AddressProof NONE = new AddressProof(false, null);

  /** A token of an earlier connection. */
  public static final AddressProof EARLIER = new AddressProof(true, null);
}
