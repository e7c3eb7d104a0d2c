package dev.quic.dataplane.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventTeeTest {
  private final List<String> heard = new ArrayList<>();

  private EventSink listener(String name) {
    Class<?>[] types = {EventSink.class};
    return (EventSink)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            types,
            (proxy, method, args) -> {
              heard.add(name + " " + method.getName() + " " + List.of(args));
              return null;
            });
  }

  private static Object argument(Class<?> type, int i) {
    if (type == boolean.class) {
      return i % 2 == 0;
    }
    return type == int.class ? (Object) (100 + i) : (Object) (1_000L + i);
  }

  @Test
  void detailsAreToldWhenEitherWantsThem() {
    EventSink wants =
        new EventSink() {
          @Override
          public boolean detailed() {
            return true;
          }
        };
    assertThat(new EventTee(EventSink.NONE, EventSink.NONE).detailed()).isFalse();
    assertThat(new EventTee(wants, EventSink.NONE).detailed()).isTrue();
    assertThat(new EventTee(EventSink.NONE, wants).detailed()).isTrue();
  }

  @Test
  void everyEventIsHeardTwiceWithItsArguments() throws Exception {
    EventTee tee = new EventTee(listener("a"), listener("b"));
    for (Method m : EventSink.class.getDeclaredMethods()) {
      if (!m.isDefault() || m.getReturnType() != void.class) {
        continue;
      }
      heard.clear();
      Class<?>[] types = m.getParameterTypes();
      Object[] args = new Object[types.length];
      for (int i = 0; i < types.length; i++) {
        args[i] = argument(types[i], i);
      }
      m.invoke(tee, args);
      String call = m.getName() + " " + List.of(args);
      assertThat(heard).containsExactly("a " + call, "b " + call);
    }
  }
}
