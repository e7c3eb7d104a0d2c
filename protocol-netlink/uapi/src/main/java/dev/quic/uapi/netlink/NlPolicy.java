package dev.quic.uapi.netlink;

import dev.quic.uapi.Errno;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What attributes a command takes: the kernel's {@code struct nla_policy} table, checked in its
 * order and refused with its errnos and words.
 */
public final class NlPolicy {
  static final String LEFTOVER = "bytes leftover after parsing attributes";

  /** Kinds of attributes, with the number and the size in bytes the kernel gives them. */
  enum Kind {
    UNSPEC(0, 0),
    U16(3, 2),
    U32(4, 4),
    S32(8, 4),
    NUL_STRING(12, 0),
    BINARY(11, 0);

    final int number;
    final int size;

    Kind(int number, int size) {
      this.number = number;
      this.size = size;
    }
  }

  /**
   * What one attribute has to be.
   *
   * @param max the largest value, or the most bytes of a string without its zero
   */
  public record Rule(Kind kind, long min, long max) {
    static final Rule NONE = new Rule(Kind.UNSPEC, 0, 0);
    static final Rule U16 = new Rule(Kind.U16, 0, 0xffff);
    static final Rule U32 = new Rule(Kind.U32, 0, 0xffff_ffffL);
    static final Rule S32 = new Rule(Kind.S32, Integer.MIN_VALUE, Integer.MAX_VALUE);

    static Rule u32(long max) {
      return new Rule(Kind.U32, 0, max);
    }

    static Rule bytes(int length) {
      return new Rule(Kind.BINARY, length, length);
    }

    static Rule name(int max) {
      return new Rule(Kind.NUL_STRING, 0, max);
    }

    /** Writes the rule as the kernel describes it, in extended acks and policy dumps. */
    void describe(NlWriter w) {
      switch (kind) {
        case NUL_STRING, BINARY -> w.attrU32(Nl.NL_POLICY_TYPE_ATTR_MAX_LENGTH, (int) max);
        case S32 -> {
          w.attrU64(Nl.NL_POLICY_TYPE_ATTR_MIN_VALUE_S, min);
          w.attrU64(Nl.NL_POLICY_TYPE_ATTR_MAX_VALUE_S, max);
        }
        case U16, U32 -> {
          w.attrU64(Nl.NL_POLICY_TYPE_ATTR_MIN_VALUE_U, min);
          w.attrU64(Nl.NL_POLICY_TYPE_ATTR_MAX_VALUE_U, max);
        }
        case UNSPEC -> {}
      }
      w.attrU32(Nl.NL_POLICY_TYPE_ATTR_TYPE, kind.number);
    }
  }

  private final boolean strict;
  private final Rule[] rules;

  /** Of attributes the kernel has not; policy dumps do not show them. */
  private final Map<Integer, Rule> own;

  /**
   * @param strict refuse what a newer sender might mean; the kernel is liberal only where old
   *     programs need it
   * @param rules by type, from 0
   */
  NlPolicy(boolean strict, Rule... rules) {
    this(strict, Map.of(), rules);
  }

  /**
   * @param own rules of attributes that are not the kernel's, by type
   */
  NlPolicy(boolean strict, Map<Integer, Rule> own, Rule... rules) {
    this.strict = strict;
    this.own = Map.copyOf(own);
    this.rules = rules.clone();
  }

  int size() {
    return rules.length;
  }

  Rule rule(int type) {
    return rules[type];
  }

  /** Null when all is well. */
  @Nullable NlFault check(Attributes attributes) {
    for (Attributes.Attr a : attributes.all()) {
      NlFault f = check(a);
      if (f != null) {
        return f;
      }
    }
    return strict && !attributes.wellFormed() ? NlFault.of(Errno.EINVAL, LEFTOVER) : null;
  }

  private @Nullable NlFault check(Attributes.Attr a) {
    Rule special = own.get(a.type());
    if (special == null && (a.type() == 0 || a.type() >= rules.length)) {
      return strict ? NlFault.at(Errno.EINVAL, "Unknown attribute type", a, null) : null;
    }
    Rule r = special == null ? rules[a.type()] : special;
    if (r.kind == Kind.UNSPEC) {
      return strict ? NlFault.at(Errno.EINVAL, "Unsupported attribute", a, null) : null;
    }
    if (strict && r.kind.size != 0 && a.len() != r.kind.size) {
      return NlFault.at(Errno.EINVAL, "invalid attribute length", a, r);
    }
    if (strict && a.nested()) {
      return NlFault.at(Errno.EINVAL, "NLA_F_NESTED not expected", a, r);
    }
    if (r.kind == Kind.NUL_STRING) {
      return string(a, r);
    }
    if (r.kind == Kind.BINARY) {
      return a.len() < r.min || a.len() > r.max ? failed(Errno.ERANGE, a, r) : null;
    }
    if (a.len() < r.kind.size) {
      return failed(Errno.ERANGE, a, r);
    }
    long v = value(a, r.kind);
    return v < r.min || v > r.max ? NlFault.at(Errno.ERANGE, "integer out of range", a, r) : null;
  }

  private static long value(Attributes.Attr a, Kind kind) {
    return switch (kind) {
      case U16 -> NlMessage.get16(a.from(), a.off());
      case S32 -> a.u32();
      default -> a.u32() & 0xffff_ffffL;
    };
  }

  private static @Nullable NlFault string(Attributes.Attr a, Rule r) {
    int end = a.terminator();
    if (end < 0 || end > r.max) {
      return failed(Errno.EINVAL, a, r);
    }
    // One zero at the very end does not count, others do.
    boolean closed = a.from()[a.off() + a.len() - 1] == 0;
    return a.len() - (closed ? 1 : 0) > r.max ? failed(Errno.ERANGE, a, r) : null;
  }

  private static NlFault failed(int errno, Attributes.Attr a, Rule r) {
    return NlFault.at(errno, "Attribute failed policy validation", a, r);
  }
}
