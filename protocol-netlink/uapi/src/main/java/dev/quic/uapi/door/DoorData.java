package dev.quic.uapi.door;

/**
 * The header of a packet on a data descriptor. Reusable; the payload follows it in the same array.
 */
public final class DoorData {
  public int type;

  /** {@link Door#CMSG_NONE}, 0 STREAM_INFO or 1 HANDSHAKE_INFO. */
  public int cmsg = Door.CMSG_NONE;

  public int flags;

  /** Stream id, or the result, cookie or errno of the other types. */
  public long streamId;

  /** Stream flags, or the crypto level. */
  public int streamFlags;

  public int seq;

  public DoorData reset(int newType) {
    type = newType;
    cmsg = Door.CMSG_NONE;
    flags = 0;
    streamId = 0;
    streamFlags = 0;
    seq = 0;
    return this;
  }

  /** Writes the {@link Door#DATA_HEADER} bytes at {@code at}. */
  public void write(byte[] buf, int at) {
    buf[at] = (byte) type;
    buf[at + 1] = (byte) (type >> 8);
    buf[at + 2] = (byte) cmsg;
    buf[at + 3] = (byte) (cmsg >> 8);
    DoorCall.put32(buf, at + 4, flags);
    DoorCall.put32(buf, at + 8, (int) streamId);
    DoorCall.put32(buf, at + 12, (int) (streamId >> 32));
    DoorCall.put32(buf, at + 16, streamFlags);
    DoorCall.put32(buf, at + 20, seq);
  }

  /** Reads the header of a packet of {@code len} bytes; false when it is shorter than that. */
  public boolean read(byte[] buf, int at, int len) {
    if (len < Door.DATA_HEADER) {
      return false;
    }
    type = (buf[at] & 0xff) | ((buf[at + 1] & 0xff) << 8);
    cmsg = (buf[at + 2] & 0xff) | ((buf[at + 3] & 0xff) << 8);
    flags = DoorCall.get32(buf, at + 4);
    streamId =
        (DoorCall.get32(buf, at + 8) & 0xffff_ffffL) | ((long) DoorCall.get32(buf, at + 12) << 32);
    streamFlags = DoorCall.get32(buf, at + 16);
    seq = DoorCall.get32(buf, at + 20);
    return true;
  }
}
