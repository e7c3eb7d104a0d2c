package dev.quic.dataplane.io;

/**
 * What a UDP port can do, discovered when it was bound.
 *
 * @param gso many datagrams of one size leave by one call (UDP_SEGMENT)
 * @param gro many datagrams of one size arrive by one call (UDP_GRO)
 * @param ecn the ECN field is read and set
 * @param pktinfo the local address of each datagram is known and can be chosen
 * @param dontFragment datagrams are never fragmented on their way
 */
public record PortFeatures(
    boolean gso, boolean gro, boolean ecn, boolean pktinfo, boolean dontFragment) {}
