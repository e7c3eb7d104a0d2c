package dev.quic.resumption.client;

import dev.quic.handshaked.tls.TlsAlert;
import dev.quic.resumption.wire.Sight;
import java.util.ArrayList;
import java.util.List;

/** Says in one line what was seen. */
final class Words {
  private Words() {}

  static String of(Attempt.Result result) {
    Sight s = result.sight();
    if (!result.heard() && result.failure() == null) {
      return "nothing came back";
    }
    List<String> words = new ArrayList<>();
    if (s.retried()) {
      words.add("Retry");
    }
    if (s.helloRetry()) {
      words.add("HelloRetryRequest");
    }
    if (s.serverHello() != null) {
      words.add(s.keySelected() ? "pre_shared_key" : "no pre_shared_key");
    }
    if (s.encryptedExtensions() != null) {
      words.add(s.certificate() ? "Certificate" : "no Certificate");
      if (s.earlyOffered()) {
        words.add(s.earlyAccepted() ? "early_data" : "no early_data");
      }
    }
    if (s.earlySent() > 0) {
      words.add("0-RTT " + s.earlyAcked() + "/" + s.earlySent() + " acknowledged");
    }
    if (s.complete()) {
      words.add(result.answered() ? s.reset() ? "stream reset" : "answer" : "no answer");
      words.add(s.tickets().isEmpty() ? "no ticket" : "ticket");
    }
    String refusal = refusal(result);
    if (!refusal.isEmpty()) {
      words.add(refusal);
    }
    return String.join(", ", words);
  }

  private static String refusal(Attempt.Result result) {
    Sight.Close close = result.sight().close();
    String failure = result.failure();
    if (failure != null) {
      return "refused by the probe: " + failure;
    }
    if (close != null && close.byPeer()) {
      return closed(close);
    }
    return result.sight().complete() ? "" : "the handshake did not finish in time";
  }

  static String closed(Sight.Close close) {
    String what =
        close.alert() >= 0
            ? TlsAlert.name(close.alert())
            : (close.application() ? "application error " : "error 0x")
                + Long.toHexString(close.error());
    return "closed: " + what + (close.reason().isEmpty() ? "" : " (" + close.reason() + ")");
  }
}
