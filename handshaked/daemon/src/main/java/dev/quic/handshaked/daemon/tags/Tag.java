package dev.quic.handshaked.daemon.tags;

import java.security.cert.X509Certificate;
import java.util.List;

/** A name and what a certificate must have for it. Immutable; any thread. */
record Tag(String name, List<Condition> conditions) {
  /** One filter of a tag. */
  record Condition(Filter filter, boolean negated) {}

  Tag {
    conditions = List.copyOf(conditions);
  }

  boolean applies(X509Certificate certificate) {
    for (Condition condition : conditions) {
      if (condition.filter.matches(certificate) == condition.negated) {
        return false;
      }
    }
    return true;
  }
}
