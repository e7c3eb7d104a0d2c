package dev.quic.handshaked.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HandshakeStepperTest {
  /** One end, without a socket: options are constants, messages go into the other's queue. */
  private static final class End {
    final HandshakeStepper stepper;
    final byte[] parameters;
    final ArrayDeque<HandshakeInput.Received> inbox = new ArrayDeque<>();
    final List<HandshakeStep> steps = new ArrayList<>();
    HandshakeStep step;

    End(HandshakeStepper stepper, byte[] parameters) {
      this.stepper = stepper;
      this.parameters = parameters;
      this.step = stepper.step(new HandshakeInput.Proceed());
      steps.add(step);
    }

    /** Goes on until a message is missing or the end is reached. */
    void run(End peer) {
      while (true) {
        HandshakeInput input;
        switch (step) {
          case HandshakeStep.Get get ->
              input =
                  new HandshakeInput.Value(
                      get.option() == HandshakeStep.Option.TRANSPORT_PARAMETERS
                          ? parameters
                          : new byte[0]);
          case HandshakeStep.Send send -> {
            peer.inbox.add(new HandshakeInput.Received(send.level(), send.bytes()));
            input = new HandshakeInput.Proceed();
          }
          case HandshakeStep.Receive ignored -> {
            HandshakeInput.Received next = inbox.poll();
            if (next == null) {
              return;
            }
            input = next;
          }
          case HandshakeStep.Done ignored -> {
            return;
          }
          case HandshakeStep.Failed ignored -> {
            return;
          }
          default -> input = new HandshakeInput.Proceed();
        }
        step = stepper.step(input);
        steps.add(step);
      }
    }
  }

  private static End client(TlsConfig.Client config) {
    return new End(HandshakeStepper.client(config), EnginePair.clientParameters());
  }

  private static End server(TlsConfig.Server config) {
    return new End(HandshakeStepper.server(config), EnginePair.serverParameters());
  }

  private static void run(End client, End server) {
    for (int i = 0; i < 10; i++) {
      client.run(server);
      server.run(client);
    }
  }

  @Test
  void toTheEndWithoutASocket() {
    End client = client(TestCertificates.client());
    End server = server(TestCertificates.serverConfig());
    run(client, server);
    assertThat(client.step).isInstanceOf(HandshakeStep.Done.class);
    assertThat(server.step).isInstanceOf(HandshakeStep.Done.class);
    assertThat(
            server.steps.stream().filter(s -> s instanceof HandshakeStep.Send send && !send.more()))
        .as("the last message of the flight uncorks it")
        .singleElement()
        .matches(s -> s instanceof HandshakeStep.Send send && send.bytes()[0] == 20);
    assertThat(client.stepper.step(new HandshakeInput.Proceed())).isSameAs(client.step);
  }

  @Test
  void failure() {
    End client = client(TestCertificates.client().withPeerName("elsewhere.test"));
    End server = server(TestCertificates.serverConfig());
    run(client, server);
    assertThat(client.step)
        .isInstanceOfSatisfying(
            HandshakeStep.Failed.class,
            failed -> {
              assertThat(failed.alert()).isEqualTo(42);
              assertThat(failed.status()).isEqualTo(13);
            });
    assertThat(client.stepper.step(new HandshakeInput.Proceed())).isSameAs(client.step);
    assertThat(server.step).isInstanceOf(HandshakeStep.Receive.class);
    server.stepper.close();
  }

  @Test
  void wrongAnswers() {
    HandshakeStepper stepper = HandshakeStepper.client(TestCertificates.client());
    assertThatThrownBy(() -> stepper.step(new HandshakeInput.Value(new byte[0])))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(stepper.step(new HandshakeInput.Proceed())).isInstanceOf(HandshakeStep.Get.class);
    assertThatThrownBy(() -> stepper.step(new HandshakeInput.Proceed()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> stepper.step(new HandshakeInput.Received(CryptoLevel.INITIAL, new byte[4])))
        .isInstanceOf(IllegalArgumentException.class);
    stepper.close();
  }
}
