package dev.quic.uapi.netlink;

import org.jspecify.annotations.Nullable;

/**
 * Why a request is refused, with all an extended acknowledgement can say.
 *
 * @param errno positive
 * @param text the kernel's words, empty where it has none
 * @param offset where the bad attribute starts in the request, -1 for none
 * @param rule what the attribute should have been, null for none
 * @param missing type of the attribute that is not there, -1 for none
 */
public record NlFault(
    int errno, String text, int offset, NlPolicy.@Nullable Rule rule, int missing) {
  /** An errno and words. */
  public static NlFault of(int errno, String text) {
    return new NlFault(errno, text, -1, null, -1);
  }

  /** An attribute that has to be there and is not. */
  static NlFault missing(int errno, int type, String text) {
    return new NlFault(errno, text, -1, null, type);
  }

  static NlFault at(int errno, String text, Attributes.Attr a, NlPolicy.@Nullable Rule rule) {
    return new NlFault(errno, text, a.off() - Nl.NLA_HDRLEN, rule, -1);
  }

  /** Whether an extended acknowledgement has anything to add to the errno. */
  boolean saysMore() {
    return !text.isEmpty() || offset >= 0 || rule != null || missing >= 0;
  }
}
