package dev.quic.uds;

/** Who is at the other end, as the kernel recorded at connect (SO_PEERCRED). */
public record PeerCredentials(int pid, int uid, int gid) {}
