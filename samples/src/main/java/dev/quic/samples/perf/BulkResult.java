package dev.quic.samples.perf;

import java.util.Locale;

/**
 * Figures of one upload.
 *
 * @param datagram bytes of UDP payload the client's search arrived at; 0 where there are none
 * @param used by the client's process
 * @param later bytes allocated by the threads of the client that move packets, second half only
 * @param server what the server's process used
 */
record BulkResult(int msgLen, long datagram, Usage used, long later, PerfReport server) {
  private static final double GIB = 1 << 30;

  /** Bytes of stream data in a full datagram: the divisor of the allocation figures. */
  private static final double PACKET = 1400;

  void print(boolean json) {
    double gib = server.bytes() / GIB;
    double packets = Math.ceil(server.bytes() / PACKET);
    double clientCpu = used.cpuNs() / 1e9 / gib;
    double serverCpu = server.cpuNs() / 1e9 / gib;
    double clientAllocated = used.allocated() / packets;
    double serverAllocated = server.allocated() / packets;
    String format =
        json
            ? "{\"mode\":\"bulk\",\"bytes\":%d,\"msg_len\":%d,\"datagram\":%d,\"seconds\":%.6f,\"gbit_s\":%.3f,"
                + "\"cpu_s_per_gib\":%.3f,\"client_cpu_s_per_gib\":%.3f,\"server_cpu_s_per_gib\":%.3f,"
                + "\"bytes_per_packet_allocated\":%.0f,\"client_bytes_per_packet_allocated\":%.0f,"
                + "\"server_bytes_per_packet_allocated\":%.0f,\"client_shard_bytes_per_packet\":%.2f,"
                + "\"server_shard_bytes_per_packet\":%.2f,\"client_shard_second_half\":%.2f,"
                + "\"server_shard_second_half\":%.2f}%n"
            : "%d bytes in writes of %d, datagrams of %d: %.3f s, %.3f Gbit/s%n"
                + "CPU seconds per GiB: %.3f (client %.3f, server %.3f)%n"
                + "bytes allocated per packet of 1400 bytes: %.0f (client %.0f, server %.0f)%n"
                + "of them by the threads that move packets: client %.2f, server %.2f; in the second half %.2f, %.2f%n";
    System.out.printf(
        Locale.ROOT,
        format,
        server.bytes(),
        msgLen,
        datagram,
        used.wallNs() / 1e9,
        server.bytes() * 8.0 / used.wallNs(),
        clientCpu + serverCpu,
        clientCpu,
        serverCpu,
        clientAllocated + serverAllocated,
        clientAllocated,
        serverAllocated,
        used.shards() / packets,
        server.shards() / packets,
        2 * later / packets,
        2 * server.later() / packets);
  }
}
