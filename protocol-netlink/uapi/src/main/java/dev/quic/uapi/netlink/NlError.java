package dev.quic.uapi.netlink;

import dev.quic.uapi.Errno;
import org.jspecify.annotations.Nullable;

/**
 * NLMSG_ERROR as received: an acknowledgement, or why a request was refused.
 *
 * @param errno positive, 0 for an acknowledgement
 * @param text the extended acknowledgement's words, empty without
 * @param offset where the bad attribute starts in the request, -1 for none
 * @param missing type of an attribute that should be there, -1 for none
 */
public record NlError(int errno, String text, int offset, int missing) {
  private static final int REQUEST = Nl.NLMSG_HDRLEN + 4;

  /** Null when the message is none, or cut off. */
  public static @Nullable NlError decode(NlMessage m) {
    if (m.type() != Nl.NLMSG_ERROR || m.payloadLength() < 4) {
      return null;
    }
    int errno = -m.payloadInt(0);
    if ((m.flags() & Nl.NLM_F_ACK_TLVS) == 0 || m.bytes().length < REQUEST + Nl.NLMSG_HDRLEN) {
      return new NlError(errno, "", -1, -1);
    }
    boolean capped = (m.flags() & Nl.NLM_F_CAPPED) != 0;
    int echoed = capped ? Nl.NLMSG_HDRLEN : NlMessage.get32(m.bytes(), REQUEST);
    if (echoed < Nl.NLMSG_HDRLEN || echoed > m.bytes().length - REQUEST) {
      return new NlError(errno, "", -1, -1);
    }
    int from = Math.min(REQUEST + Nl.align(echoed), m.bytes().length);
    Attributes a = Attributes.parse(m.bytes(), from, m.bytes().length);
    String text = a.string(Nl.NLMSGERR_ATTR_MSG);
    return new NlError(
        errno,
        text == null ? "" : text,
        a.u32(Nl.NLMSGERR_ATTR_OFFS, -1),
        a.u32(Nl.NLMSGERR_ATTR_MISS_TYPE, -1));
  }

  /** The errno's name and what else is known, in one line. */
  @Override
  public String toString() {
    return Errno.name(errno)
        + (text.isEmpty() ? "" : ": " + text)
        + (offset < 0 ? "" : " at " + offset)
        + (missing < 0 ? "" : ": attribute " + missing + " is missing");
  }
}
