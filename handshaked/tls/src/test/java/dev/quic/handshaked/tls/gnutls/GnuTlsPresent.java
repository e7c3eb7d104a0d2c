package dev.quic.handshaked.tls.gnutls;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Tests with GnuTLS need its library, and say so where it is missing. */
final class GnuTlsPresent implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(GnuTls.LIBRARY, arena);
      return ConditionEvaluationResult.enabled(GnuTls.LIBRARY + " is there");
    } catch (IllegalArgumentException e) {
      String reason = GnuTls.LIBRARY + " is missing: " + GnuTls.INSTALL;
      System.out.println(context.getDisplayName() + " not run, " + reason);
      return ConditionEvaluationResult.disabled(reason);
    }
  }
}
