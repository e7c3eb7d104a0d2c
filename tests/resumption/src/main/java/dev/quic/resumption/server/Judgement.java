package dev.quic.resumption.server;

import dev.quic.handshaked.tls.TlsAlert;
import dev.quic.resumption.CaseResult;
import dev.quic.resumption.Verdict;
import dev.quic.resumption.wire.Sight;
import dev.quic.resumption.wire.TlsMessage;
import dev.quic.resumption.wire.WireConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is thought of a client's connection. */
final class Judgement {
  /** A client's clock is no worse (RFC 8446 section 8.3); milliseconds. */
  private static final long AGE_ERROR = 10_000;

  private final Step step;
  private final WireConnection connection;
  private final Sight sight;
  private final long begun;
  private final int early;
  private final int late;
  private final List<String> words = new ArrayList<>();
  private Verdict verdict = Verdict.OK;

  /**
   * @param begun when the connection began, wall clock
   * @param early requests that came in 0-RTT
   * @param late requests that came in 1-RTT
   */
  Judgement(Step step, WireConnection connection, long begun, int early, int late) {
    this.step = step;
    this.connection = connection;
    this.sight = connection.sight();
    this.begun = begun;
    this.early = early;
    this.late = late;
  }

  CaseResult result(String name, IssuedTickets issued) {
    describe();
    if (!sight.complete()) {
      worse(Verdict.FAILED, "the handshake was not completed" + reason());
    } else if (!sight.sessionOffered()) {
      worse(Verdict.NOT_RUN, "");
    } else {
      session(issued);
      early();
    }
    String expected =
        sight.sessionOffered() || sight.clientHello() == null
            ? step.expected()
            : "a full handshake";
    if (expected.equals("a full handshake") && verdict == Verdict.NOT_RUN && step == Step.ACCEPT) {
      verdict = Verdict.OK;
    }
    return new CaseResult(name, expected, String.join(", ", words), verdict);
  }

  private void describe() {
    words.add(
        sight.sessionOffered()
            ? sight.keySelected() ? "pre_shared_key" : "session offered and not taken"
            : "no session offered");
    if (sight.earlyOffered()) {
      words.add(sight.earlyAccepted() ? "early_data" : "early data offered and not taken");
      words.add("0-RTT " + sight.earlyRead() + " read, " + sight.earlyUnread() + " not");
    }
    words.add(early + " early, " + late + " late requests");
  }

  private String reason() {
    Sight.Close close = sight.close();
    String failure = connection.failure();
    if (failure != null) {
      return ": " + failure;
    }
    if (close == null || !close.byPeer()) {
      return "";
    }
    return close.alert() >= 0
        ? ": closed with " + TlsAlert.name(close.alert())
        : ": closed with error 0x" + Long.toHexString(close.error());
  }

  /** RFC 8446 section 4.6.1 and appendix C.4. */
  private void session(IssuedTickets issued) {
    TlsMessage.ClientHello hello = sight.clientHello();
    TlsMessage.Identity identity = hello == null ? null : hello.identities().getFirst();
    IssuedTickets.Issued ticket = identity == null ? null : issued.find(identity.ticket());
    if (hello == null || identity == null || ticket == null) {
      worse(Verdict.WARNING, "not a ticket of this run");
      return;
    }
    long age = begun - ticket.millis;
    if (age > ticket.ticket.lifetime() * 1_000 + AGE_ERROR) {
      worse(Verdict.FAILED, "the ticket's lifetime was over");
    }
    long told = (identity.age() - ticket.ticket.ageAdd()) & 0xffff_ffffL;
    if (Math.abs(told - age) > AGE_ERROR) {
      worse(Verdict.WARNING, "the ticket's age is told wrong by " + (told - age) + " ms");
    }
    if (!ticket.offer()) {
      worse(Verdict.WARNING, "the ticket was offered before");
    }
    if (!Objects.equals(ticket.serverName, hello.serverName())) {
      worse(Verdict.WARNING, "the session was another name's");
    }
    if (hello.earlyData()) {
      earlyOffer(ticket, hello);
    }
  }

  // RFC 8446 section 4.2.10.
  private void earlyOffer(IssuedTickets.Issued ticket, TlsMessage.ClientHello hello) {
    if (!ticket.ticket.earlyData()) {
      worse(Verdict.FAILED, "early data under a ticket that does not allow it");
    }
    @Nullable String alpn = ticket.alpn;
    if (alpn != null && !hello.alpn().contains(alpn)) {
      worse(Verdict.FAILED, "early data under another protocol");
    }
  }

  private void early() {
    if (!sight.earlyOffered()) {
      if (step.refusesEarly()) {
        worse(Verdict.NOT_RUN, "no early data offered");
      }
      return;
    }
    boolean sent = sight.earlyRead() + sight.earlyUnread() > 0;
    if (sight.earlyAccepted()) {
      if (step.refusesEarly()) {
        worse(Verdict.FAILED, "taken although it should not have been");
      } else if (sent && early == 0) {
        worse(Verdict.WARNING, "no whole request came early");
      }
    } else if (sent && late == 0) {
      // RFC 9001 section 4.6.2 has the streams begin anew; whether they do is the application's.
      worse(Verdict.WARNING, "what was refused did not come again");
    } else if (!sent) {
      worse(Verdict.WARNING, "early data offered, none sent");
    }
  }

  private void worse(Verdict to, String why) {
    if (!why.isEmpty()) {
      words.add(why);
    }
    verdict = verdict.and(to);
  }
}
